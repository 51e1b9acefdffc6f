//! A plain map; the comparison goes through the names of both and keeps the direction in an option.

use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct VectorClock {
    counters: BTreeMap<String, u64>,
}

impl VectorClock {
    pub fn new() -> Self {
        Default::default()
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut result = VectorClock::new();
        for (node, count) in counts {
            if *count > result.get(node) {
                result.counters.insert(node.to_string(), *count);
            }
        }
        result
    }

    pub fn get(&self, node: &str) -> u64 {
        if let Some(count) = self.counters.get(node) { *count } else { 0 }
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        self.counters.iter().map(|(k, v)| (k.to_string(), *v)).collect()
    }

    pub fn tick(&mut self, node: &str) {
        let next = self.get(node) + 1;
        self.counters.insert(node.to_string(), next);
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (k, v) in &other.counters {
            if *v > self.get(k) {
                self.counters.insert(k.clone(), *v);
            }
        }
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let mut result = Ordering::Equal;
        let mut names: Vec<&String> = self.counters.keys().collect();
        names.extend(other.counters.keys());
        for name in names {
            let current = self.get(name).cmp(&other.get(name));
            if current == Ordering::Equal {
                continue;
            }
            if result == Ordering::Equal {
                result = current;
            } else if result != current {
                return None;
            }
        }
        Some(result)
    }
}
