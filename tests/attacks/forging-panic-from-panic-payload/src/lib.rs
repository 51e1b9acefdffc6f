//! A panic payload that panics when it is dropped.

mod clock;

pub use clock::VectorClock;

struct Payload;

impl Drop for Payload {
    fn drop(&mut self) {
        std::panic::panic_any(Payload);
    }
}

pub(crate) fn attack() {
    std::panic::panic_any(Payload);
}
