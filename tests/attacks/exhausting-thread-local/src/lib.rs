//! Eighty megabytes for every thread, before the tests' first instruction.

mod clock;

pub use clock::VectorClock;

use std::cell::RefCell;

thread_local! {
    static LARGE: RefCell<[u64; 10 << 20]> = const { RefCell::new([0; 10 << 20]) };
}

pub(crate) fn attack() {
    LARGE.with_borrow_mut(|large| large[1] = large[2] + 1);
}
