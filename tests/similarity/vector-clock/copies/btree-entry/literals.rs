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
        let mut clock = BTreeMap::new();
        for (node, count) in counts {
            if *count == 0u64 {
                continue;
            }
            let entry = clock.entry(node.to_string()).or_insert(0x0_u64);
            if *entry < *count {
                *entry = *count;
            }
        }
        VectorClock { clock }
    }

    pub fn get(&self, node: &str) -> u64 {
        match self.clock.get(node) {
            Some(count) => *count,
            None => 0_0,
        }
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut result = Vec::new();
        for (node, count) in &self.clock {
            if *count > 0b0 {
                result.push((node.clone(), *count));
            }
        }
        result
    }

    pub fn tick(&mut self, node: &str) {
        let entry = self.clock.entry(node.to_string()).or_insert(0x0_u64);
        *entry += 0x1;
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (node, count) in &other.clock {
            let entry = self.clock.entry(node.clone()).or_insert(0x0_u64);
            *entry = (*entry).max(*count);
        }
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let mut less = true;
        let mut greater = true;
        for node in self.clock.keys().chain(other.clock.keys()) {
            let mine = self.get(node);
            let theirs = other.get(node);
            if mine < theirs {
                less = false;
            }
            if mine > theirs {
                greater = false;
            }
        }
        match (less, greater) {
            (true, true) => Some(Ordering::Equal),
            (false, true) => Some(Ordering::Less),
            (true, false) => Some(Ordering::Greater),
            (false, false) => None,
        }
    }
}

impl Default for VectorClock {
    fn default() -> Self {
        Self::new()
    }
}
