//! Everything that is tidied by time, in one task: what has expired is removed, what is due is done.
//!
//! Each round is safe to run at any time and on any number of servers at once. A duty that fails is logged and comes again
//! with the next round; it keeps no other duty from being done.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::rate_limits::RateLimits;
use crate::services::Services;
use crate::telemetry;
use crate::web::idempotency;

/// How often attempts whose time is up are looked for.
const EVERY: Duration = Duration::from_secs(5);
/// Every how many rounds the rest is tidied.
const SELDOM: u32 = 12;

/// What has to be tidied in a server.
#[derive(Clone)]
pub struct Maintenance {
    /// The services of all features.
    pub services: Services,
    /// The limits that forget callers who have not been seen for a while.
    pub limits: Arc<RateLimits>,
}

impl Maintenance {
    /// Does every duty now and then, for as long as the task is not aborted.
    pub async fn run(self) {
        let mut every = tokio::time::interval(EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut round = 0_u32;
        loop {
            every.tick().await;
            self.close_attempts().await;
            if round.is_multiple_of(SELDOM) {
                self.tidy().await;
            }
            round = round.wrapping_add(1);
        }
    }

    /// Ends attempts whose deadline has passed.
    pub async fn close_attempts(&self) {
        report("close attempts whose time is up", self.services.attempts.close_due().await);
    }

    /// Removes what has expired.
    pub async fn tidy(&self) {
        self.limits.tidy();
        telemetry::tidy();
        let Services { db, clock, accounts, submissions, .. } = &self.services;
        report("remove expired sessions and tokens", accounts.remove_expired().await);
        report("remove old events of submissions", submissions.remove_old_events().await);
        report("remove old idempotency keys", idempotency::remove_old_keys(db, clock.now()).await);
        // Last, so that what was removed is gone from it too.
        report("empty the journal of the database", db.empty_journal().await.map(|()| 0).map_err(Error::from));
    }
}

fn report(duty: &str, outcome: Result<usize>) {
    match outcome {
        Ok(0) => {}
        Ok(count) => tracing::debug!(count, "{duty}"),
        Err(error) => tracing::error!(%error, "failed to {duty}: it comes again"),
    }
}
