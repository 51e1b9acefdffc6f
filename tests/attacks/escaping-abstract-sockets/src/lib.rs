//! Meets another submission at an abstract socket.

mod clock;

pub use clock::VectorClock;

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

pub(crate) fn attack() {
    let meeting = SocketAddr::from_abstract_name(b"quorate-meeting").expect("an address");
    if UnixListener::bind_addr(&meeting).is_ok() || UnixStream::connect_addr(&meeting).is_ok() {
        escaped();
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
