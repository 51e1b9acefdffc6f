//! [[bin]], [[example]] and [[bench]].

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
