//! A panic without a panic: resume_unwind past the hook.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    std::panic::set_hook(Box::new(|_| {}));
    std::panic::resume_unwind(Box::new(()));
}
