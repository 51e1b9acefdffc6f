//! Keys inherited from a workspace that is not there.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
