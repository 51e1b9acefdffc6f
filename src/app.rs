//! What every request may need, built once at the start.

use std::sync::Arc;

use crate::accounts::{Accounts, Keys};
use crate::attempts::Attempts;
use crate::bank::{self, Bank};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::exercises::Exercises;
use crate::practice::Practice;
use crate::submissions::Submissions;
use crate::web::health::Health;
use crate::web::limits::Limits;
use crate::web::templates::Templates;
use crate::worker::Status;

/// The running service.
pub struct App {
    /// As set by the operator.
    pub config: Config,
    /// Where everything is kept.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// Who someone is.
    pub accounts: Accounts,
    /// Topics, lessons, questions, prompts and sets.
    pub bank: Bank,
    /// Taking sets.
    pub attempts: Attempts,
    /// Answers outside sets.
    pub practice: Practice,
    /// What can be handed in.
    pub exercises: Exercises,
    /// What was handed in.
    pub submissions: Submissions,
    /// Whether this process can grade.
    pub grading: Status,
    /// How much a caller may ask for.
    pub limits: Limits,
    /// How a page looks.
    pub templates: Templates,
}

/// Why the service did not start; read after "failed to start: ".
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

impl App {
    /// What tells whether this process is well.
    #[must_use]
    pub fn health(&self) -> Health {
        Health { db: self.db.clone(), grading: self.grading.clone(), submissions: self.submissions.clone() }
    }

    /// Opens the database, brings it up to date, and reads everything that is served.
    ///
    /// # Errors
    /// When any part can't be had; the message says which.
    pub fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| format!("the data directory {}: {error}", config.data_dir.display()))?;
        let db = Db::connect(&config.database_url)?;
        db.migrate()?;
        let keys = Keys::load_or_make(&config.data_dir.join("keys"), &config.public_url)?;
        let accounts = Accounts::new(db.clone(), clock.clone(), Arc::new(keys))?;
        let (bank, mistakes) = bank::load(&config.questions);
        for mistake in mistakes {
            tracing::warn!("left out of the bank: {mistake}");
        }
        let attempts = Attempts::new(db.clone(), clock.clone(), bank.clone());
        let practice = Practice::new(db.clone(), clock.clone(), bank.clone());
        let exercises = Exercises::read(&config.graders);
        if config.workers == 0 {
            exercises.leave_to_others();
        }
        let submissions = Submissions::new(db.clone(), clock.clone(), bank.clone(), exercises.clone());
        let limits = Limits::new(config.rate_limits);
        let templates = Templates::embedded()?;
        Ok(Self {
            config,
            db,
            clock,
            accounts,
            bank,
            attempts,
            practice,
            exercises,
            submissions,
            grading: Status::default(),
            limits,
            templates,
        })
    }
}
