//! A loop without an end on many threads.

mod clock;

pub use clock::VectorClock;

pub(crate) fn attack() {
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    std::hint::spin_loop();
                }
            });
        }
    });
}
