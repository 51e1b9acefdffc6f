//! Makes links to what it may not open.

mod clock;

pub use clock::VectorClock;

use std::fs;
use std::os::unix::fs::symlink;

pub(crate) fn attack() {
    let own = std::env::args().next().unwrap_or_default();
    for target in ["/etc/shadow", "/etc/passwd", "/proc/1/root", own.as_str()] {
        for folder in [".", "/tmp", "/dev/shm"] {
            let (soft, hard) = (format!("{folder}/soft"), format!("{folder}/hard"));
            let _ = symlink(target, &soft);
            let _ = fs::hard_link(target, &hard);
            if fs::read(&soft).is_ok()
                || fs::read(&hard).is_ok()
                || fs::write(&soft, "").is_ok_and(|()| target.starts_with("/etc"))
            {
                escaped();
            }
            let _ = (fs::remove_file(&soft), fs::remove_file(&hard));
        }
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
