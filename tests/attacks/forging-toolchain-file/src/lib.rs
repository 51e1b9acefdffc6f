//! Brings rust-toolchain.toml.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
