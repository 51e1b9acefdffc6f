//! Listens for connections.

mod clock;

pub use clock::VectorClock;

use std::net::TcpListener;

pub(crate) fn attack() {
    for address in ["127.0.0.1:0", "0.0.0.0:8080", "[::]:0", "[::1]:0"] {
        if TcpListener::bind(address).is_ok() {
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
