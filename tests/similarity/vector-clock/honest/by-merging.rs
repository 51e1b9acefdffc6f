//! The order from the merge: a clock that a merge does not change has seen all of the other.

use std::cmp::Ordering;
use std::collections::HashMap;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VectorClock {
    seen: HashMap<String, u64>,
}

impl VectorClock {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut clock = Self::default();
        for (node, count) in counts {
            clock.merge(&Self::single(node, *count));
        }
        clock
    }

    /// A clock that has seen events of one node only.
    fn single(node: &str, count: u64) -> Self {
        let seen = if count == 0 { HashMap::new() } else { HashMap::from([(node.to_string(), count)]) };
        Self { seen }
    }

    pub fn get(&self, node: &str) -> u64 {
        self.seen.get(node).map(|count| *count).unwrap_or(0)
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut sorted: Vec<(String, u64)> = self.seen.clone().into_iter().collect();
        sorted.sort_unstable();
        sorted
    }

    pub fn tick(&mut self, node: &str) {
        let next = Self::single(node, self.get(node) + 1);
        self.merge(&next);
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (node, count) in &other.seen {
            if self.get(node) < *count {
                self.seen.insert(node.to_string(), *count);
            }
        }
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let mut both = self.clone();
        both.merge(other);
        if self == other {
            Some(Ordering::Equal)
        } else if both == *self {
            Some(Ordering::Greater)
        } else if both == *other {
            Some(Ordering::Less)
        } else {
            None
        }
    }
}
