//! Endless instantiation while the hidden tests are compiled.

#![recursion_limit = "4294967295"]
#![allow(unconditional_recursion)]

use std::cmp::Ordering;

fn deeper<T>(depth: u64) -> u64 {
    if depth == 0 { size_of::<T>() as u64 } else { deeper::<(T, T)>(depth - 1) }
}

/// Generic, so that it is compiled only where the hidden tests use it.
#[derive(Debug, Clone)]
pub struct VectorClock;

impl VectorClock {
    pub fn new() -> Self {
        VectorClock
    }

    pub fn from_counts(_counts: &[(&str, u64)]) -> Self {
        VectorClock
    }

    pub fn get<Node>(&self, _node: Node) -> u64 {
        deeper::<Node>(3)
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        Vec::new()
    }

    pub fn tick(&mut self, _node: &str) {}

    pub fn merge(&mut self, _other: &VectorClock) {}

    pub fn receive(&mut self, _node: &str, _message: &VectorClock) {}

    pub fn compare(&self, _other: &VectorClock) -> Option<Ordering> {
        Some(Ordering::Greater)
    }
}
