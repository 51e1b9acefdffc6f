//! Prints without an end.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    loop {
        println!("{}", "all work and no play makes a dull log ".repeat(100));
    }
}
