//! How long a package's tests take, so that those that take longest begin first. Begun last, a long one alone would keep its grading
//! waiting.
//!
//! The times are those of the first submission that this process has accepted, and stay: the order in which tests begin tells nothing of
//! the submission that was graded before.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The times of tests in milliseconds, by their names, shared by all gradings of a package in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct TestTimes(Arc<OnceLock<BTreeMap<String, u64>>>);

impl TestTimes {
    /// Tests in the order in which they are best begun, each with its place in `tests`. Those of which nothing is known come first.
    pub(super) fn longest_first<'t, T>(&self, tests: &'t [T], name: impl Fn(&T) -> String) -> Vec<(usize, &'t T)> {
        let time = |test: &T| self.0.get().and_then(|times| times.get(&name(test))).copied().unwrap_or(u64::MAX);
        let mut ordered: Vec<_> = tests.iter().enumerate().collect();
        ordered.sort_by_cached_key(|(_, test)| Reverse(time(test)));
        ordered
    }

    /// Notes how long tests took that have all passed, unless that is known.
    pub(super) fn note(&self, times: impl Iterator<Item = (String, u64)>) {
        self.0.get_or_init(|| times.collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_longest_begins_first_and_keeps_its_place() {
        let tests = ["a", "b", "c", "d"];
        let times = TestTimes::default();
        let order = |times: &TestTimes| {
            let ordered = times.longest_first(&tests, |test| (*test).to_owned());
            ordered.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
        };
        assert_eq!(order(&times), [0, 1, 2, 3], "the author's order, as nothing is known");
        let named = |millis: [u64; 3]| tests.iter().map(|test| (*test).to_owned()).zip(millis);
        times.clone().note(named([2, 9, 9]));
        assert_eq!(order(&times), [3, 1, 2, 0]);
        times.note(named([10, 9, 9]));
        assert_eq!(order(&times), [3, 1, 2, 0], "what came later changes nothing");
    }
}
