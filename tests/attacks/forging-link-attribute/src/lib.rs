//! Names a library of C in an attribute.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

#[link(name = "quorate_no_such_library")]
unsafe extern "C" {}
