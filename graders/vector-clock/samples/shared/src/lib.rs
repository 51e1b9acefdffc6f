//! Counts behind a lock that clones share until one of them writes; ordered by the traits of the standard library.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, RwLock};

type Counts = BTreeMap<Arc<str>, u64>;

#[derive(Debug, Default)]
pub struct VectorClock {
    counts: RwLock<Arc<Counts>>,
}

impl Clone for VectorClock {
    fn clone(&self) -> Self {
        Self {
            counts: RwLock::new(self.snapshot()),
        }
    }
}

impl PartialEq for VectorClock {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for VectorClock {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let (left, right) = (self.snapshot(), other.snapshot());
        let nodes: BTreeSet<_> = left.keys().chain(right.keys()).collect();
        let count =
            |counts: &Counts, node: &Arc<str>| counts.get(node).copied().unwrap_or_default();
        nodes
            .into_iter()
            .map(|node| count(&left, node).cmp(&count(&right, node)))
            .try_fold(Ordering::Equal, join)
    }
}

/// What two orders amount to together; none if they contradict each other.
fn join(left: Ordering, right: Ordering) -> Option<Ordering> {
    (left.is_eq() || right.is_eq() || left == right).then(|| left.then(right))
}

impl VectorClock {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let clock = Self::new();
        counts
            .iter()
            .for_each(|(node, count)| clock.raise(node, *count));
        clock
    }

    pub fn get(&self, node: &str) -> u64 {
        self.snapshot().get(node).copied().unwrap_or_default()
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let counts = self.snapshot();
        counts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(node, count)| (node.to_string(), *count))
            .collect()
    }

    pub fn tick(&mut self, node: &str) {
        self.raise(node, self.get(node) + 1);
    }

    pub fn merge(&mut self, other: &VectorClock) {
        other
            .snapshot()
            .iter()
            .for_each(|(node, count)| self.raise(node, *count));
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        std::thread::scope(|scope| {
            let own = &*self;
            scope.spawn(move || {
                message
                    .snapshot()
                    .iter()
                    .for_each(|(node, count)| own.raise(node, *count))
            });
        });
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        self.partial_cmp(other)
    }

    fn snapshot(&self) -> Arc<Counts> {
        self.counts.read().unwrap().clone()
    }

    fn raise(&self, node: &str, count: u64) {
        let mut counts = self.counts.write().unwrap();
        let known = Arc::make_mut(&mut counts).entry(node.into()).or_default();
        *known = count.max(*known);
    }
}
