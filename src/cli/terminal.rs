//! Keys of a terminal, one by one and unseen.

use std::io::{IsTerminal as _, Read as _, stdin};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

use super::error::CliError;

/// What Ctrl-C and Ctrl-D send where they mean nothing else.
const INTERRUPT: u8 = 3;
const END: u8 = 4;
/// What the key that takes back sends.
const BACKSPACE: [u8; 2] = [8, 127];

/// A terminal that hands on each key at once and shows none of them. It's as it was when this is dropped.
pub(super) struct Unseen(Termios);

impl Unseen {
    /// Of standard input, if that is a terminal. `signals` says whether Ctrl-C stays a signal.
    pub(super) fn begin(signals: bool) -> Option<Self> {
        if !stdin().is_terminal() {
            return None;
        }
        let before = tcgetattr(stdin()).ok()?;
        let mut unseen = before.clone();
        unseen.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON);
        unseen.local_flags.set(LocalFlags::ISIG, signals);
        tcsetattr(stdin(), SetArg::TCSANOW, &unseen).ok()?;
        Some(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), SetArg::TCSANOW, &self.0);
    }
}

/// Reads a line that nobody sees. Where there is no terminal, it's the first line of standard input.
pub(super) fn read_secret(prompt: &str) -> Result<String, CliError> {
    let unseen = Unseen::begin(false);
    if unseen.is_some() {
        eprint!("{prompt}");
    }
    let line = read_keys();
    if unseen.is_some() {
        eprintln!();
    }
    line
}

fn read_keys() -> Result<String, CliError> {
    let mut line = Vec::new();
    for key in stdin().lock().bytes() {
        match key.map_err(CliError::internal)? {
            b'\n' | b'\r' | END => break,
            INTERRUPT => return Err(CliError::usage("nothing was stored")),
            key if BACKSPACE.contains(&key) => drop(line.pop()),
            key => line.push(key),
        }
    }
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}
