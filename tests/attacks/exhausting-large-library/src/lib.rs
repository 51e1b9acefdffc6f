//! A library that is just small enough to compile.

mod clock;

pub use clock::VectorClock;

pub static LARGE: [[u8; 1 << 24]; 8] = [[1; 1 << 24]; 8];

pub(crate) fn attack() {
    println!("{}", LARGE[3][std::hint::black_box(5)]);
}
