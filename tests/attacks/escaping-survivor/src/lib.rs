//! Leaves a process in a group of its own.

mod clock;

pub use clock::VectorClock;

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

pub(crate) fn attack() {
    let own = std::env::args().next().unwrap_or_default();
    for program in ["/bin/sh", "/bin/sleep", "/proc/self/exe", own.as_str()] {
        let mut command = Command::new(program);
        command.args(["-c", "setsid sleep 1000 &"]).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if command.spawn().is_ok() {
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
