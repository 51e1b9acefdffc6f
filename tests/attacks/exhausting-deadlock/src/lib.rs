//! Waits for itself.

mod clock;

pub use clock::VectorClock;

use std::sync::Mutex;

pub(crate) fn attack() {
    let (first, second) = (Mutex::new(()), Mutex::new(()));
    std::thread::scope(|scope| {
        let _guard = first.lock();
        scope.spawn(|| {
            let _guard = second.lock();
            let _never = first.lock();
        });
        std::thread::park();
    });
}
