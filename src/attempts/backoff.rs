//! Attempts that could not be ended, and when each is tried again, so that they take neither time nor turns from the others.
//!
//! Moments are those of the clock's uptime, so that a clock which is corrected makes no wait longer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long an attempt is left alone after it failed to end for the first time; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// How long an attempt that failed to end is left alone at the most.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What this process knows of attempts that could not be ended, by their ids as they are stored.
#[derive(Debug, Default)]
pub(super) struct Backoffs(BTreeMap<String, Backoff>);

#[derive(Debug)]
struct Backoff {
    wait: Duration,
    again_at: Duration,
}

impl Backoffs {
    /// Whether an attempt failed to end and is left alone at a moment.
    pub(super) fn waits(&self, id: &str, now: Duration) -> bool {
        self.0.get(id).is_some_and(|backoff| backoff.again_at > now)
    }

    /// Notes that an attempt failed to end.
    pub(super) fn failed(&mut self, id: &str, now: Duration) {
        let wait = self.0.get(id).map_or(FIRST_WAIT, |before| (before.wait * 2).min(LONGEST_WAIT));
        self.0.insert(id.to_owned(), Backoff { wait, again_at: now + wait });
    }

    /// Forgets every attempt that isn't among those that are due.
    pub(super) fn keep(&mut self, due: &BTreeSet<String>) {
        self.0.retain(|id, _| due.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_doubles_the_wait_up_to_a_limit() {
        let (mut backoffs, mut now) = (Backoffs::default(), Duration::ZERO);
        let waits = [10, 20, 40, 80, 160, 320, 600, 600].map(Duration::from_secs);
        for wait in waits {
            backoffs.failed("att_1", now);
            let (just_before, after) = (now + (wait - Duration::from_micros(1)), now + wait);
            assert!(backoffs.waits("att_1", just_before) && !backoffs.waits("att_1", after), "{wait:?}");
            assert!(!backoffs.waits("att_2", just_before));
            now = after;
        }
        backoffs.failed("att_1", now);
        backoffs.keep(&BTreeSet::from(["att_1".to_owned()]));
        assert!(backoffs.waits("att_1", now));
        backoffs.keep(&BTreeSet::new());
        assert!(!backoffs.waits("att_1", now));
    }
}
