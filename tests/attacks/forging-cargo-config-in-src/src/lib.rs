//! Brings .cargo/config.toml inside of src.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
