//! A build script by key.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
