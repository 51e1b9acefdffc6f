//! Exit(0) from a panic hook.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    std::panic::set_hook(Box::new(|_| std::process::exit(0)));
}
