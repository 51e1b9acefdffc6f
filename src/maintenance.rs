//! Everything that is tidied by time, in one task: what has expired is removed, what is due is done.
//!
//! Each round is safe to run at any time and on any number of servers at once. A duty that fails is logged and done again
//! with the next round; it keeps no other duty from being done.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
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
    /// The features whose data is tidied.
    pub services: Services,
    /// The limits that forget callers who have not been seen for a while.
    pub limits: Arc<RateLimits>,
}

impl Maintenance {
    /// Does every duty now and then, for as long as the task is not aborted.
    pub async fn run(self) {
        self.rescore().await;
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

    /// Scores what could not be read back when its attempt ended. It's done once, since a start is when the files of the bank
    /// may have come back; after a repair of the database, `quorate admin rescore` does the same.
    pub async fn rescore(&self) {
        let scored = self.services.attempts.rescore().await.map(|scored| {
            for (item, error) in scored.unreadable {
                tracing::error!(attempt = %item.attempt, item.position, ?error, "an item still can't be read back");
            }
            for (attempt, error) in scored.failed {
                tracing::error!(%attempt, ?error, "failed to score what could not be read back: quorate admin rescore tries again");
            }
            scored.items
        });
        report("score what could not be read back", scored);
    }

    /// Removes what has expired.
    pub async fn tidy(&self) {
        self.limits.tidy();
        telemetry::tidy();
        let Services { db, clock, accounts, teams, submissions, outbox, .. } = &self.services;
        report("remove expired sessions and tokens", accounts.remove_expired().await);
        report("remove invitations of members that have ended", teams.remove_expired_invitations().await);
        report("remove old events of submissions", submissions.remove_old_events().await);
        report("give up submissions that no worker can grade", submissions.abandon_unserved().await);
        report("give up messages that nobody delivers", outbox.abandon_unserved().await);
        report("remove old messages", outbox.remove_old().await);
        report("remove old idempotency keys", idempotency::remove_old_keys(db, clock.now()).await);
        // Last, so that what was removed is gone from it too.
        match db.empty_journal().await {
            Ok(true) => {}
            Ok(false) => tracing::info!(
                "the journal of the database is in use, so erased text may still be in it: it will be emptied later"
            ),
            Err(error) => report("empty the journal of the database", Err(error.into())),
        }
    }
}

fn report(duty: &str, outcome: Result<usize>) {
    match outcome {
        Ok(0) => {}
        Ok(count) => tracing::debug!(count, "{duty}"),
        Err(error) => tracing::error!(%error, "failed to {duty}: it will be tried again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::{RateLimiting, Settings};

    /// Durations that are measured between two rounds.
    const BETWEEN: usize = 50_000;
    const ROUNDS: usize = 40;
    /// What the durations of all rounds take that are measured and not given to their buckets, in bytes.
    const PILE: usize = ROUNDS * BETWEEN * size_of::<f64>();

    fn resident_bytes() -> usize {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    fn measure() {
        let histogram = metrics::histogram!("quorate_test_seconds");
        (0..BETWEEN).for_each(|_| histogram.record(0.1));
    }

    #[tokio::test]
    async fn what_is_measured_does_not_pile_up() {
        let data = tempfile::tempdir().unwrap();
        let settings = Settings {
            data_dir: Some(data.path().to_owned()),
            questions: Some(vec![data.path().to_owned()]),
            graders: Some(vec![data.path().to_owned()]),
            ..Settings::default()
        };
        let services = Services::open(&settings.resolve().unwrap(), Clock::system()).unwrap();
        let maintenance = Maintenance { services, limits: Arc::new(RateLimits::new(RateLimiting::Off)) };
        telemetry::start_metrics().unwrap();
        maintenance.tidy().await;

        let before = resident_bytes();
        for _ in 0..ROUNDS {
            measure();
            maintenance.tidy().await;
        }
        let kept = resident_bytes().saturating_sub(before);
        assert!(telemetry::metrics().contains(&format!("quorate_test_seconds_count {}", ROUNDS * BETWEEN)));
        let before = resident_bytes();
        (0..ROUNDS).for_each(|_| measure());
        let piled_up = resident_bytes().saturating_sub(before);
        assert!(kept < PILE / 2 && piled_up > PILE / 2, "{kept} bytes with maintenance, {piled_up} without");
    }
}
