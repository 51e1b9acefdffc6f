//! Climbs above the root.

mod clock;

pub use clock::VectorClock;

use std::path::Path;

pub(crate) fn attack() {
    for _ in 0..64 {
        let _ = std::env::set_current_dir("..");
    }
    for folder in ["home", "root", "var", "boot", "work", "srv", "usr/bin", "etc/ssl"] {
        if Path::new(folder).exists() || Path::new("/").join(folder).exists() {
            escaped();
        }
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
