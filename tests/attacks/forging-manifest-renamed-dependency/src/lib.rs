//! A dependency under another's name.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
