//! Counts in an ordered map, through its entries; the order by looking up every name that occurs.

use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct VectorClock {
    clock: BTreeMap<String, u64>,
}

impl Default for VectorClock {
    fn default() -> Self {
        Self::new()
    }
}

impl VectorClock {
    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
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
            (true, true) => None,
        }
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (node, count) in &other.clock {
            let entry = self.clock.entry(node.clone()).or_insert(0);
            *entry = (*entry).max(*count);
        }
    }

    pub fn tick(&mut self, node: &str) {
        let entry = self.clock.entry(node.to_string()).or_insert(0);
        *entry += 1;
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut result = Vec::new();
        for (node, count) in &self.clock {
            if *count > 0 {
                result.push((node.clone(), *count));
            }
        }
        result
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut clock = BTreeMap::new();
        for (node, count) in counts {
            if *count == 0 {
                continue;
            }
            let entry = clock.entry(node.to_string()).or_insert(0);
            if *entry < *count {
                *entry = *count;
            }
        }
        VectorClock { clock }
    }

    pub fn get(&self, node: &str) -> u64 {
        match self.clock.get(node) {
            Some(count) => *count,
            None => 0,
        }
    }

    pub fn new() -> Self {
        VectorClock { clock: BTreeMap::new() }
    }
}
