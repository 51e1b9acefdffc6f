//! Prints without an end to standard error.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    loop {
        eprint!("{}", "\u{1b}[31m\0".repeat(1000));
    }
}
