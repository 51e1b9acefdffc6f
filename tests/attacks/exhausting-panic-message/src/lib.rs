//! Panics with a message of hundreds of megabytes, and with one that is never finished.

mod clock;

pub use clock::VectorClock;

use std::fmt::{Display, Formatter, Result};

struct Endless;

impl Display for Endless {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        loop {
            formatter.write_str("and so on, ")?;
        }
    }
}

pub(crate) fn attack() {
    let _ = std::panic::catch_unwind(|| panic!("{}", "x".repeat(100 << 20)));
    panic!("{Endless}");
}
