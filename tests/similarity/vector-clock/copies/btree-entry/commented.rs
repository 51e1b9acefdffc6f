//! Counts in an ordered map, through its entries; the order by looking up every name that occurs.

use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct VectorClock {
    clock: BTreeMap<String, u64>,
}

impl VectorClock {
    pub fn new() -> Self {
        VectorClock { clock: BTreeMap::new() }
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        // Start with an empty map.
        let mut clock = BTreeMap::new();
        for (node, count) in counts {
            // A zero says nothing that a missing entry does not say.
            if *count == 0 {
                continue;
            }
            let entry = clock.entry(node.to_string()).or_insert(0);
            /* the larger one wins,
               as the rules have it */
            if *entry < *count {
                *entry = *count;
            }
        }
        VectorClock { clock }
    }

    pub fn get(&self, node: &str) -> u64 {
        // Look it up, or zero.
        match self.clock.get(node) {
            Some(count) => *count,
            None => 0,
        }
    }

    /// Every entry, in order of the nodes. The map keeps them sorted,
    /// so nothing has to be done about that.
    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut result = Vec::new();
        for (node, count) in &self.clock {
            if *count > 0 {
                result.push((node.clone(), *count));
            }
        }
        result
    }

    pub fn tick(&mut self, node: &str) {
        let entry = self.clock.entry(node.to_string()).or_insert(0);
        *entry += 1; // one more event
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (node, count) in &other.clock {
            // For each node: max(mine, theirs).
            let entry = self.clock.entry(node.clone()).or_insert(0);
            *entry = (*entry).max(*count);
        }
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        // First learn,
        self.merge(message);
        // then count.
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        // Two flags are enough to tell the four cases apart.
        let mut less = false;
        let mut greater = false;
        for node in self.clock.keys().chain(other.clock.keys()) {
            let mine = self.get(node);
            let theirs = other.get(node);
            if mine < theirs {
                less = true;
            }
            if mine > theirs {
                greater = true;
            }
        }
        match (less, greater) {
            (false, false) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            // Concurrent!
            (true, true) => None,
        }
    }
}

impl Default for VectorClock {
    fn default() -> Self {
        Self::new()
    }
}
