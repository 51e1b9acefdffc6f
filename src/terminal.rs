//! The terminal of whoever started this process: the log, and below it one line that says what is going on.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Mutex, PoisonError};

/// Goes to the start of the line and clears it (ECMA-48: carriage return, then "erase in line").
const CLEAR: &[u8] = b"\r\x1b[K";

/// The line that is shown now; empty when there is none.
static LINE: Mutex<String> = Mutex::new(String::new());

/// Whether standard error is a terminal, so that a line can be shown and replaced.
#[must_use]
pub(crate) fn is_there() -> bool {
    io::stderr().is_terminal()
}

/// Shows a line below the log in place of the one that was shown; an empty one removes it.
pub(crate) fn show(text: &str) {
    let mut line = LINE.lock().unwrap_or_else(PoisonError::into_inner);
    text.clone_into(&mut line);
    // A terminal that is gone can't be told anything.
    let _ = io::stderr().lock().write_all(&[CLEAR, text.as_bytes()].concat());
}

/// Standard error, for the log: what is written comes above the line.
pub(crate) struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = LINE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = io::stderr().lock();
        if line.is_empty() {
            return out.write(bytes);
        }
        out.write_all(&[CLEAR, bytes, line.as_bytes()].concat())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
