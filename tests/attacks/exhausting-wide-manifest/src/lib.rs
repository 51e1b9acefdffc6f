//! A manifest with ten thousand keys.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
