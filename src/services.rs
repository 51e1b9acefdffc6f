//! The services of the features, opened once: what the command line, the workers and the web need alike.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use crate::accounts::{Accounts, Keys};
use crate::attempts::Attempts;
use crate::audit::Audit;
use crate::bank::{self, Bank};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::exercises::Exercises;
use crate::jobs::LeasePolicy;
use crate::material::Material;
use crate::outbox::Outbox;
use crate::practice::Practice;
use crate::record::Records;
use crate::sets::Sets;
use crate::submissions::Submissions;
use crate::teams::Teams;

/// Every feature, over one database and one clock. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database that all features share.
    pub db: Db,
    /// The clock that all features ask.
    pub clock: Clock,
    /// People's accounts, sessions and tokens.
    pub accounts: Accounts,
    /// Topics, lessons, questions, prompts and sets.
    pub bank: Bank,
    /// What was done in teams.
    pub audit: Audit,
    /// Hiring teams and their members.
    pub teams: Teams,
    /// Questions and prompts of teams.
    pub material: Material,
    /// Sets that teams make.
    pub sets: Sets,
    /// Attempts of candidates at sets.
    pub attempts: Attempts,
    /// Answers to questions and prompts outside sets.
    pub practice: Practice,
    /// Exercises, and whether they can be graded here and now.
    pub exercises: Exercises,
    /// Submissions to exercises, and the queue of their gradings.
    pub submissions: Submissions,
    /// Messages for other systems.
    pub outbox: Outbox,
    /// What a person has reached, over all features.
    pub records: Records,
}

/// Who may use the data directory: its owner.
const PRIVATE: u32 = 0o700;
/// Names of what quorate keeps. A folder that holds one of them is taken for a data directory, whatever else is in it.
const KEPT_HERE: [&str; 4] = ["keys", "prepared", "quorate.db", "worker-id"];
/// The bits of everybody else.
const OTHERS: u32 = 0o077;

/// Why the service did not start; read after "failed to start: ".
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

impl Services {
    /// Opens the database, brings its schema up to date, and reads the bank and the exercise packages.
    ///
    /// # Errors
    /// A message that names what can't be used: the data directory, the database, its migrations or the signing keys.
    pub fn open(config: &Config, clock: Clock) -> Result<Self, StartError> {
        private_folder(&config.data_dir)
            .map_err(|error| format!("the data directory {}: {error}", config.data_dir.display()))?;
        let db = Db::connect(&config.database_url)?;
        db.migrate()?;
        let keys = Keys::load_or_make(&config.data_dir.join("keys"), &config.issuer)?;
        let (bank, mistakes) = bank::load(&config.questions);
        for mistake in mistakes {
            tracing::warn!("left out of the bank: {mistake}");
        }
        let exercises = Exercises::read(&config.graders);
        let accounts = Accounts::new(db.clone(), clock.clone(), Arc::new(keys))?;
        let attempts = Attempts::new(db.clone(), clock.clone(), bank.clone());
        let practice = Practice::new(db.clone(), clock.clone(), bank.clone());
        let submissions = Submissions::new(db.clone(), clock.clone(), attempts.clone(), exercises.clone());
        let records =
            Records::new(bank.clone(), accounts.clone(), attempts.clone(), practice.clone(), submissions.clone());
        let outbox = Outbox::new(db.clone(), clock.clone(), LeasePolicy::default());
        let teams = Teams::new(db.clone(), clock.clone(), bank.clone());
        let sets = Sets::new(db.clone(), clock.clone(), bank.clone(), exercises.clone());
        let material = Material::new(db.clone(), clock.clone(), bank.clone());
        let audit = Audit::new(db.clone());
        Ok(Self {
            db,
            clock,
            accounts,
            bank,
            audit,
            teams,
            material,
            sets,
            attempts,
            practice,
            exercises,
            submissions,
            outbox,
            records,
        })
    }
}

/// Makes the data directory for its owner alone: what lies in it, hidden tests included, is nobody else's to read. One of ours
/// that others can enter is closed; a folder that holds other people's things is not ours to close.
fn private_folder(folder: &Path) -> Result<(), StartError> {
    DirBuilder::new().recursive(true).mode(PRIVATE).create(folder)?;
    if fs::metadata(folder)?.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    let is_ours = KEPT_HERE.iter().any(|name| folder.join(name).exists()) || fs::read_dir(folder)?.next().is_none();
    if !is_ours {
        return Err(
            "others can look into it, and it holds what isn't ours: run chmod 700 on it, or name a new folder".into()
        );
    }
    Ok(fs::set_permissions(folder, Permissions::from_mode(PRIVATE))?)
}
