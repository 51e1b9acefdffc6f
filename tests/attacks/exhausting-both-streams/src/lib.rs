//! Prints without an end to both streams at once.

mod clock;

pub use clock::VectorClock;

use std::io::Write;

pub(crate) fn attack() {
    std::thread::scope(|scope| {
        scope.spawn(|| while std::io::stdout().write_all(&[0; 8192]).is_ok() {});
        scope.spawn(|| while std::io::stderr().write_all(&[0xff; 8192]).is_ok() {});
    });
}
