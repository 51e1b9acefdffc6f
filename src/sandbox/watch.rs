//! Watches one run from the server: reads what it writes, keeps its limits of time and output, and judges its end.
//!
//! Memory, processes and files are limited by the kernel; here it is found out afterwards whether one of these was the
//! cause of the end.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::socket::{Shutdown, shutdown};

use super::cgroup::{Group, Shortage};
use super::command::{Command, End, Limit, Limits, Outcome, Profile, Usage};
use super::error::Error;
use super::starvation::Waits;
use super::wire::{self, Refusal, RunUpdate};

/// How long the jail may take to start the program or to end it: far more than it ever needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many times its limit of real time a run may take, on a machine that keeps it waiting for a processor.
pub const WALL_FACTOR_MAX: u32 = 3;

/// CPU time is looked at when the limit could be reached at the earliest, but not more often than this.
const CPU_INTERVAL: Duration = Duration::from_millis(5);

/// How often, in the length of a run's limit of real time, its threads are looked at: that takes some 10 µs for each thread.
const WAIT_LOOKS: u32 = 1000;
/// The threads are not looked at more often than this.
const WAIT_INTERVAL: Duration = Duration::from_millis(5);

/// Ends a run from another thread. Clones are the same switch; once pulled it stays so.
#[derive(Debug, Clone)]
pub struct Cancel {
    event: Arc<EventFd>,
    /// The switches above: pulling one of them pulls this one, too.
    above: Vec<Arc<EventFd>>,
}

impl Cancel {
    /// A switch that is not pulled.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn new() -> Result<Self, Error> {
        let event = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        Ok(Self { event: Arc::new(event), above: Vec::new() })
    }

    /// A switch of its own that is also pulled with this one.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn below(&self) -> Result<Self, Error> {
        let above = self.above.iter().chain([&self.event]).map(Arc::clone).collect();
        Ok(Self { above, ..Self::new()? })
    }

    /// Whether this switch, or one above it, has been pulled.
    pub fn is_cancelled(&self) -> bool {
        let mut fds: Vec<_> = self.poll_fds().collect();
        poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    pub(super) fn poll_fds(&self) -> impl Iterator<Item = PollFd<'_>> {
        let events = std::iter::once(&self.event).chain(&self.above);
        events.map(|event| PollFd::new(event.as_fd(), PollFlags::POLLIN))
    }

    /// Ends every run that was given this switch.
    pub fn cancel(&self) {
        // It can only fail when the counter is full, which means that it is pulled.
        let _ = self.event.write(1);
    }
}

/// One end of a pipe that is read up to a limit.
#[derive(Debug)]
pub(super) struct Stream {
    pipe: Option<File>,
    pub(super) kept: Vec<u8>,
    max_bytes: u64,
    overflow: bool,
}

impl Stream {
    pub(super) fn new(pipe: Option<OwnedFd>, max_bytes: u64) -> io::Result<Self> {
        let pipe = pipe.map(nonblocking).transpose()?;
        Ok(Self { pipe, kept: Vec::new(), max_bytes, overflow: false })
    }

    /// Whether anybody may still write to it.
    pub(super) fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    pub(super) fn poll_fd(&self) -> Option<PollFd<'_>> {
        self.pipe.as_ref().map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN))
    }

    /// Reads all that is there now.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut buffer) {
                Ok(0) => self.pipe = None,
                Ok(length) => self.keep(buffer.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) {
        let kept = u64::try_from(self.kept.len()).unwrap_or(u64::MAX);
        let room = usize::try_from(self.max_bytes.saturating_sub(kept)).unwrap_or(usize::MAX);
        self.overflow |= bytes.len() > room;
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

/// What the program reads from its channel, as far as it has not been written yet.
#[derive(Debug)]
struct Input {
    pipe: Option<File>,
    bytes: Vec<u8>,
    written: usize,
}

impl Input {
    /// Writes what the pipe takes now; closes it after the last byte, or when nobody reads.
    fn feed(&mut self) {
        while let Some(pipe) = &mut self.pipe {
            let rest = self.bytes.get(self.written..).unwrap_or_default();
            if rest.is_empty() {
                self.pipe = None;
                return;
            }
            match pipe.write(rest) {
                Ok(length) => self.written += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => self.pipe = None,
            }
        }
    }
}

/// How far a run has come.
#[derive(Debug)]
enum Phase {
    Starting,
    Running { since: Instant },
    Ending,
}

/// What the init said of the program's end.
#[derive(Debug)]
struct Ended {
    status: i32,
    disk_full: bool,
    cpu: Duration,
    memory_peak_bytes: u64,
}

/// A run that is being watched.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    limits: &'a Limits,
    profile: Profile,
    group: &'a Group,
    cancel: &'a Cancel,
    control_socket: OwnedFd,
    stdout: Stream,
    stderr: Stream,
    channel: Stream,
    input: Input,
    phase: Phase,
    deadline: Instant,
    next_cpu_look: Instant,
    next_wait_look: Instant,
    waits: Waits,
    /// What the watcher killed it for.
    killed: Option<Killed>,
    refused: Option<Refusal>,
    ended: Option<Ended>,
    wall: Duration,
    cpu_before: Duration,
    processors: u32,
}

#[derive(Debug, Clone, Copy)]
enum Killed {
    For(Limit),
    Cancelled,
    Stuck,
}

impl<'a> Watch<'a> {
    /// Makes the pipes of a run; returns the jail's ends of them in the order of [`wire::Run`].
    pub(super) fn new(
        command: &Command,
        limits: &'a Limits,
        group: &'a Group,
        cancel: &'a Cancel,
    ) -> Result<(Self, Vec<OwnedFd>), Error> {
        let (control_socket, their_socket) = wire::pair()?;
        let (stdout, their_stdout) = pipe()?;
        let (stderr, their_stderr) = pipe()?;
        let mut theirs = vec![their_socket, their_stdout, their_stderr];
        let mut input = Input { pipe: None, bytes: Vec::new(), written: 0 };
        let mut channel = Stream::new(None, 0)?;
        if let Some(wanted) = &command.channel {
            let (their_input, our_input) = pipe()?;
            let (our_output, their_output) = pipe()?;
            theirs.extend([their_input, their_output]);
            input = Input { pipe: Some(nonblocking(our_input)?), bytes: wanted.input.clone(), written: 0 };
            channel = Stream::new(Some(our_output), wanted.output_bytes)?;
        }
        let now = Instant::now();
        let watch = Self {
            limits,
            profile: command.profile,
            group,
            cancel,
            control_socket,
            stdout: Stream::new(Some(stdout), limits.output_bytes)?,
            stderr: Stream::new(Some(stderr), limits.output_bytes)?,
            channel,
            input,
            phase: Phase::Starting,
            deadline: now + PATIENCE,
            next_cpu_look: now + PATIENCE,
            next_wait_look: now + PATIENCE,
            waits: Waits::default(),
            killed: None,
            refused: None,
            ended: None,
            wall: Duration::ZERO,
            cpu_before: Duration::ZERO,
            processors: processors(),
        };
        Ok((watch, theirs))
    }

    /// Waits until no process of the run is left.
    pub(super) fn until_the_end(mut self) -> Result<Outcome, Error> {
        self.input.feed();
        loop {
            let socket_ready = self.wait()?;
            if socket_ready && self.listen()? {
                break;
            }
            self.input.feed();
            self.drain()?;
            self.keep_limits()?;
        }
        self.drain()?;
        self.judge()
    }

    /// Waits for anything to happen; returns whether the control socket has news.
    fn wait(&self) -> Result<bool, Error> {
        let until = self.deadline.min(self.next_cpu_look).min(self.next_wait_look);
        // Rounded up, so as not to wake just before the time.
        let millis = until.saturating_duration_since(Instant::now()).as_micros().div_ceil(1000);
        let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
        let mut fds = vec![PollFd::new(self.control_socket.as_fd(), PollFlags::POLLIN)];
        if self.killed.is_none() {
            fds.extend(self.cancel.poll_fds());
        }
        for stream in [&self.stdout, &self.stderr, &self.channel] {
            fds.extend(stream.poll_fd());
        }
        fds.extend(self.input.pipe.iter().map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLOUT)));
        wire::retry(|| poll(&mut fds, timeout))?;
        Ok(fds.first().and_then(PollFd::any).unwrap_or(false))
    }

    /// Takes one message from the control socket; `true` when no process is left.
    fn listen(&mut self) -> Result<bool, Error> {
        let message = wire::receive::<RunUpdate>(&self.control_socket)?.map(|(update, _)| update);
        match message {
            None => Err(Error::JailerGone),
            Some(RunUpdate::Refused(refusal)) => {
                self.refused.get_or_insert(refusal);
                self.end();
                Ok(false)
            }
            Some(RunUpdate::Gone) => Ok(true),
            Some(RunUpdate::Started) => {
                let now = Instant::now();
                self.phase = Phase::Running { since: now };
                self.deadline = now + self.limits.wall;
                self.cpu_before = self.group.cpu().unwrap_or_default();
                self.next_cpu_look = now + self.earliest(self.limits.cpu);
                self.next_wait_look = now + self.wait_interval();
                Ok(false)
            }
            Some(RunUpdate::Ended { status, disk_full, cpu_micros, memory_peak_bytes }) => {
                let cpu = Duration::from_micros(cpu_micros);
                self.ended = Some(Ended { status, disk_full, cpu, memory_peak_bytes });
                self.end();
                Ok(false)
            }
        }
    }

    fn drain(&mut self) -> Result<(), Error> {
        for stream in [&mut self.stdout, &mut self.stderr, &mut self.channel] {
            stream.drain()?;
        }
        Ok(())
    }

    fn keep_limits(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        if self.killed.is_none() && self.cancel.is_cancelled() {
            self.kill(Killed::Cancelled);
        } else if self.stdout.overflow || self.stderr.overflow {
            self.kill(Killed::For(Limit::Output));
        }
        if now >= self.next_cpu_look {
            self.look_at_cpu(now);
        }
        if now >= self.next_wait_look {
            self.waits.look(self.group);
            self.next_wait_look = now + self.wait_interval();
        }
        if now >= self.deadline {
            match self.phase {
                Phase::Running { since } => self.look_at_wall(since, now),
                Phase::Starting => self.kill(Killed::Stuck),
                Phase::Ending => return Err(Error::Stuck),
            }
        }
        Ok(())
    }

    /// Ends the run unless the machine was why it is not done yet.
    fn look_at_wall(&mut self, since: Instant, now: Instant) {
        let wall = self.limits.wall;
        self.deadline = since + (wall + self.waits.starved(self.group)).min(wall * WALL_FACTOR_MAX);
        if now >= self.deadline {
            self.kill(Killed::For(Limit::Wall));
        }
    }

    fn look_at_cpu(&mut self, now: Instant) {
        let used = self.group.cpu().unwrap_or_default().saturating_sub(self.cpu_before);
        if used > self.limits.cpu {
            self.kill(Killed::For(Limit::Cpu));
        } else {
            self.next_cpu_look = now + self.earliest(self.limits.cpu - used);
        }
    }

    /// In how long this much CPU time can have been used at the earliest.
    fn earliest(&self, rest: Duration) -> Duration {
        (rest / self.processors).max(CPU_INTERVAL)
    }

    fn wait_interval(&self) -> Duration {
        (self.limits.wall / WAIT_LOOKS).max(WAIT_INTERVAL)
    }

    fn kill(&mut self, cause: Killed) {
        if matches!(self.phase, Phase::Ending) && self.killed.is_some() {
            return;
        }
        self.killed = Some(cause);
        // The jail sees the closed half and kills the first process of the pid namespace.
        let _ = shutdown(self.control_socket.as_raw_fd(), Shutdown::Write);
        self.end();
    }

    /// The program has ended or is being killed; what is left is to wait until everything is gone.
    fn end(&mut self) {
        let now = Instant::now();
        if let Phase::Running { since } = self.phase {
            self.wall = now - since;
        }
        if !matches!(self.phase, Phase::Ending) {
            self.phase = Phase::Ending;
            self.deadline = now + PATIENCE;
            self.next_cpu_look = self.deadline;
            self.next_wait_look = self.deadline;
        }
    }

    fn judge(self) -> Result<Outcome, Error> {
        if let Some(refusal) = self.refused {
            return Err(refusal.into());
        }
        let reading = self.group.read();
        let ended = self.ended.as_ref();
        let cpu = reading.cpu.map(|cpu| cpu.saturating_sub(self.cpu_before));
        let usage = Usage {
            wall: self.wall,
            cpu: cpu.or(ended.map(|ended| ended.cpu)).unwrap_or_default(),
            memory_peak_bytes: reading
                .memory_peak_bytes
                .or(ended.map(|ended| ended.memory_peak_bytes))
                .unwrap_or_default(),
        };
        let overflow = self.stdout.overflow || self.stderr.overflow;
        let end = match self.killed {
            Some(Killed::Cancelled) => return Err(Error::Cancelled),
            Some(Killed::Stuck) => return Err(Error::Stuck),
            // The kernel's own kill comes first: what else was seen may be its consequence.
            _ if reading.killed_for == Some(Shortage::Machine) => return Err(Error::OutOfMemory),
            _ if reading.killed_for == Some(Shortage::Group) => End::Limit(Limit::Memory),
            // A thread that was refused is what a program waits for in vain: that is why it reached its time limit.
            Some(Killed::For(Limit::Wall)) if reading.refused_for.is_some() => End::Limit(Limit::Processes),
            Some(Killed::For(limit)) => End::Limit(limit),
            None if overflow => End::Limit(Limit::Output),
            None if usage.cpu > self.limits.cpu => End::Limit(Limit::Cpu),
            None => own_end(ended.ok_or(Error::JailerGone)?, reading.refused_for.is_some(), self.profile),
        };
        if end == End::Limit(Limit::Processes) && reading.refused_for == Some(Shortage::Machine) {
            return Err(Error::OutOfProcesses);
        }
        Ok(Outcome {
            end,
            stdout: self.stdout.kept,
            stderr: self.stderr.kept,
            channel: self.channel.kept,
            channel_overflow: self.channel.overflow,
            usage,
            memory_limit_bytes: Some(self.limits.memory_bytes),
        })
    }
}

/// The end of a program that was not killed by us. A program that has filled its disk has reached its limit whether or not it
/// minds; a thread or process that it was refused, and a tool's full disk, are its business as long as it ends well.
fn own_end(ended: &Ended, processes_refused: bool, profile: Profile) -> End {
    let end = match (libc::WIFSIGNALED(ended.status), libc::WTERMSIG(ended.status)) {
        (true, libc::SIGXCPU) => return End::Limit(Limit::Cpu),
        (true, libc::SIGXFSZ) => return End::Limit(Limit::Disk),
        (true, signal) => End::Signalled(signal),
        (false, _) => End::Exited(libc::WEXITSTATUS(ended.status)),
    };
    match end {
        End::Exited(0) if ended.disk_full && profile == Profile::Program => End::Limit(Limit::Disk),
        End::Exited(0) => end,
        _ if processes_refused => End::Limit(Limit::Processes),
        _ if ended.disk_full => End::Limit(Limit::Disk),
        _ => end,
    }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(nix::unistd::pipe2(OFlag::O_CLOEXEC)?)
}

fn nonblocking(fd: OwnedFd) -> io::Result<File> {
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok(File::from(fd))
}

fn processors() -> u32 {
    // Asking takes a dozen system calls.
    static COUNT: OnceLock<u32> = OnceLock::new();
    *COUNT.get_or_init(|| {
        std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX))
    })
}
