//! Brings a compiled library.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
