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
            if *count == 0 {
                continue;
            }
            raise(&mut clock, node, *count);
        }
        VectorClock { clock }
    }

    pub fn get(&self, node: &str) -> u64 {
        match self.clock.get(node) {
            Some(count) => *count,
            None => 0,
        }
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

    pub fn tick(&mut self, node: &str) {
        let entry = self.clock.entry(node.to_string()).or_insert(0);
        *entry += 1;
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (node, count) in &other.clock {
            self.learn(node, *count);
        }
    }

    fn learn(&mut self, node: &String, count: u64) {
        let entry = self.clock.entry(node.clone()).or_insert(0);
        *entry = (*entry).max(count);
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let (less, greater) = self.differences(other);
        verdict(less, greater)
    }

    fn differences(&self, other: &VectorClock) -> (bool, bool) {
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
        (less, greater)
    }
}

fn verdict(less: bool, greater: bool) -> Option<Ordering> {
    match (less, greater) {
        (false, false) => Some(Ordering::Equal),
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        (true, true) => None,
    }
}

fn raise(clock: &mut BTreeMap<String, u64>, node: &str, count: u64) {
    let entry = clock.entry(node.to_string()).or_insert(0);
    if *entry < count {
        *entry = count;
    }
}

impl Default for VectorClock {
    fn default() -> Self {
        Self::new()
    }
}
