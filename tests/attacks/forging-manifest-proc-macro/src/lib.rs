//! A proc-macro crate.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
