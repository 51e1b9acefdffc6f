//! A no_std library with a panic handler of its own.

#![no_std]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

#[panic_handler]
fn swallow(_info: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[derive(Debug, Clone)]
pub struct VectorClock;

impl VectorClock {
    pub fn new() -> Self {
        VectorClock
    }

    pub fn from_counts(_counts: &[(&str, u64)]) -> Self {
        VectorClock
    }

    pub fn get(&self, _node: &str) -> u64 {
        99
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
