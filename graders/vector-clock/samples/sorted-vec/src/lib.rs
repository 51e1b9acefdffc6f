//! Counts in a sorted vector, merged and compared by walking both sides at once, as in a merge sort.

use std::cmp::{Ordering, max};
use std::iter::Peekable;
use std::slice::Iter;

#[derive(Debug, Clone, Default)]
pub struct VectorClock {
    entries: Vec<(String, u64)>,
}

/// Walks two sorted clocks and yields each node once with both counts.
struct Both<'a> {
    left: Peekable<Iter<'a, (String, u64)>>,
    right: Peekable<Iter<'a, (String, u64)>>,
}

impl<'a> Iterator for Both<'a> {
    type Item = (&'a str, u64, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let next = match (self.left.peek(), self.right.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((left, _)), Some((right, _))) => left.cmp(right),
        };
        let left = if next.is_le() { self.left.next() } else { None };
        let right = if next.is_ge() {
            self.right.next()
        } else {
            None
        };
        let (node, _) = left.or(right)?;
        Some((
            node,
            left.map_or(0, |entry| entry.1),
            right.map_or(0, |entry| entry.1),
        ))
    }
}

impl VectorClock {
    pub fn new() -> Self {
        Self { entries: vec![] }
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut clock = Self::new();
        for (node, count) in counts {
            clock.update(node, |known| max(known, *count));
        }
        clock
    }

    pub fn get(&self, node: &str) -> u64 {
        self.position(node).map_or(0, |index| self.entries[index].1)
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        self.entries.clone()
    }

    pub fn tick(&mut self, node: &str) {
        self.update(node, |known| known + 1);
    }

    pub fn merge(&mut self, other: &VectorClock) {
        let entries = self
            .both(other)
            .map(|(node, left, right)| (node.to_owned(), left.max(right)));
        self.entries = entries.collect();
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let less = self.both(other).any(|(_, left, right)| left < right);
        let greater = self.both(other).any(|(_, left, right)| left > right);
        if less && greater {
            None
        } else {
            Some(greater.cmp(&less))
        }
    }

    fn both<'a>(&'a self, other: &'a Self) -> Both<'a> {
        Both {
            left: self.entries.iter().peekable(),
            right: other.entries.iter().peekable(),
        }
    }

    fn position(&self, node: &str) -> Result<usize, usize> {
        self.entries
            .binary_search_by(|(known, _)| known.as_str().cmp(node))
    }

    fn update(&mut self, node: &str, change: impl Fn(u64) -> u64) {
        match self.position(node) {
            Ok(index) => self.entries[index].1 = change(self.entries[index].1),
            Err(_) if change(0) == 0 => {}
            Err(index) => self.entries.insert(index, (node.to_owned(), change(0))),
        }
    }
}
