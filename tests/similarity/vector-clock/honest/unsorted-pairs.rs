//! Pairs in the order in which nodes were met, found by going through all of them.

use std::cmp::Ordering;

#[derive(Debug, Clone)]
pub struct VectorClock {
    pairs: Vec<(String, u64)>,
}

impl VectorClock {
    pub fn new() -> Self {
        VectorClock { pairs: Vec::new() }
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut clock = VectorClock::new();
        for (node, count) in counts {
            let slot = clock.slot(node);
            if *count > *slot {
                *slot = *count;
            }
        }
        clock
    }

    fn slot(&mut self, node: &str) -> &mut u64 {
        let index = match self.pairs.iter().position(|p| p.0 == node) {
            Some(index) => index,
            None => {
                self.pairs.push((String::from(node), 0));
                self.pairs.len() - 1
            }
        };
        &mut self.pairs[index].1
    }

    pub fn get(&self, node: &str) -> u64 {
        self.pairs.iter().find(|p| p.0 == node).map_or(0, |p| p.1)
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut out: Vec<(String, u64)> = self.pairs.iter().filter(|p| p.1 > 0).cloned().collect();
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }

    pub fn tick(&mut self, node: &str) {
        *self.slot(node) += 1;
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (node, count) in &other.pairs {
            let slot = self.slot(node);
            *slot = std::cmp::max(*slot, *count);
        }
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let some_smaller = other.pairs.iter().any(|(node, count)| self.get(node) < *count);
        let some_larger = self.pairs.iter().any(|(node, count)| *count > other.get(node));
        match (some_smaller, some_larger) {
            (true, true) => None,
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (false, false) => Some(Ordering::Equal),
        }
    }
}

impl Default for VectorClock {
    fn default() -> Self {
        Self::new()
    }
}
