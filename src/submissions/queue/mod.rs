//! Who is graded next, and by whom: a lease in the database.
//!
//! ```text
//! queued ──claim──▶ running ──finish──▶ finished
//!    ▲                 │
//!    └── hand back, ───┘   a lease that ran out, a grader of ours that failed, a worker that was told to stop
//! ```
//!
//! - A worker claims a submission for a while ([`Rules::lease`]) and says again and again that it is alive. Whatever it
//!   writes, it writes only while the lease is its own: of two workers that grade the same submission, one is heard.
//! - No transaction is open while something is graded.
//! - A worker that dies is noticed by the lease that runs out. After [`Rules::tries`] such ends the submission is an
//!   `internal_error`, which costs its candidate nothing.
//! - Everybody takes turns: see `store::next_turn`.
//!
//! Workers compare each other's clocks, so machines must agree on the time to a few seconds.

mod bell;
mod store;

use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::id::{LeaseId, SubmissionId, UserId};

pub use bell::Bell;
pub(super) use store::{next_turn, place};

use super::events::{self, Progress};
use super::{Files, Mode, Report, Verdict};

/// How patient the queue is.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How long a worker may be silent.
    pub lease: Duration,
    /// Gradings begun before a submission is given up.
    pub tries: i32,
    /// Wait after a grading that failed on our side; doubled each time.
    pub again_after: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self { lease: Duration::from_secs(20), tries: 3, again_after: Duration::from_secs(1) }
    }
}

/// The right to write the result of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Of which submission.
    pub submission: SubmissionId,
    token: LeaseId,
}

/// A submission to be graded.
#[derive(Debug, Clone)]
pub struct Job {
    /// The right to write its result.
    pub lease: Lease,
    /// Who handed it in.
    pub user: UserId,
    /// The exercise's slug.
    pub exercise: String,
    /// Which tests are wanted.
    pub mode: Mode,
    /// Gradings begun, this one included.
    pub tries: i32,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    /// The files.
    pub files: Files,
}

/// The outcome of a grading.
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// The verdict.
    pub verdict: Verdict,
    /// Points earned.
    pub score: u32,
    /// Points to be had.
    pub max_score: u32,
    /// All else.
    pub report: Report,
}

impl Graded {
    /// What is written when we could not do it.
    fn given_up(tries: i32) -> Self {
        let reason = format!("grading failed on our side {tries} times: this does not count, please hand it in again");
        let report = Report { reason: Some(reason), ..Report::default() };
        Self { verdict: Verdict::InternalError, score: 0, max_score: 0, report }
    }
}

/// What became of a submission whose grading ended without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It waits again.
    Waits,
    /// It was tried often enough: it is an `internal_error` now.
    GivenUp,
    /// The lease was not the worker's any more.
    Lost,
}

/// What waits and what runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Submissions that wait.
    pub queued: i64,
    /// Submissions that are graded.
    pub running: i64,
    /// How long the oldest of those that wait has waited.
    pub oldest: Duration,
}

impl Load {
    /// Gives it to the metrics.
    pub fn count(&self) {
        let number = |count: i64| f64::from(i32::try_from(count).unwrap_or(i32::MAX));
        metrics::gauge!("quorate_queue_submissions", "state" => "queued").set(number(self.queued));
        metrics::gauge!("quorate_queue_submissions", "state" => "running").set(number(self.running));
        metrics::gauge!("quorate_queue_oldest_seconds").set(self.oldest.as_secs_f64());
    }
}

/// The workers' side of submissions. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    db: Db,
    clock: Clock,
    bell: Bell,
    rules: Rules,
}

impl Queue {
    /// Over a database, ringing `bell` for those who wait in this process.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, bell: Bell, rules: Rules) -> Self {
        Self { db, clock, bell, rules }
    }

    /// How patient it is.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Waits until somebody in this process hands something in.
    pub async fn work(&self) {
        self.bell.work().await;
    }

    /// Takes the submission whose turn it is, among those of `exercises`.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn claim(&self, worker: &str, exercises: &[String]) -> Result<Option<Job>> {
        let now = self.clock.now();
        let wanted = store::Wanted {
            token: LeaseId::new(),
            worker: worker.to_owned(),
            exercises: serde_json::to_string(exercises).unwrap_or_default(),
            now,
            until: now + self.rules.lease,
        };
        let job = self.db.read(move |c| store::claim(c, &wanted)).await?;
        if let Some(job) = &job {
            self.bell.ring(job.lease.submission);
        }
        Ok(job)
    }

    /// Says that the worker is alive; `false` when the lease is not its own any more.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn heartbeat(&self, lease: Lease) -> Result<bool> {
        let until = self.clock.now() + self.rules.lease;
        Ok(self.db.read(move |c| store::prolong(c, lease, until)).await?)
    }

    /// Tells what happens while it is graded; `false` when the lease is not the worker's own any more.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn tell(&self, lease: Lease, progress: Vec<Progress>) -> Result<bool> {
        let told = self
            .db
            .write(move |c| {
                let own = store::holds(c, lease)?;
                if own {
                    events::store::add(c, lease.submission, progress.iter().map(Progress::event))?;
                }
                Ok::<_, crate::db::Error>(own)
            })
            .await?;
        self.bell.ring(lease.submission);
        Ok(told)
    }

    /// Writes the result; `false`, and nothing is written, when the lease is not the worker's own any more.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn finish(&self, lease: Lease, graded: Graded, progress: Vec<Progress>) -> Result<bool> {
        let now = self.clock.now();
        let done = self
            .db
            .write(move |c| {
                let own = store::holds(c, lease)?;
                if own {
                    events::store::add(c, lease.submission, progress.iter().map(Progress::event))?;
                    store::finish(c, lease, &graded, now)?;
                }
                Ok::<_, crate::db::Error>(own)
            })
            .await?;
        self.bell.ring(lease.submission);
        Ok(done)
    }

    /// Ends a grading that failed on our side: it is tried again, later and later, and then given up.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn fail(&self, lease: Lease) -> Result<Ended> {
        let (now, rules) = (self.clock.now(), self.rules);
        let ended = self.db.write(move |c| store::fail(c, lease, now, rules)).await?;
        self.bell.ring(lease.submission);
        Ok(ended)
    }

    /// Gives a submission back ungraded, as a worker that is told to stop does: it counts as not tried.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn hand_back(&self, lease: Lease) -> Result<bool> {
        let now = self.clock.now();
        let given = self.db.read(move |c| store::hand_back(c, lease, now)).await?;
        self.bell.ring(lease.submission);
        Ok(given)
    }

    /// Ends the leases that ran out; what became of each.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn reap(&self) -> Result<Vec<(SubmissionId, Ended)>> {
        let (now, rules) = (self.clock.now(), self.rules);
        let reaped = self.db.write(move |c| store::reap(c, now, rules)).await?;
        for (submission, _) in &reaped {
            self.bell.ring(*submission);
        }
        if !reaped.is_empty() {
            self.bell.call();
        }
        Ok(reaped)
    }

    /// What waits and what runs.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn load(&self) -> Result<Load> {
        let now = self.clock.now();
        self.db.read(move |c| store::load(c, now)).await.map_err(Error::from)
    }
}
