//! Brings Cargo.lock.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
