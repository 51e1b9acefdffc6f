//! Waits for input.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    let input = std::io::read_to_string(std::io::stdin());
    println!("{input:?}");
}
