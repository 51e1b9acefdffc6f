//! A dependency that the package does not allow.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
