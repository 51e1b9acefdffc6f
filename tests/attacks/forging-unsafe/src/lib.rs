//! Plain unsafe, allowed by attribute.

#![allow(unsafe_code)]

mod clock;

pub use clock::VectorClock;

use std::fs::File;
use std::io::Write;
use std::os::fd::FromRawFd;

pub(crate) fn attack() {
    for descriptor in 3..64 {
        let mut file = unsafe { File::from_raw_fd(descriptor) };
        let _ = file.write_all(b"passed\n");
    }
}
