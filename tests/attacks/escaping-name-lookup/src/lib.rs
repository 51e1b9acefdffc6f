//! Looks up names.

mod clock;

pub use clock::VectorClock;

use std::net::ToSocketAddrs;

pub(crate) fn attack() {
    for name in ["example.com", "secret.attacker.example", "metadata.google.internal", "host.docker.internal"] {
        if (name, 80).to_socket_addrs().is_ok() {
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
