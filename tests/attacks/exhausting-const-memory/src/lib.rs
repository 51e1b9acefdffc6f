//! Takes memory without an end while compiling.

#![allow(long_running_const_eval)]
#![recursion_limit = "4294967295"]

mod clock;

pub use clock::VectorClock;

const fn deeper<const DEPTH: usize>(depth: usize) -> usize {
    let block = [depth; 1 << 20];
    if depth == DEPTH { block[0] } else { deeper::<DEPTH>(depth + 1) + block[1] }
}

const HOARD: usize = deeper::<100_000>(0);

pub(crate) fn attack() {
    println!("{HOARD}");
}
