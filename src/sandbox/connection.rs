//! The server's end of the jailer process: starts it, sends it requests, and starts another when it was killed.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::Error;
use super::jailer;
use super::wire::{self, Answer, ToJailer};

/// A jailer process that is always there: if it was killed, the next request starts another.
#[derive(Debug)]
pub(super) struct Connection {
    executable: PathBuf,
    /// The folders of control groups that the jailer removes when the server is gone.
    groups: Vec<PathBuf>,
    process: Mutex<Process>,
    mem_dirs: AtomicU64,
}

/// The jailer process and the socket that leads to it.
#[derive(Debug)]
struct Process {
    socket: OwnedFd,
    child: std::process::Child,
}

impl Connection {
    pub(super) fn start(executable: PathBuf, groups: Vec<PathBuf>) -> Result<Self, Error> {
        let process = Mutex::new(Process::start(&executable, groups.clone())?);
        Ok(Self { executable, groups, process, mem_dirs: AtomicU64::new(0) })
    }

    /// The quorate binary, which the jailer was started from.
    pub(super) fn executable(&self) -> &Path {
        &self.executable
    }

    /// A number that no other folder in memory of this jailer has.
    pub(super) fn next_mem_dir(&self) -> u64 {
        self.mem_dirs.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a request and waits for its answer on a socket of its own, which is returned with the descriptors that came along.
    pub(super) fn request(&self, request: &ToJailer) -> Result<(OwnedFd, Vec<OwnedFd>), Error> {
        let (socket, theirs) = wire::pair()?;
        self.send(request, theirs)?;
        let Some((answer, descriptors)) = wire::receive::<Answer>(&socket)? else { return Err(Error::JailerGone) };
        answer?;
        Ok((socket, descriptors))
    }

    /// Has the jailer forget a folder in memory.
    pub(super) fn drop_mem_dir(&self, number: u64) {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        // If the jailer is gone, so are its folders.
        let _ = wire::send(&process.socket, &ToJailer::DropMemDir { number }, &[]);
    }

    fn send(&self, request: &ToJailer, socket: OwnedFd) -> Result<(), Error> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        match wire::send(&process.socket, request, &[socket.as_fd()]) {
            Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => {
                *process = Process::start(&self.executable, self.groups.clone())?;
                Ok(wire::send(&process.socket, request, &[socket.as_fd()])?)
            }
            other => Ok(other?),
        }
    }
}

impl Process {
    fn start(executable: &Path, groups: Vec<PathBuf>) -> Result<Self, Error> {
        let (socket, theirs) = wire::pair().map_err(Error::Start)?;
        let child = std::process::Command::new(executable)
            .arg(jailer::ARGUMENT)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .spawn()
            .map_err(Error::Start)?;
        let process = Self { socket, child };
        wire::send(&process.socket, &ToJailer::Hello { groups }, &[]).map_err(Error::Start)?;
        let Some((answer, _)) = wire::receive::<Answer>(&process.socket).map_err(Error::Start)? else {
            return Err(Error::JailerGone);
        };
        answer?;
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Closing the socket is what ends the jailer; it then ends what it has started and removes what it has made.
        let _ =
            nix::sys::socket::shutdown(std::os::fd::AsRawFd::as_raw_fd(&self.socket), nix::sys::socket::Shutdown::Both);
        let _ = self.child.wait();
    }
}
