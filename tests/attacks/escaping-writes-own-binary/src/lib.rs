//! Changes the binary of the tests that follow.

mod clock;

pub use clock::VectorClock;

use std::fs::{self, OpenOptions};

pub(crate) fn attack() {
    let own = std::env::args().next().unwrap_or_default();
    let replaced = fs::write("replacement", "#!/bin/true\n").is_ok() && fs::rename("replacement", &own).is_ok();
    let opened = OpenOptions::new().append(true).open(&own).is_ok();
    let removed = fs::remove_file(&own).is_ok();
    if replaced || opened || removed {
        escaped();
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
