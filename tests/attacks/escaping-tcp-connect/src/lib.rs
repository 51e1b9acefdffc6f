//! Connects to the host, the cloud and the world.

mod clock;

pub use clock::VectorClock;

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) fn attack() {
    let hosts = ["127.0.0.1", "169.254.169.254", "1.1.1.1", "172.17.0.1", "10.0.0.1", "[::1]"];
    for host in hosts {
        for port in [22, 53, 80, 443, 5432, 8080] {
            let address: SocketAddr = format!("{host}:{port}").parse().expect("an address");
            match TcpStream::connect_timeout(&address, Duration::from_millis(20)) {
                Ok(_) => escaped(),
                // Refused means that there was a network to refuse it.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => escaped(),
                Err(_) => {}
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
