//! Attempts that could not be ended, and when each is tried again, so that they take neither time nor turns from the others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::clock::Timestamp;

/// How long an attempt is left alone after it failed to end for the first time; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// How long an attempt that failed to end is left alone at the most.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What this process knows of attempts that could not be ended, by their ids as they are stored.
#[derive(Debug, Default)]
pub(super) struct Setbacks(BTreeMap<String, Setback>);

#[derive(Debug)]
struct Setback {
    wait: Duration,
    again_at: Timestamp,
}

impl Setbacks {
    /// Whether an attempt failed to end and is left alone at a moment.
    pub(super) fn waits(&self, id: &str, now: Timestamp) -> bool {
        self.0.get(id).is_some_and(|setback| setback.again_at > now)
    }

    /// Notes that an attempt failed to end.
    pub(super) fn failed(&mut self, id: &str, now: Timestamp) {
        let wait = self.0.get(id).map_or(FIRST_WAIT, |before| (before.wait * 2).min(LONGEST_WAIT));
        self.0.insert(id.to_owned(), Setback { wait, again_at: now + wait });
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
        let (mut setbacks, mut now) = (Setbacks::default(), Timestamp::from_micros(0));
        let waits = [10, 20, 40, 80, 160, 320, 600, 600].map(Duration::from_secs);
        for wait in waits {
            setbacks.failed("att_1", now);
            let (just_before, after) = (now + (wait - Duration::from_micros(1)), now + wait);
            assert!(setbacks.waits("att_1", just_before) && !setbacks.waits("att_1", after), "{wait:?}");
            assert!(!setbacks.waits("att_2", just_before));
            now = after;
        }
        setbacks.failed("att_1", now);
        setbacks.keep(&BTreeSet::from(["att_1".to_owned()]));
        assert!(setbacks.waits("att_1", now));
        setbacks.keep(&BTreeSet::new());
        assert!(!setbacks.waits("att_1", now));
    }
}
