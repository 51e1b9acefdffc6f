//! Opens devices.

mod clock;

pub use clock::VectorClock;

use std::fs::OpenOptions;

pub(crate) fn attack() {
    for device in [
        "mem",
        "kmem",
        "port",
        "kmsg",
        "sda",
        "vda",
        "nvme0n1",
        "loop0",
        "loop-control",
        "tty",
        "tty0",
        "ptmx",
        "console",
        "fuse",
        "kvm",
        "net/tun",
        "userfaultfd",
        "mqueue/x",
        "dri/card0",
        "vhost-net",
        "log",
    ] {
        let path = format!("/dev/{device}");
        if OpenOptions::new().read(true).open(&path).is_ok() || OpenOptions::new().write(true).open(&path).is_ok() {
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
