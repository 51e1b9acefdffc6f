//! The workers' side of submissions: claim, heartbeat, progress, result. The lease is a job's (see [`crate::jobs`]).

use crate::attempts::{AttemptItem, Attempts};
use crate::clock::{Clock, Timestamp};
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Result};
use crate::id::{LeaseId, SubmissionId};
use crate::jobs::lanes::store as lanes;
use crate::jobs::store::{self as jobs, Lapse};
use crate::jobs::{ClaimedJob, JobKind, LeasePolicy, Setback, Wakeups, shorten_waits};

use super::events::{self, EventKind, Progress};
use super::store;
use super::{Files, Graded, Mode};

/// The right to write the result of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The id of the submission that is graded under this lease.
    pub submission: SubmissionId,
    token: LeaseId,
}

/// A submission to be graded.
#[derive(Debug, Clone)]
pub struct GradingJob {
    /// The right to write its result.
    pub lease: Lease,
    /// The slug of the exercise that it was handed in for.
    pub exercise: String,
    /// Which tests are wanted.
    pub mode: Mode,
    /// How often its grading was begun, this time included.
    pub attempt: i32,
    /// Whether a worker was lost with it before: it's graded alone then, since it may be why.
    pub was_lost: bool,
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

    /// Claims the submission whose turn it is, among those to `exercises`, for a worker that grades nothing at the moment. A
    /// submission that can't be read back is a fault of ours: its grading fails like any other, and it is never graded as
    /// something else.
    ///
    /// # Errors
    /// `Error::Database` when the queue can't be used or the submission can't be read back, `Error::Internal` when the job
    /// names no submission; that job is removed.
    pub async fn claim(&self, worker: &str, exercises: &[String]) -> Result<Option<GradingJob>> {
        self.claim_if(true, worker, exercises).await
    }

    /// Claims another submission, as [`Queue::claim`] does, beside those that the worker grades already. `None` also when it is
    /// the turn of a submission with which a worker was lost: that is for a worker that grades nothing else.
    ///
    /// # Errors
    /// Those of [`Queue::claim`], for the same reasons.
    pub async fn claim_another(&self, worker: &str, exercises: &[String]) -> Result<Option<GradingJob>> {
        self.claim_if(false, worker, exercises).await
    }

    async fn claim_if(&self, is_idle: bool, worker: &str, exercises: &[String]) -> Result<Option<GradingJob>> {
        let now = self.clock.now();
        let claim = jobs::Claim {
            kind: JobKind::Grading,
            lanes: exercises.to_vec(),
            worker: worker.to_owned(),
            token: LeaseId::new(),
            now,
            until: now + self.policy.lease,
            is_idle,
        };
        let Some(job) = self.db.write(move |c| jobs::claim(c, &claim)).await? else { return Ok(None) };
        let submission = match job.id.parse::<SubmissionId>() {
            Ok(submission) => submission,
            Err(error) => {
                // It names no submission, and nobody waits for it.
                self.db.write(move |c| jobs::complete(c, &job.id, job.token)).await?;
                return Err(Error::internal("read the id of a job", error));
            }
        };
        let lease = Lease { submission, token: job.token };
        match self.db.read(move |c| store::to_be_graded(c, submission)).await {
            Ok(None) => {
                self.db.write(move |c| jobs::complete(c, submission.as_str(), lease.token)).await?;
                Ok(None)
            }
            Ok(Some((exercise, mode, files))) => {
                self.wakeups.notify(submission);
                let ClaimedJob { attempt, was_lost, created_at, traceparent, .. } = job;
                Ok(Some(GradingJob { lease, exercise, mode, attempt, was_lost, created_at, traceparent, files }))
            }
            Err(error) => {
                // A database that is away for a moment has graded nothing.
                if error.is_corrupt() {
                    self.fail(lease).await?;
                } else {
                    self.release(lease).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Says that the worker is alive; `false` when the lease is no longer its own.
    ///
    /// # Errors
    /// `Error::Database` when it can't be written.
    pub async fn heartbeat(&self, lease: Lease) -> Result<bool> {
        let until = self.clock.now() + self.policy.lease;
        Ok(self.db.read(move |c| jobs::renew(c, lease.submission.as_str(), lease.token, until)).await?)
    }

    /// Keeps what happened in a grading; `false` when the lease is no longer the worker's.
    ///
    /// # Errors
    /// `Error::Database` when it can't be written.
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
    /// `Error::Database` when it can't be written.
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
    /// `Error::Database` when it can't be written.
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
    /// `Error::Database` when it can't be written.
    pub async fn release(&self, lease: Lease) -> Result<bool> {
        let released = self.db.write(move |c| jobs::release(c, lease.submission.as_str(), lease.token)).await?;
        self.wakeups.notify(lease.submission);
        Ok(released)
    }

    /// Takes back what a worker of this name was grading, which is known to be dead, and says what became of each submission. It
    /// counts as lost: a submission that kills its worker is abandoned in the end.
    ///
    /// # Errors
    /// `Error::Database` when the queue can't be read. What can't be written is logged, and ends when its lease runs out.
    pub async fn take_back(&self, worker: &str) -> Result<Vec<(SubmissionId, Setback)>> {
        self.end_leases(Lapse::WorkerDied(worker.to_owned())).await
    }

    /// Ends the leases that ran out, and says what became of each submission. Waits that a wrong clock has made too long are made
    /// as long as they should be.
    ///
    /// # Errors
    /// `Error::Database` when the queue can't be read. What can't be written is logged, and tried again at the next call.
    pub async fn expire(&self) -> Result<Vec<(SubmissionId, Setback)>> {
        shorten_waits(&self.db, JobKind::Grading, self.clock.now(), self.policy).await?;
        self.end_leases(Lapse::ran_out(self.clock.now(), self.policy)).await
    }

    /// Ends each lease in a transaction of its own, so that one that can't be ended keeps no other.
    async fn end_leases(&self, lapse: Lapse) -> Result<Vec<(SubmissionId, Setback)>> {
        let looked_for = lapse.clone();
        let ids = self.db.read(move |c| jobs::lapsed(c, JobKind::Grading, &looked_for)).await?;
        let mut ended = Vec::with_capacity(ids.len());
        for id in ids {
            match self.end_lease(&id, lapse.clone()).await {
                Ok((_, Setback::LeaseLost)) => {}
                Ok(end) => {
                    self.wakeups.notify(end.0);
                    ended.push(end);
                }
                Err(error) => tracing::error!(job = id, %error, "the lease of a job could not be ended"),
            }
        }
        if !ended.is_empty() {
            self.wakeups.notify_workers();
        }
        Ok(ended)
    }

    async fn end_lease(&self, id: &str, lapse: Lapse) -> Result<(SubmissionId, Setback)> {
        let submission: SubmissionId = id.parse().map_err(|error| Error::internal("read the id of a job", error))?;
        let (now, policy, attempts) = (self.clock.now(), self.policy, self.attempts.clone());
        self.db
            .write(move |c| {
                let setback = jobs::end_lapsed(c, submission.as_str(), &lapse, policy)?;
                end_if_abandoned(c, &attempts, submission, setback, now)?;
                Ok::<_, Error>((submission, setback))
            })
            .await
    }

    /// Says that a worker can grade these exercises at this moment, or is about to.
    ///
    /// # Errors
    /// `Error::Database` when it can't be written.
    pub async fn serve(&self, exercises: &[String]) -> Result<()> {
        let (now, exercises) = (self.clock.now(), exercises.to_vec());
        self.db.write(move |c| lanes::serve(c, JobKind::Grading, &exercises, now)).await.map_err(Error::from)
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

/// Gives up a submission to an exercise that no worker can grade; `false` when it doesn't wait any more.
pub(super) fn abandon_unserved(
    c: &mut AnyConnection,
    attempts: &Attempts,
    submission: SubmissionId,
    now: Timestamp,
) -> Result<bool> {
    let abandoned = lanes::abandon(c, submission.as_str())?;
    if abandoned {
        write_result(c, attempts, submission, &Graded::unserved(), now)?;
    }
    Ok(abandoned)
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
