//! A constant that fails only when the tests use it.

use std::cmp::Ordering;

#[derive(Debug, Clone)]
pub struct VectorClock;

struct Caller<T>(T);

impl<T> Caller<T> {
    const LOCATION: () = panic!("{}", std::panic::Location::caller().file());
}

impl VectorClock {
    pub fn new() -> Self {
        VectorClock
    }

    pub fn from_counts(_counts: &[(&str, u64)]) -> Self {
        VectorClock
    }

    pub fn get<Node>(&self, _node: Node) -> u64 {
        #[allow(path_statements)]
        Caller::<Node>::LOCATION;
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
