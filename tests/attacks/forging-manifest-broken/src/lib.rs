//! A manifest that is no TOML.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
