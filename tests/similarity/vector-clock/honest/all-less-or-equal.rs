//! An ordered map, and the definition of the order word for word.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A vector clock backed by a BTreeMap.
#[derive(Debug, Clone, Default)]
pub struct VectorClock {
    inner: BTreeMap<String, u64>,
}

impl VectorClock {
    pub fn new() -> Self {
        Self { inner: BTreeMap::new() }
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut inner: BTreeMap<String, u64> = BTreeMap::new();
        for &(name, n) in counts.iter().filter(|(_, n)| *n > 0) {
            inner
                .entry(name.to_owned())
                .and_modify(|old| *old = n.max(*old))
                .or_insert(n);
        }
        Self { inner }
    }

    pub fn get(&self, node: &str) -> u64 {
        self.inner.get(node).copied().unwrap_or_default()
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        self.inner.iter().map(|(name, n)| (name.clone(), *n)).collect()
    }

    pub fn tick(&mut self, node: &str) {
        if let Some(n) = self.inner.get_mut(node) {
            *n += 1;
        } else {
            self.inner.insert(node.to_owned(), 1);
        }
    }

    pub fn merge(&mut self, other: &VectorClock) {
        for (name, &n) in other.inner.iter() {
            let largest = n.max(self.get(name));
            self.inner.insert(name.clone(), largest);
        }
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let le = self.is_le(other);
        let ge = other.is_le(self);
        if le && ge {
            Some(Ordering::Equal)
        } else if le {
            Some(Ordering::Less)
        } else if ge {
            Some(Ordering::Greater)
        } else {
            None
        }
    }

    fn is_le(&self, other: &VectorClock) -> bool {
        for (name, &n) in &self.inner {
            if n > other.get(name) {
                return false;
            }
        }
        true
    }
}
