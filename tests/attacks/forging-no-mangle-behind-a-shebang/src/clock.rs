//! A clock whose every answer is wrong: what the attack does not win is lost.

use std::cmp::Ordering;

#[derive(Debug, Clone)]
pub struct VectorClock;

impl VectorClock {
    pub fn new() -> Self {
        crate::attack();
        VectorClock
    }

    pub fn from_counts(_counts: &[(&str, u64)]) -> Self {
        crate::attack();
        VectorClock
    }

    pub fn get(&self, _node: &str) -> u64 {
        99
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        vec![("nobody".to_string(), 99)]
    }

    pub fn tick(&mut self, _node: &str) {}

    pub fn merge(&mut self, _other: &VectorClock) {}

    pub fn receive(&mut self, _node: &str, _message: &VectorClock) {}

    pub fn compare(&self, _other: &VectorClock) -> Option<Ordering> {
        Some(Ordering::Greater)
    }
}
