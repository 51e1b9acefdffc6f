//! A manifest with eight thousand keys under [package], each of which is refused.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
