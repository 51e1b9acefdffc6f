//! A vector clock: its stamps show for any two events which came first, or that they are concurrent.

use std::cmp::Ordering;

/// Counts, for each node, the events of that node that the clock's owner knows of.
///
/// A node without an entry counts zero.
#[derive(Debug, Clone)]
pub struct VectorClock {
    // Up to you.
}

impl VectorClock {
    /// A clock that knows of no event.
    pub fn new() -> Self {
        todo!("a clock that counts nothing")
    }

    /// The clock with these counts, as they came over the wire: in any order, perhaps with zeros. If a node is
    /// named twice, the larger count is used.
    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        todo!("a clock from {counts:?}")
    }

    /// The number of events of `node` that this clock knows of.
    pub fn get(&self, node: &str) -> u64 {
        todo!("the count of {node}")
    }

    /// The counts above zero, sorted by node.
    pub fn entries(&self) -> Vec<(String, u64)> {
        todo!("the counts, sorted")
    }

    /// Counts a local event, or the sending of a message, at `node`.
    pub fn tick(&mut self, node: &str) {
        todo!("count an event of {node}")
    }

    /// Merges what two clocks know by taking the larger count of each node. This isn't an event.
    pub fn merge(&mut self, other: &VectorClock) {
        todo!("join with {other:?}")
    }

    /// Counts the arrival at `node` of a message with the stamp `message`: merges, then ticks.
    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        todo!("{message:?} arrives at {node}")
    }

    /// Compares the event stamped `self` with the one stamped `other`. `None` means that they are concurrent.
    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        todo!("compare with {other:?}")
    }
}

impl Default for VectorClock {
    fn default() -> Self {
        Self::new()
    }
}
