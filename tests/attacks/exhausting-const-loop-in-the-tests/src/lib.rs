//! A loop without an end while the hidden tests are compiled.

#![allow(long_running_const_eval)]

use std::cmp::Ordering;

struct Never<T>(T);

impl<T> Never<T> {
    const COUNT: u64 = {
        let mut number = size_of::<T>() as u64;
        while number < u64::MAX {
            number += 1;
        }
        number
    };
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
        Never::<Node>::COUNT
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
