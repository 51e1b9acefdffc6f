//! Brings tool settings.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
