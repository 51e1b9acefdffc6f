//! Prints backtraces and panic messages.

mod clock;

pub use clock::VectorClock;

use std::backtrace::Backtrace;

pub(crate) fn attack() {
    std::panic::set_hook(Box::new(|panic| {
        println!("{panic} {:?} {}", panic.location(), Backtrace::force_capture());
        eprintln!("{panic} {:?} {}", panic.location(), Backtrace::force_capture());
    }));
}
