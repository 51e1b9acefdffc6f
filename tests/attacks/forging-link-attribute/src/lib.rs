//! Asks the linker for a library that does not exist.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

#[link(name = "quorate_no_such_library")]
extern "C" {}
