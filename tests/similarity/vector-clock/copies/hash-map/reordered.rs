//! Counts in a hash map; the order is found in one pass over the nodes of both clocks.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Default)]
pub struct VectorClock(HashMap<String, u64>);

impl VectorClock {
    pub fn tick(&mut self, node: &str) {
        *self.0.entry(node.to_string()).or_insert(0) += 1;
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let nodes: HashSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let mut seen = Ordering::Equal;
        for node in nodes {
            let order = self.get(node).cmp(&other.get(node));
            match (seen, order) {
                (_, Ordering::Equal) => {}
                (Ordering::Equal, _) => seen = order,
                (seen, order) if seen == order => {}
                _ => return None,
            }
        }
        Some(seen)
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (node, count) in other.0.iter() {
            self.0
                .entry(node.clone())
                .and_modify(|known| *known = (*known).max(*count))
                .or_insert(*count);
        }
    }

    pub fn get(&self, node: &str) -> u64 {
        *self.0.get(node).unwrap_or(&0)
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let above_zero = self.0.iter().filter(|&(_, &count)| count != 0);
        let mut entries: Vec<_> = above_zero
            .map(|(node, &count)| (node.clone(), count))
            .collect();
        entries.sort();
        entries
    }

    pub fn new() -> Self {
        VectorClock(HashMap::new())
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        counts.iter().fold(Self::new(), |mut clock, (node, count)| {
            let known = clock.0.entry(node.to_string()).or_default();
            *known = (*known).max(*count);
            clock
        })
    }
}
