//! Warnings at every use by the hidden tests.

use std::cmp::Ordering;

#[derive(Debug, Clone)]
pub struct VectorClock;

impl VectorClock {
    #[deprecated(note = "quote me")]
    #[must_use = "quote me"]
    pub fn new() -> Self {
        VectorClock
    }

    #[deprecated(note = "quote me")]
    #[must_use = "quote me"]
    pub fn from_counts(_counts: &[(&str, u64)]) -> Self {
        VectorClock
    }

    #[deprecated(note = "quote me")]
    #[must_use = "quote me"]
    pub fn get(&self, _node: &str) -> u64 {
        99
    }

    pub fn entries(&self) -> Vec<(String, u64)> {
        vec![("nobody".to_string(), 99)]
    }

    #[deprecated(note = "quote me")]
    #[must_use = "quote me"]
    pub fn tick(&mut self, _node: &str) {}

    #[deprecated(note = "quote me")]
    #[must_use = "quote me"]
    pub fn merge(&mut self, _other: &VectorClock) {}

    #[deprecated(note = "quote me")]
    #[must_use = "quote me"]
    pub fn receive(&mut self, _node: &str, _message: &VectorClock) {}

    #[deprecated(note = "quote me")]
    #[must_use = "quote me"]
    pub fn compare(&self, _other: &VectorClock) -> Option<Ordering> {
        Some(Ordering::Greater)
    }
}
