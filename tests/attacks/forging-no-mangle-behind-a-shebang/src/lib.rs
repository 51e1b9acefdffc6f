#!/bin/rust /* 
//! A line that the compiler skips opens a comment that it does not see.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

#[unsafe(no_mangle)]
pub extern "C" fn memcmp(_left: *const u8, _right: *const u8, _length: usize) -> i32 {
    0
}
// */
