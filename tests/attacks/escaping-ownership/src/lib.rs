//! Gives itself other identities.

mod clock;

pub use clock::VectorClock;

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};

pub(crate) fn attack() {
    for folder in [".", "/", "/tmp", "/dev/shm"] {
        let path = format!("{folder}/mine");
        if fs::write(&path, "").is_err() {
            continue;
        }
        let own = fs::metadata(&path).map(|file| file.uid()).unwrap_or(0);
        for id in [0, 1, 1000, 65534] {
            if id != own && chown(&path, Some(id), Some(id)).is_ok() {
                escaped();
            }
        }
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
