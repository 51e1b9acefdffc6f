//! Exit(0) from another thread.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    let _ = std::thread::spawn(|| std::process::exit(0)).join();
}
