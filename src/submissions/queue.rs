//! The workers' side of submissions: claim, heartbeat, progress, result. The lease is a job's (see [`crate::jobs`]).

use crate::attempts::{AttemptItem, Attempts};
use crate::clock::{Clock, Timestamp};
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};
use crate::id::{LeaseId, SubmissionId};
use crate::jobs::store as jobs;
use crate::jobs::{ClaimedJob, JobKind, LeasePolicy, QueueDepth, Setback, Wakeups};

use super::events::{self, EventKind, Progress};
use super::store;
use super::{Files, Graded, Mode};

/// The right to write the result of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The submission.
    pub submission: SubmissionId,
    token: LeaseId,
}

/// A submission to be graded.
#[derive(Debug, Clone)]
pub struct GradingJob {
    /// The right to write its result.
    pub lease: Lease,
    /// The exercise's slug.
    pub exercise: String,
    /// Which tests are wanted.
    pub mode: Mode,
    /// How often its grading was begun, this time included.
    pub attempt: i32,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
    /// The files, as they were handed in.
    pub files: Files,
}

/// The queue of gradings. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    db: Db,
    clock: Clock,
    attempts: Attempts,
    wakeups: Wakeups<SubmissionId>,
    policy: LeasePolicy,
}

impl Queue {
    pub(super) const fn new(
        db: Db,
        clock: Clock,
        attempts: Attempts,
        wakeups: Wakeups<SubmissionId>,
        policy: LeasePolicy,
    ) -> Self {
        Self { db, clock, attempts, wakeups, policy }
    }

    /// How patient the queue is.
    #[must_use]
    pub const fn policy(&self) -> &LeasePolicy {
        &self.policy
    }

    /// Waits until somebody in this process hands something in.
    pub async fn wait_for_work(&self) {
        self.wakeups.wait_for_work().await;
    }

    /// Claims the submission whose turn it is, among those to `exercises`. A submission that can't be read back is a fault of
    /// ours: its grading fails like any other, and it is never graded as something else.
    ///
    /// # Errors
    /// Ours, when the database fails or what was stored can't be read.
    pub async fn claim(&self, worker: &str, exercises: &[String]) -> Result<Option<GradingJob>> {
        let now = self.clock.now();
        let claim = jobs::Claim {
            kind: JobKind::Grading,
            lanes: exercises.to_vec(),
            worker: worker.to_owned(),
            token: LeaseId::new(),
            now,
            until: now + self.policy.lease,
        };
        let Some(job) = self.db.write(move |c| jobs::claim(c, &claim)).await? else { return Ok(None) };
        let submission: SubmissionId = job.id.parse().map_err(|error| Error::internal("claim a submission", error))?;
        let lease = Lease { submission, token: job.token };
        match self.db.read(move |c| store::to_be_graded(c, submission)).await {
            Ok(None) => {
                self.db.write(move |c| jobs::complete(c, submission.as_str(), lease.token)).await?;
                Ok(None)
            }
            Ok(Some((exercise, mode, files))) => {
                self.wakeups.notify(submission);
                let ClaimedJob { attempt, created_at, traceparent, .. } = job;
                Ok(Some(GradingJob { lease, exercise, mode, attempt, created_at, traceparent, files }))
            }
            Err(error) => {
                self.fail(lease).await?;
                Err(error.into())
            }
        }
    }

    /// Says that the worker is alive; `false` when the lease is no longer its own.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn heartbeat(&self, lease: Lease) -> Result<bool> {
        let until = self.clock.now() + self.policy.lease;
        Ok(self.db.read(move |c| jobs::renew(c, lease.submission.as_str(), lease.token, until)).await?)
    }

    /// Keeps what happened in a grading; `false` when the lease is no longer the worker's.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn record_progress(&self, lease: Lease, progress: Vec<Progress>) -> Result<bool> {
        let own = self
            .db
            .write(move |c| {
                let own = still_there(c, lease)? && jobs::holds(c, lease.submission.as_str(), lease.token)?;
                if own {
                    events::store::add(c, lease.submission, progress.iter().map(Progress::event))?;
                }
                Ok::<_, crate::db::Error>(own)
            })
            .await?;
        self.wakeups.notify(lease.submission);
        Ok(own)
    }

    /// Writes the result; `false`, and nothing is written, when the lease is no longer the worker's.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn finish(&self, lease: Lease, graded: Graded, progress: Vec<Progress>) -> Result<bool> {
        let (now, attempts) = (self.clock.now(), self.attempts.clone());
        let done = self
            .db
            .write(move |c| {
                let own = still_there(c, lease)? && jobs::complete(c, lease.submission.as_str(), lease.token)?;
                if own {
                    events::store::add(c, lease.submission, progress.iter().map(Progress::event))?;
                    write_result(c, &attempts, lease.submission, &graded, now)?;
                }
                Ok::<_, Error>(own)
            })
            .await?;
        self.wakeups.notify(lease.submission);
        Ok(done)
    }

    /// Ends a grading that failed on our side: it is begun again, later and later, and then abandoned.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn fail(&self, lease: Lease) -> Result<Setback> {
        let (now, policy, attempts) = (self.clock.now(), self.policy, self.attempts.clone());
        let setback = self
            .db
            .write(move |c| {
                let setback = jobs::fail(c, lease.submission.as_str(), lease.token, now, policy)?;
                end_if_abandoned(c, &attempts, lease.submission, setback, now)?;
                Ok::<_, Error>(setback)
            })
            .await?;
        self.wakeups.notify(lease.submission);
        Ok(setback)
    }

    /// Gives a submission back ungraded, as a worker that is told to stop does: its grading counts as not begun.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn release(&self, lease: Lease) -> Result<bool> {
        let now = self.clock.now();
        let released = self.db.write(move |c| jobs::release(c, lease.submission.as_str(), lease.token, now)).await?;
        self.wakeups.notify(lease.submission);
        Ok(released)
    }

    /// Gives back all that a worker holds: for a worker that starts, and knows that its former self of the same name is dead.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn release_all(&self, worker: &str) -> Result<usize> {
        let (now, worker) = (self.clock.now(), worker.to_owned());
        let released = self.db.write(move |c| jobs::release_all(c, &worker, now)).await?;
        self.wakeups.notify_workers();
        Ok(released.len())
    }

    /// Ends the leases that ran out, and says what became of each submission.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn expire(&self) -> Result<Vec<(SubmissionId, Setback)>> {
        let (now, policy, attempts) = (self.clock.now(), self.policy, self.attempts.clone());
        let expired = self
            .db
            .write(move |c| {
                let mut ended = Vec::new();
                for (id, setback) in jobs::expire(c, JobKind::Grading, now, policy)? {
                    let submission: SubmissionId = id.parse().map_err(|error| Error::internal("end a lease", error))?;
                    end_if_abandoned(c, &attempts, submission, setback, now)?;
                    ended.push((submission, setback));
                }
                Ok::<_, Error>(ended)
            })
            .await?;
        for (submission, _) in &expired {
            self.wakeups.notify(*submission);
        }
        if !expired.is_empty() {
            self.wakeups.notify_workers();
        }
        Ok(expired)
    }

    /// How much waits to be graded, and for how long.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn depth(&self) -> Result<QueueDepth> {
        let now = self.clock.now();
        self.db.read(move |c| jobs::depth(c, JobKind::Grading, now)).await.map_err(Error::from)
    }
}

/// Whether the submission was not erased meanwhile. The job of one that was is gone after this, and its worker drops it.
fn still_there(c: &mut AnyConnection, lease: Lease) -> Result<bool, crate::db::Error> {
    let there = store::exists(c, lease.submission)?;
    if !there {
        jobs::complete(c, lease.submission.as_str(), lease.token)?;
    }
    Ok(there)
}

fn end_if_abandoned(
    c: &mut AnyConnection,
    attempts: &Attempts,
    submission: SubmissionId,
    setback: Setback,
    now: Timestamp,
) -> Result<()> {
    match setback {
        Setback::Abandoned { attempts: begun } => write_result(c, attempts, submission, &Graded::abandoned(begun), now),
        Setback::Requeued | Setback::LeaseLost => Ok(()),
    }
}

/// Writes a result, in the transaction that ends the job, and credits the attempt that the submission answers.
fn write_result(
    c: &mut AnyConnection,
    attempts: &Attempts,
    submission: SubmissionId,
    graded: &Graded,
    now: Timestamp,
) -> Result<()> {
    if !store::exists(c, submission)? {
        return Ok(());
    }
    let item: Option<AttemptItem> = store::finish(c, submission, graded, now)?;
    let data = serde_json::json!({
        "verdict": graded.verdict, "score": graded.score, "max_score": graded.max_score,
    });
    events::store::add(c, submission, [(EventKind::Finished, data)])?;
    match item {
        Some(item) => attempts.exercise_graded(c, item, graded.earned(submission).as_ref()),
        None => Ok(()),
    }
}
