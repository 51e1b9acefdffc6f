//! A loop without an end.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    loop {
        std::hint::spin_loop();
    }
}
