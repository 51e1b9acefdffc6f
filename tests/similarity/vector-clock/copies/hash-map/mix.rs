use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

type Table = HashMap<String, u64>;

/// The counts of all nodes that were heard of.
#[derive(Default, Clone, Debug)]
pub struct VectorClock {
    table: Table,
}

/// One step of the comparison.
fn combine(total: Ordering, step: Ordering) -> Option<Ordering> {
    match (total, step) {
        (total, Ordering::Equal) => Some(total),
        (Ordering::Equal, step) => Some(step),
        (total, step) if total == step => Some(total),
        _ => None,
    }
}

impl VectorClock {
    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let all: HashSet<&String> = self.table.keys().chain(other.table.keys()).collect();
        let mut total = Ordering::Equal;
        for name in all {
            let step = self.get(name).cmp(&other.get(name));
            total = combine(total, step)?;
        }
        Some(total)
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut result = Self::new();
        for (name, value) in counts.iter() {
            let old = result.table.entry(name.to_string()).or_default();
            *old = (*old).max(*value);
        }
        result
    }

    pub fn new() -> Self {
        VectorClock { table: HashMap::new() }
    }

    pub fn tick(&mut self, node: &str) {
        let value = self.table.entry(node.to_string()).or_insert(0);
        *value += 1;
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn merge(&mut self, other: &VectorClock) {
        other.table.iter().for_each(|(name, value)| {
            self.table
                .entry(name.clone())
                .and_modify(|old| *old = (*old).max(*value))
                .or_insert(*value);
        });
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        let mut list: Vec<_> = self
            .table
            .iter()
            .filter(|&(_, &value)| value != 0)
            .map(|(name, &value)| (name.clone(), value))
            .collect();
        list.sort();
        list
    }

    pub fn get(&self, node: &str) -> u64 {
        *self.table.get(node).unwrap_or(&0)
    }
}
