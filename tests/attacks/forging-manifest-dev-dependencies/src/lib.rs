//! Dev, build and target dependencies.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
