//! Handing in, and looking at what was handed in: what the REST handlers and the pages share.

use std::time::Duration;

use tokio::time::Instant;

use super::events::{Follow, store as events};
use super::queue::{self, Bell, Queue};
use super::{Best, EventKind, Files, Filter, HandedIn, Mode, Submission, Summary, store};
use crate::attempts;
use crate::bank::Bank;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Refusal, Result};
use crate::exercises::Exercises;
use crate::id::{SubmissionId, UserId};
use crate::telemetry;

/// Everything about submissions but grading them. Cheap to clone.
#[derive(Clone)]
pub struct Submissions {
    db: Db,
    clock: Clock,
    bank: Bank,
    exercises: Exercises,
    bell: Bell,
}

impl Submissions {
    /// Over a database, for some exercises.
    #[must_use]
    pub fn new(db: Db, clock: Clock, bank: Bank, exercises: Exercises) -> Self {
        Self { db, clock, bank, exercises, bell: Bell::default() }
    }

    /// The workers' side, which wakes those who wait here.
    #[must_use]
    pub fn queue(&self, rules: queue::Rules) -> Queue {
        Queue::new(self.db.clone(), self.clock.clone(), self.bell.clone(), rules)
    }

    /// What waits and what runs.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn load(&self) -> Result<queue::Load> {
        self.queue(queue::Rules::default()).load().await
    }

    /// Ends what follows submissions here, since this server stops: clients go on elsewhere or later.
    pub fn close(&self) {
        self.bell.close();
    }

    /// Takes in a submission: with it stored, it is queued.
    ///
    /// # Errors
    /// When the exercise takes none now, or does not belong to the attempt that is named.
    pub async fn hand_in(&self, handed_in: HandedIn) -> Result<Submission> {
        self.exercises.check_open(&handed_in.exercise)?;
        let (id, user, now, bank) = (SubmissionId::new(), handed_in.user, self.clock.now(), self.bank.clone());
        let traceparent = telemetry::traceparent();
        self.db
            .write(move |c| {
                if let Some(answers) = handed_in.answers {
                    let (attempt, position) = (answers.attempt, answers.position);
                    attempts::check_exercise(c, &bank, user, attempt, position, &handed_in.exercise, now)?;
                    if handed_in.mode == Mode::Graded {
                        attempts::store::exercise_handed_in(c, attempt, position)?;
                    }
                }
                store::insert(c, id, &handed_in, traceparent.as_deref(), now)?;
                let place = queue::place(c, id)?;
                let queued = (EventKind::Queued, serde_json::json!({ "queue_position": place }));
                events::add(c, id, [queued]).map_err(Error::from)
            })
            .await?;
        self.bell.call();
        self.find(user, id).await
    }

    /// A person's submission.
    ///
    /// # Errors
    /// When the person has none of this id.
    pub async fn find(&self, user: UserId, id: SubmissionId) -> Result<Submission> {
        let found = self.db.read(move |c| store::find(c, id, user)).await?;
        found.ok_or_else(|| none().into())
    }

    /// A person's submission once it is finished, or after `patience` as it is then.
    ///
    /// # Errors
    /// As [`Submissions::find`].
    pub async fn wait(&self, user: UserId, id: SubmissionId, patience: Duration) -> Result<Submission> {
        let deadline = Instant::now() + patience;
        // Watched before it is read, so that nothing falls between.
        let mut watch = self.bell.watch(id);
        loop {
            let submission = self.find(user, id).await?;
            if submission.is_finished() || Instant::now() >= deadline || self.bell.is_closed() {
                return Ok(submission);
            }
            watch.news(deadline).await;
        }
    }

    /// The files of a person's submission.
    ///
    /// # Errors
    /// As [`Submissions::find`].
    pub async fn files(&self, user: UserId, id: SubmissionId) -> Result<Files> {
        let files = self.db.read(move |c| store::files(c, id, user)).await?;
        files.ok_or_else(|| none().into())
    }

    /// A person's submissions, the newest first: at most `rows` of those that are older than `before` (an id).
    ///
    /// # Errors
    /// Only the database's.
    pub async fn list(&self, user: UserId, filter: Filter, before: Option<String>, rows: i64) -> Result<Vec<Summary>> {
        self.db.read(move |c| store::list(c, user, &filter, before.as_deref(), rows)).await.map_err(Error::from)
    }

    /// The best of a person at each exercise, by slug.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn best(&self, user: UserId) -> Result<Vec<Best>> {
        self.db.read(move |c| store::best(c, user)).await.map_err(Error::from)
    }

    /// Follows a person's submission, from after the event numbered `after`.
    ///
    /// # Errors
    /// As [`Submissions::find`].
    pub async fn follow(&self, user: UserId, id: SubmissionId, after: i32) -> Result<Follow> {
        self.find(user, id).await?;
        Ok(Follow::new(self.db.clone(), self.bell.clone(), id, after))
    }
}

fn none() -> Refusal {
    Refusal::not_found("submission")
}
