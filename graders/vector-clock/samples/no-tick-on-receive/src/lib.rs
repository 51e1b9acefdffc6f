//! A vector clock: stamps by which any two events can be told apart as before, after or concurrent.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Counts, for each node, the events of that node that the clock's owner knows of.
///
/// Only counts above zero are stored, so that equal clocks are equal maps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VectorClock {
    counts: BTreeMap<String, u64>,
}

impl VectorClock {
    /// A clock that knows of no event.
    pub fn new() -> Self {
        Self::default()
    }

    /// The clock with these counts, as they came over the wire: in any order, perhaps with zeros. The larger count
    /// holds if a node is named twice.
    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut clock = Self::new();
        for &(node, count) in counts {
            clock.raise(node, count);
        }
        clock
    }

    /// The number of events of `node` that this clock knows of.
    pub fn get(&self, node: &str) -> u64 {
        self.counts.get(node).copied().unwrap_or(0)
    }

    /// The counts above zero, sorted by node.
    pub fn entries(&self) -> Vec<(String, u64)> {
        self.counts.clone().into_iter().collect()
    }

    /// Counts a local event, or the sending of a message, at `node`.
    pub fn tick(&mut self, node: &str) {
        self.raise(node, self.get(node) + 1);
    }

    /// Joins what two clocks know: of each node the larger count. Not an event.
    pub fn merge(&mut self, other: &VectorClock) {
        for (node, &count) in &other.counts {
            self.raise(node, count);
        }
    }

    /// Counts the arrival at `node` of a message with the stamp `message`: what it knew is known now.
    pub fn receive(&mut self, _node: &str, message: &VectorClock) {
        self.merge(message);
    }

    /// How the event stamped `self` stands to the one stamped `other`: `None` if they are concurrent.
    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        match (self.covers(other), other.covers(self)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    }

    /// Whether this clock knows every event that `other` knows.
    fn covers(&self, other: &VectorClock) -> bool {
        other
            .counts
            .iter()
            .all(|(node, &count)| self.get(node) >= count)
    }

    /// Lets `node` count at least `count`.
    fn raise(&mut self, node: &str, count: u64) {
        if count > self.get(node) {
            self.counts.insert(node.to_owned(), count);
        }
    }
}
