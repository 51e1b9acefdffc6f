//! A sleep without an end.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    std::thread::sleep(std::time::Duration::MAX);
}
