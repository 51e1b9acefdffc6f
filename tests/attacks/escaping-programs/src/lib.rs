//! Starts programs.

mod clock;

pub use clock::VectorClock;

use std::process::Command;

const PROGRAMS: &[&str] = &[
    "sh", "bash", "env", "ls", "cat", "id", "cargo", "rustc", "cc", "ld", "python3", "perl", "unshare", "nsenter",
    "mount", "su", "sudo", "ptrace", "gdb", "strace", "curl", "quorate",
];

pub(crate) fn attack() {
    for program in PROGRAMS {
        for folder in ["", "/bin/", "/usr/bin/", "/usr/local/bin/", "./"] {
            if Command::new(format!("{folder}{program}")).arg("--help").spawn().is_ok() {
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
