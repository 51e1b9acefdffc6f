//! How long tests took when they last ran, so that those that take longest begin first. Begun last, a long one alone would keep its
//! grading waiting.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The times of a package's tests by their names, shared by all gradings in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct TestTimes(Arc<Mutex<BTreeMap<String, Duration>>>);

impl TestTimes {
    /// Tests in the order in which they are best begun, each with its place in `tests`. Those that never ran come first.
    pub(super) fn longest_first<'t, T>(&self, tests: &'t [T], name: impl Fn(&T) -> String) -> Vec<(usize, &'t T)> {
        let times = self.lock();
        let mut ordered: Vec<_> = tests.iter().enumerate().collect();
        ordered.sort_by_cached_key(|(_, test)| Reverse(times.get(&name(test)).copied().unwrap_or(Duration::MAX)));
        ordered
    }

    /// Notes how long the test of a name took.
    pub(super) fn note(&self, name: String, took: Duration) {
        self.lock().insert(name, took);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        for (test, millis) in tests.iter().zip([2, 9, 9]) {
            times.clone().note((*test).to_owned(), Duration::from_millis(millis));
        }
        assert_eq!(order(&times), [3, 1, 2, 0]);
        times.note("a".to_owned(), Duration::from_millis(10));
        assert_eq!(order(&times), [3, 0, 1, 2]);
    }
}
