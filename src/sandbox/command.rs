//! The vocabulary of the sandbox: what is to be run, within which limits, and what became of it.

use std::path::PathBuf;
use std::time::Duration;

/// How the step of [`Error::Setup`](super::Error::Setup) begins when the kernel refuses to execute the program itself.
pub const EXECUTING: &str = "executing ";

/// What may be used up before the kernel or the jailer ends the program. All are hard limits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Real time from start to end. What the machine keeps the program waiting for a processor does not count, until it is
    /// [`WALL_FACTOR_MAX`](super::WALL_FACTOR_MAX) times as long all in all.
    pub wall: Duration,
    /// CPU time of all processes together, from the control group.
    pub cpu: Duration,
    /// Memory of all processes together, in bytes, page cache and tmpfs pages included, without swap.
    pub memory_bytes: u64,
    /// Processes and threads alive at once.
    pub processes: u32,
    /// Bytes kept of standard output and of standard error, each; more is `Limit::Output`.
    pub output_bytes: u64,
    /// Bytes that may be written to each writable folder of the jail.
    pub disk_bytes: u64,
    /// Files that may be made in each writable folder of the jail.
    pub inodes: u64,
}

/// A program to run in a jail, which is made of [`Mount`]s (see [`Jailer::jail`](super::Jailer::jail)).
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Command {
    /// The program's path inside the jail.
    pub program: PathBuf,
    /// Arguments, without the program's name.
    pub args: Vec<String>,
    /// The whole environment: nothing is inherited.
    pub env: Vec<(String, String)>,
    /// Working directory inside the jail.
    pub cwd: PathBuf,
    /// What the program may ask of the kernel.
    pub profile: Profile,
    /// What the program finds on its private channel (see [`Outcome::channel`]); `None` gives it no channel.
    pub channel: Option<Channel>,
}

/// One folder or file of the jail. All are `nosuid` and `nodev`; nothing of the host but these can be named in a jail.
///
/// A path on the host may also be one of a [`MemDir`](super::MemDir) ([`MemDir::path`](super::MemDir::path)).
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub enum Mount {
    /// A file or folder of the host, read-only.
    ReadOnly {
        /// Its path on the host.
        from: PathBuf,
        /// Its path inside the jail.
        to: PathBuf,
    },
    /// A file that can be executed but not opened for reading by the jailed id. One of a [`MemDir`](super::MemDir) is changed itself, for
    /// good; of one of the host that somebody may read, a copy is made.
    ExecuteOnly {
        /// Its path on the host.
        from: PathBuf,
        /// Its path inside the jail.
        to: PathBuf,
    },
    /// A folder that is read and written, made for this jail alone: usually one of a [`MemDir`](super::MemDir), which is limited in size
    /// (a folder of the host is not). The folder itself is given to the jailed id.
    Scratch {
        /// Its path on the host.
        from: PathBuf,
        /// Its path inside the jail.
        to: PathBuf,
    },
    /// A read-only folder of the host under a writable layer. What belongs to the server's own user in it belongs to
    /// the jailed id in the jail.
    Overlay {
        /// On the host; never written.
        lower: PathBuf,
        /// The folder (usually of a [`MemDir`](super::MemDir)) that keeps what is written, in `upper/`, so that a later jail can go on
        /// from there; `None` for a layer in memory that is thrown away with the jail.
        upper: Option<PathBuf>,
        /// Its path inside the jail.
        to: PathBuf,
    },
    /// An empty writable folder in memory, of at most `Limits::disk_bytes` and `Limits::inodes`, new for each command.
    Temporary {
        /// Its path inside the jail.
        to: PathBuf,
    },
    /// `/dev/null`, `/dev/zero`, `/dev/urandom` and nothing else.
    Devices,
}

/// The system calls that a program may make (an allow-list each) and whether it may start others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Profile {
    /// A compiler driver: starts other programs of its jail, no network, no namespaces, no tracing.
    Tool,
    /// A program that starts no other program after itself: threads, files, time, and no more.
    Program,
}

/// A pipe pair between the caller and the program that no path names: the program reads `input` to its end from
/// descriptor 3 and writes to descriptor 4.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Channel {
    /// Bytes that the program can read.
    pub input: Vec<u8>,
    /// Bytes kept of what it writes; the rest is discarded and `Outcome::channel_overflow` is set.
    pub output_bytes: u64,
}

/// How a jailed program ended, and what it used.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// Why the program ended.
    pub end: End,
    /// Standard output, at most `Limits::output_bytes`.
    pub stdout: Vec<u8>,
    /// Standard error, at most `Limits::output_bytes`.
    pub stderr: Vec<u8>,
    /// What it wrote to its private channel.
    pub channel: Vec<u8>,
    /// Whether it wrote more there than was kept.
    pub channel_overflow: bool,
    /// What the program and everything that it started used.
    pub usage: Usage,
    /// The most memory that it could have used, in bytes; `None` where nothing limited it.
    pub memory_limit_bytes: Option<u64>,
}

/// Why a jailed program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum End {
    /// It exited with this code.
    Exited(i32),
    /// A signal that it or the kernel raised ended it, and no limit was the cause.
    Signalled(i32),
    /// It reached a limit and was killed with everything that it had started.
    Limit(Limit),
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Limit {
    /// More real time than `Limits::wall`.
    Wall,
    /// More CPU time than `Limits::cpu`.
    Cpu,
    /// More memory than `Limits::memory_bytes`.
    Memory,
    /// `Limits::processes`: the program was refused a process or thread and did not end well.
    Processes,
    /// More on one stream than `Limits::output_bytes`.
    Output,
    /// `Limits::disk_bytes` or `Limits::inodes`: a writable folder was full at the end; of a [`Profile::Tool`] also that
    /// it did not end well.
    Disk,
}

/// What a jailed program used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// Real time from start to end.
    pub wall: Duration,
    /// CPU time of all its processes.
    pub cpu: Duration,
    /// The most memory that all its processes held together, in bytes.
    pub memory_peak_bytes: u64,
}
