//! Profiles that change the build.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
