//! [lib] crate-type and test.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
