//! Dependencies by git and from another registry.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
