//! Runs a program that is trusted: no jail, but a captured output, a time limit, and an end of all that it started.
//!
//! Between the server and the program stands a *reaper*, this binary again: it adopts whatever the program leaves
//! behind and kills it all when the program ends, when it is told to, or when the server dies in whatever way.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::command::{End, Limit, Outcome, Usage};
use super::error::Error;
use super::watch::{Cancel, Stream};
use super::{sys, wire};

/// The hidden first argument that makes the binary a reaper.
pub(super) const ARGUMENT: &str = "__trusted";

/// A trusted program to run, with the rights and the environment of the server.
#[derive(Debug, Clone)]
pub struct Trusted {
    /// Its path, or a name to be found on the server's `PATH`.
    pub program: PathBuf,
    /// Arguments, without the program's name.
    pub args: Vec<String>,
    /// Set besides what the server's own environment has.
    pub env: Vec<(String, String)>,
    /// Taken out of what the server's own environment has.
    pub without_env: Vec<String>,
    /// The working directory that it starts in.
    pub cwd: PathBuf,
    /// Real time until it is killed.
    pub wall: Duration,
    /// Bytes kept of standard output and of standard error, each; the rest is read and forgotten.
    pub output_bytes: u64,
}

/// Runs a trusted program until it has ended or is cancelled. `executable` is the quorate binary.
pub(super) fn run(executable: &Path, trusted: &Trusted, cancel: &Cancel) -> Result<Outcome, Error> {
    let since = Instant::now();
    let (socket, theirs) = wire::pair()?;
    let mut command = std::process::Command::new(executable);
    command.arg(ARGUMENT).arg(&trusted.program).args(&trusted.args).current_dir(&trusted.cwd);
    for name in &trusted.without_env {
        command.env_remove(name);
    }
    command.envs(trusted.env.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::from(theirs)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Error::Start)?;
    // Its copy of the reaper's end must go, or nobody would see that end close.
    drop(command);
    let mut watched = Watched {
        socket: Some(socket),
        stdout: Stream::new(child.stdout.take().map(OwnedFd::from), trusted.output_bytes)?,
        stderr: Stream::new(child.stderr.take().map(OwnedFd::from), trusted.output_bytes)?,
        deadline: since.checked_add(trusted.wall),
        late: false,
        cancelled: false,
    };
    let watching = watched.until_closed(cancel);
    drop(watched.socket.take());
    let status = child.wait()?;
    watching?;
    if watched.cancelled {
        return Err(Error::Cancelled);
    }
    Ok(Outcome {
        end: if watched.late { End::Limit(Limit::Wall) } else { end(status) },
        stdout: watched.stdout.kept,
        stderr: watched.stderr.kept,
        channel: Vec::new(),
        channel_overflow: false,
        usage: Usage { wall: since.elapsed(), ..Usage::default() },
        memory_limit_bytes: None,
    })
}

fn end(status: ExitStatus) -> End {
    match status.code() {
        Some(code) if code > SIGNAL_BASE => End::Signalled(code - SIGNAL_BASE),
        Some(code) => End::Exited(code),
        None => End::Signalled(status.signal().unwrap_or(libc::SIGKILL)),
    }
}

/// A reaper ends with this and the signal's number if a signal ended the program, as shells do.
const SIGNAL_BASE: i32 = 128;

struct Watched {
    /// Open as long as the program may run.
    socket: Option<OwnedFd>,
    stdout: Stream,
    stderr: Stream,
    deadline: Option<Instant>,
    late: bool,
    cancelled: bool,
}

impl Watched {
    /// Reads until nobody holds the pipes any more.
    fn until_closed(&mut self, cancel: &Cancel) -> Result<(), Error> {
        while self.stdout.is_open() || self.stderr.is_open() {
            self.wait(cancel)?;
            self.stdout.drain()?;
            self.stderr.drain()?;
            if self.socket.is_none() {
                continue;
            }
            self.cancelled = cancel.is_cancelled();
            self.late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
            if self.cancelled || self.late {
                self.socket = None;
            }
        }
        Ok(())
    }

    fn wait(&self, cancel: &Cancel) -> Result<(), Error> {
        let mut fds = Vec::with_capacity(4);
        fds.extend(self.stdout.poll_fd());
        fds.extend(self.stderr.poll_fd());
        let mut timeout = PollTimeout::NONE;
        if self.socket.is_some() {
            fds.extend(cancel.poll_fds());
            if let Some(deadline) = self.deadline {
                let millis = deadline.saturating_duration_since(Instant::now()).as_micros().div_ceil(1000);
                timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
            }
        }
        wire::retry(|| poll(&mut fds, timeout))?;
        Ok(())
    }
}

/// The life of a reaper; its standard input is the socket. Returns the code to exit with.
pub(super) fn reap(mut args: impl Iterator<Item = String>) -> io::Result<i32> {
    let socket = sys::out_of_the_way(io::stdin().as_fd())?;
    nix::sys::prctl::set_child_subreaper(true)?;
    // A terminal's Ctrl-C is for the server, which then closes the socket.
    let _ = nix::unistd::setsid();
    let program = args.next().ok_or(io::ErrorKind::InvalidInput)?;
    let child = std::process::Command::new(&program).args(args).stdin(Stdio::null()).spawn();
    let mut child = child.inspect_err(|error| eprintln!("failed to start {program}: {error}"))?;
    let pidfd = sys::open_process(child.id())?;
    let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLIN), PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    wire::retry(|| poll(&mut fds, PollTimeout::NONE))?;
    // If it still runs, the server wants it to end.
    let status = child.try_wait()?.unwrap_or_else(|| ExitStatus::from_raw(libc::SIGKILL));
    kill_all_descendants();
    Ok(status.code().or_else(|| Some(SIGNAL_BASE + status.signal()?)).unwrap_or(SIGNAL_BASE))
}

/// Kills children until there are none: the children of a killed child become ours.
fn kill_all_descendants() {
    loop {
        for child in children() {
            let _ = kill(child, Signal::SIGKILL);
        }
        if waitpid(None, None) == Err(nix::Error::ECHILD) {
            return;
        }
    }
}

fn children() -> Vec<Pid> {
    let own = std::process::id();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|number| parent(*number) == Some(own)).map(Pid::from_raw).collect()
}

fn parent(process: i32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may hold anything; state and parent follow it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
