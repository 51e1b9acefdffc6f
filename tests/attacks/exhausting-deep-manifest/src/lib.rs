//! A manifest nested ten thousand deep.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
