//! An array of many gigabytes in the library.

mod clock;

pub use clock::VectorClock;

pub static HUGE: [u8; 1 << 36] = [1; 1 << 36];

pub(crate) fn attack() {
    println!("{}", HUGE[HUGE.len() / 2]);
}
