//! A build script by name.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
