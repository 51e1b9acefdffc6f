//! Autotests = false.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
