//! [lints] that allow unsafe.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    unsafe { std::hint::unreachable_unchecked() }
}
