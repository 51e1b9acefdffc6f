//! Unstable cargo features.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
