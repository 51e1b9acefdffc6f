//! A main function for the linker.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> i32 {
    0
}
