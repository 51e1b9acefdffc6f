//! Talks to services of the host by socket files.

mod clock;

pub use clock::VectorClock;

use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};

pub(crate) fn attack() {
    for path in [
        "/run/docker.sock",
        "/var/run/docker.sock",
        "/run/containerd/containerd.sock",
        "/run/systemd/private",
        "/run/dbus/system_bus_socket",
        "/var/run/postgresql/.s.PGSQL.5432",
        "/dev/log",
    ] {
        if UnixStream::connect(path).is_ok() {
            escaped();
        }
    }
    for folder in [".", "/tmp", "/dev/shm", "/run"] {
        if UnixListener::bind(format!("{folder}/socket")).is_ok() {
            escaped();
        }
    }
    if UnixDatagram::unbound().is_ok() {
        escaped();
    }
}

/// Makes a success visible in the verdict: the test never ends.
fn escaped() -> ! {
    loop {
        std::thread::park();
    }
}
