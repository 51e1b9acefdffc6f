//! Include_bytes! of the solution.

mod clock;

pub use clock::VectorClock;

const SOLUTION: &[u8] = include_bytes!("../solution/src/lib.rs");
const SAMPLE: &[u8] = include_bytes!("../samples/hash-map/src/lib.rs");

pub(crate) fn attack() {
    println!("{SOLUTION:?}{SAMPLE:?}");
}
