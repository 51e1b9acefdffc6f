//! Work that outlives a process: a queue of jobs in the database, each carried out by whoever holds its lease.
//!
//! ```text
//! queued ──claim──▶ leased ──complete──▶ gone
//!    ▲                 │
//!    └── release, fail, end_lapsed: a worker that stops, a failure of ours, a worker that is silent or dead
//! ```
//!
//! - A job is named by what it is about (a submission's id, say) and has a kind. It is added in the transaction that makes it
//!   necessary, and completed in the transaction that writes its outcome: neither can happen without the other.
//! - A worker claims a job for a while ([`LeasePolicy::lease`]) and renews the lease while it works. Whatever it writes, it
//!   writes only while the lease is its own, so of two workers on one job only one is heard.
//! - No transaction is open while a job is carried out.
//! - A worker that dies is noticed when its lease runs out, or when it starts again. After [`LeasePolicy::losses`] such ends
//!   the job is abandoned, and the feature that it belongs to says what that means. A failure of ours says less about the job,
//!   so there are more of them ([`LeasePolicy::failures`]), with longer and longer waits between them.
//! - A job with which a worker was lost may be why. So a worker begins it only when it works on nothing else (see
//!   [`store::Claim::is_idle`]): it can't take other jobs with it a second time.
//! - A job that no worker can do waits without standing in anybody's way, and is given up at last: see [`lanes`].
//! - Owners take turns: see [`store::enqueue`].
//!
//! The functions of [`store`] run inside their caller's transaction. Workers compare each other's clocks, so machines must
//! agree on the time to within a few seconds. A clock that was ahead and is corrected leaves no lease behind that lasts until
//! the time that it had shown. It delays no job either: a wait after a failure is made as long as it should be.

pub mod lanes;
pub mod store;
mod waits;
mod wakeups;

use std::time::Duration;

pub use waits::shorten_waits;
pub use wakeups::{Wakeups, Watch};

use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::id::LeaseId;

text_enum! {
    /// What a job does.
    pub enum JobKind {
        /// Grades a submission; the lane is the exercise's slug.
        Grading = "grading",
        /// Delivers a message of the outbox; the lane is its channel.
        Delivery = "delivery",
    }
}

/// How patient the queue is with those who work on its jobs.
#[derive(Debug, Clone, Copy)]
pub struct LeasePolicy {
    /// How long a worker may be silent.
    pub lease: Duration,
    /// How often a job is lost with a worker, which died or fell silent, before it is abandoned.
    pub losses: i32,
    /// How often a job fails on our side before it is abandoned.
    pub failures: i32,
    /// The wait after a first failure of ours; it is four times as long after each further one.
    pub retry_after: Duration,
    /// The longest wait after a failure of ours.
    pub retry_after_max: Duration,
}

impl Default for LeasePolicy {
    /// A job is abandoned some 50 minutes after its first failure: a full disk or a restart of the database is over by then.
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(20),
            losses: 3,
            failures: 8,
            retry_after: Duration::from_secs(5),
            retry_after_max: Duration::from_secs(15 * 60),
        }
    }
}

impl LeasePolicy {
    /// The wait after a failure of ours, when there were this many with it.
    fn wait_after(&self, failures: i32) -> Duration {
        let further = u32::try_from(failures.saturating_sub(1)).unwrap_or(0);
        self.retry_after.saturating_mul(4_u32.saturating_pow(further)).min(self.retry_after_max)
    }
}

/// A job to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'j> {
    /// The id of what it is about.
    pub id: &'j str,
    /// The kind of work that it is.
    pub kind: JobKind,
    /// Workers claim from the lanes that they can serve.
    pub lane: &'j str,
    /// Whose turn it takes: jobs of one owner wait for each other rather than for everybody.
    pub owner: &'j str,
    /// The trace that it belongs to (W3C Trace Context).
    pub traceparent: Option<&'j str>,
    /// When it was added.
    pub now: Timestamp,
}

/// A job that a worker has claimed.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// The id of what it is about.
    pub id: String,
    /// The right to write its outcome.
    pub token: LeaseId,
    /// How often it was begun, this time included.
    pub attempt: i32,
    /// Whether a worker was lost with it before.
    pub was_lost: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// The trace that it belongs to.
    pub traceparent: Option<String>,
}

/// What became of a job that ended without an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// It waits to be begun again.
    Requeued,
    /// It was lost or has failed often enough, and is gone from the queue.
    Abandoned {
        /// How often it was begun.
        attempts: i32,
    },
    /// The lease was no longer the worker's.
    LeaseLost,
}

/// How much waits in the queue, and for how long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Jobs that wait for a worker.
    pub queued: i64,
    /// Jobs that a worker holds a lease on.
    pub leased: i64,
    /// How long the oldest of those that wait has waited.
    pub oldest: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_between_failures_outlast_a_usual_disturbance() {
        let policy = LeasePolicy::default();
        let waits: Vec<u64> = (1..policy.failures).map(|failures| policy.wait_after(failures).as_secs()).collect();
        assert_eq!(waits, [5, 20, 80, 320, 900, 900, 900]);
        assert_eq!(policy.wait_after(i32::MAX), policy.retry_after_max);
    }
}
