//! Asks for other crate types by attribute.

#![crate_type = "bin"]
#![crate_type = "cdylib"]
#![crate_type = "staticlib"]

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}
