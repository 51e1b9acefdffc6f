//! Includes a file without an end.

mod clock;

pub use clock::VectorClock;

const NOISE: &[u8] = include_bytes!("/dev/urandom");
const ZEROS: &[u8] = include_bytes!("/dev/zero");

pub(crate) fn attack() {
    println!("{} {}", NOISE.len(), ZEROS.len());
}
