//! Closes every descriptor through a hole of the compiler.

mod clock;
mod hole;

pub use clock::VectorClock;

use std::fs::File;

pub(crate) fn attack() {
    for descriptor in 3..64_i32 {
        drop(hole::transmute::<i32, File>(descriptor));
    }
}
