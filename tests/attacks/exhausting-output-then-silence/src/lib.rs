//! Prints just too little and never ends.

mod clock;

pub use clock::VectorClock;

use std::io::Write;

pub(crate) fn attack() {
    let _ = std::io::stdout().write_all(&[b'x'; 60 * 1024]);
    let _ = std::io::stderr().write_all(&[b'x'; 60 * 1024]);
    loop {
        std::thread::park();
    }
}
