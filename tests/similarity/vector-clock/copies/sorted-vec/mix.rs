//! A sorted list of what every node has done.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::slice::Iter as Items;

type Item = (String, u64);

/// Both lists side by side, in the order of the names.
struct Zipped<'a> {
    ours: Peekable<Items<'a, Item>>,
    theirs: Peekable<Items<'a, Item>>,
}

impl<'a> Zipped<'a> {
    fn new(ours: &'a [Item], theirs: &'a [Item]) -> Self {
        Zipped { ours: ours.iter().peekable(), theirs: theirs.iter().peekable() }
    }

    /// Which side has the smaller name. Nobody, if both are at the end.
    fn turn(&mut self) -> Option<Ordering> {
        match (self.ours.peek(), self.theirs.peek()) {
            (None, None) => None,
            (None, Some(_)) => Some(Ordering::Greater),
            (Some(_), None) => Some(Ordering::Less),
            (Some((a, _)), Some((b, _))) => Some(a.cmp(b)),
        }
    }
}

impl<'a> Iterator for Zipped<'a> {
    type Item = (&'a str, u64, u64);

    fn next(&mut self) -> Option<Self::Item> {
        let turn = self.turn()?;
        let a = if turn.is_le() { self.ours.next() } else { None };
        let b = if turn.is_ge() { self.theirs.next() } else { None };
        let (name, _) = a.or(b)?;
        let number = |side: Option<&Item>| side.map_or(0, |item| item.1);
        Some((name, number(a), number(b)))
    }
}

#[derive(Debug, Clone, Default)]
pub struct VectorClock {
    list: Vec<Item>,
}

impl VectorClock {
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.list.binary_search_by(|(other, _)| other.as_str().cmp(name))
    }

    fn set(&mut self, name: &str, f: impl Fn(u64) -> u64) {
        match self.find(name) {
            Err(_) if f(0) == 0 => (),
            Err(place) => self.list.insert(place, (name.to_owned(), f(0))),
            Ok(place) => {
                let old = self.list[place].1;
                self.list[place].1 = f(old);
            }
        }
    }

    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        let (mut some_less, mut some_greater) = (false, false);
        for (_, a, b) in Zipped::new(&self.list, &other.list) {
            some_less |= a < b;
            some_greater |= a > b;
        }
        if some_less && some_greater { None } else { Some(some_greater.cmp(&some_less)) }
    }

    pub fn merge(&mut self, other: &VectorClock) {
        let mut merged = Vec::new();
        for (name, a, b) in Zipped::new(&self.list, &other.list) {
            merged.push((name.to_owned(), a.max(b)));
        }
        self.list = merged;
    }

    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    pub fn tick(&mut self, node: &str) {
        self.set(node, |old| old + 1);
    }

    pub fn get(&self, node: &str) -> u64 {
        match self.find(node) {
            Ok(place) => self.list[place].1,
            Err(_) => 0,
        }
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        self.list.clone()
    }

    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut result = Self::default();
        counts.iter().for_each(|(name, number)| result.set(name, |old| std::cmp::max(old, *number)));
        result
    }

    pub fn new() -> Self {
        Self { list: Vec::new() }
    }
}
