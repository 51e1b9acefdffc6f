//! Names itself like the runner by attribute.

#![crate_name = "test"]

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
