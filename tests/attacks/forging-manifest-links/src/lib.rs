//! Links, metadata and include keys of [package].

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
