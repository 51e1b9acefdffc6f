//! Holds the lock of standard output for ever.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    std::mem::forget(std::io::stderr().lock());
    std::thread::spawn(|| {
        let _lock = std::io::stdout().lock();
        loop {
            std::thread::park();
        }
    });
    std::thread::sleep(std::time::Duration::from_millis(5));
}
