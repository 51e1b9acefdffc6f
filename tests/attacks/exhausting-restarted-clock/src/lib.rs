//! Sleeps and works by turns.

mod clock;

pub use clock::VectorClock;

use std::thread;
use std::time::{Duration, Instant};

pub(crate) fn attack() {
    loop {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(5) {
            std::hint::spin_loop();
        }
        thread::sleep(Duration::from_millis(5));
    }
}
