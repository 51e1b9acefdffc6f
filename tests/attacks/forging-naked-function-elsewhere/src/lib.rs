//! Machine code in a file that is no source of the library, included by it.

mod clock;

pub use clock::VectorClock;

include!("../tests/machine_code.rs");

pub(crate) fn attack() {
    leave();
}
