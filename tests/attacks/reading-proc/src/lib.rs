//! Looks into /proc.

mod clock;

pub use clock::VectorClock;

use std::fs;

pub(crate) fn attack() {
    for process in ["self", "thread-self", "1", "2", "3"] {
        for file in ["environ", "cmdline", "maps", "mem", "exe", "status", "mountinfo", "cgroup", "fd", "root", "task"]
        {
            let path = format!("/proc/{process}/{file}");
            if fs::metadata(&path).is_ok() || fs::read_link(&path).is_ok() {
                println!("{path}");
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
