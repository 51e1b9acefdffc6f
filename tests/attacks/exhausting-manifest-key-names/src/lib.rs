//! Keys of the manifest that are commands to a terminal, lines of a report, and pages long.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
