//! A dependency by path.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
