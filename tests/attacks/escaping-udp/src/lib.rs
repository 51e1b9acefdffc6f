//! Sends datagrams.

mod clock;

pub use clock::VectorClock;

use std::net::UdpSocket;

pub(crate) fn attack() {
    for local in ["0.0.0.0:0", "127.0.0.1:0", "[::]:0"] {
        if let Ok(socket) = UdpSocket::bind(local) {
            let _ = socket.set_broadcast(true);
            for target in ["1.1.1.1:53", "127.0.0.1:514", "255.255.255.255:9"] {
                let _ = socket.send_to(b"CANARY", target);
            }
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
