//! The server's side: [`Jailer`], [`Jail`] and [`Tree`].

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::cgroup::Groups;
use super::probe::{self, Control, Report};
use super::trusted::{self, Trusted};
use super::watch::{Cancel, Watch};
use super::wire::{self, Answer, Run, ToJailer};
use super::{Command, Error, Limits, Mount, Outcome, jailer, root, tree::Tree};

/// How to start a [`Jailer`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The quorate binary: it is executed again as the jailer and, inside a jail, as the probe.
    pub executable: PathBuf,
    /// Controls that the operator accepts to be absent.
    pub accept: Vec<Control>,
}

impl Settings {
    /// Settings that accept no absent control.
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        Self { executable: executable.into(), accept: Vec::new() }
    }
}

/// Makes jails. Cheap to clone; all clones share one jailer process, which ends with the last of them.
#[derive(Debug, Clone)]
pub struct Jailer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    executable: PathBuf,
    process: Mutex<Process>,
    groups: Groups,
    trees: AtomicU64,
    report: Report,
}

/// The connection to the jailer process.
#[derive(Debug)]
struct Process {
    socket: OwnedFd,
    child: std::process::Child,
}

impl Jailer {
    /// Starts the jailer and tries every control for real.
    ///
    /// # Errors
    /// [`Error::Controls`] names the controls that do not hold and are not accepted; any other error means that nothing
    /// can be run at all.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        let untried = Self::start_untried(settings)?;
        let report = probe::probe(&untried, &settings.executable, &settings.accept)?;
        if !report.is_acceptable() {
            return Err(Error::Controls(Box::new(report)));
        }
        let Some(shared) = Arc::into_inner(untried.shared) else { return Err(Error::JailerGone) };
        Ok(Self { shared: Arc::new(Shared { report, ..shared }) })
    }

    fn start_untried(settings: &Settings) -> Result<Self, Error> {
        let groups = Groups::find();
        let process = Process::start(&settings.executable, groups.folders())?;
        let shared = Shared {
            executable: settings.executable.clone(),
            process: Mutex::new(process),
            groups,
            trees: AtomicU64::new(0),
            report: Report::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What the probe found when this jailer was started.
    pub fn report(&self) -> &Report {
        &self.shared.report
    }

    /// The quorate binary.
    pub(super) fn executable(&self) -> &Path {
        &self.shared.executable
    }

    pub(super) fn groups(&self) -> &Groups {
        &self.shared.groups
    }

    /// Makes a jail for several commands. `limits` bounds what its overlays in memory may hold.
    ///
    /// # Errors
    /// When a mount cannot be made or the jailer is gone.
    pub fn jail(&self, mounts: &[Mount], limits: &Limits) -> Result<Jail, Error> {
        let (socket, theirs) = wire::pair()?;
        let (disk_bytes, inodes) = (limits.disk_bytes, limits.inodes);
        self.send(&ToJailer::Jail { mounts: mounts.to_vec(), disk_bytes, inodes }, theirs)?;
        match wire::receive::<Answer>(&socket)? {
            None => Err(Error::JailerGone),
            Some((answer, _)) => {
                answer?;
                Ok(Jail { jailer: self.clone(), socket })
            }
        }
    }

    /// Makes a jail, runs one command in it and takes it down.
    ///
    /// # Errors
    /// Those of [`Jailer::jail`] and [`Jail::run`].
    pub fn run(&self, mounts: &[Mount], command: &Command, limits: &Limits) -> Result<Outcome, Error> {
        self.jail(mounts, limits)?.run(command, limits)
    }

    /// Runs a program that is trusted, with the server's own rights and no jail, until it has ended or is cancelled.
    ///
    /// # Errors
    /// When it could not be started, and [`Error::Cancelled`].
    pub fn run_trusted(&self, trusted: &Trusted, cancel: &Cancel) -> Result<Outcome, Error> {
        trusted::run(&self.shared.executable, trusted, cancel)
    }

    /// Makes an empty folder in memory that outlives jails, for at most so many bytes and files.
    ///
    /// # Errors
    /// When it cannot be mounted or the jailer is gone.
    pub fn tree(&self, bytes: u64, inodes: u64) -> Result<Tree, Error> {
        let (socket, theirs) = wire::pair()?;
        let number = self.shared.trees.fetch_add(1, Ordering::Relaxed);
        self.send(&ToJailer::Tree { number, bytes, inodes }, theirs)?;
        let Some((answer, folder)) = wire::receive::<Answer>(&socket)? else { return Err(Error::JailerGone) };
        answer?;
        let folder = folder.into_iter().next().ok_or(Error::JailerGone)?;
        Ok(Tree::new(self.clone(), number, folder))
    }

    pub(super) fn drop_tree(&self, number: u64) {
        let process = self.shared.process.lock().unwrap_or_else(PoisonError::into_inner);
        // If the jailer is gone, so are its trees.
        let _ = wire::send(&process.socket, &ToJailer::DropTree { number }, &[]);
    }

    /// Sends a request; starts another jailer if this one was killed.
    fn send(&self, request: &ToJailer, socket: OwnedFd) -> Result<(), Error> {
        let mut process = self.shared.process.lock().unwrap_or_else(PoisonError::into_inner);
        match wire::send(&process.socket, request, &[socket.as_fd()]) {
            Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => {
                *process = Process::start(&self.shared.executable, self.shared.groups.folders())?;
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

/// Namespaces and mounts, made once, in which any number of commands run, also at the same time.
///
/// Each command has its own pid and ipc namespaces, its own [`Mount::Temporary`] folders and its own control group.
/// [`Mount::Scratch`] and [`Mount::Overlay`] are the jail's: a command finds what another has left there.
#[derive(Debug)]
pub struct Jail {
    jailer: Jailer,
    socket: OwnedFd,
}

impl Jail {
    /// Runs a command to its end.
    ///
    /// # Errors
    /// When the command could not be run for a reason that is not its own: see [`Error`].
    pub fn run(&self, command: &Command, limits: &Limits) -> Result<Outcome, Error> {
        self.run_until(command, limits, &Cancel::new()?)
    }

    /// Runs a command to its end or until it is cancelled.
    ///
    /// # Errors
    /// Those of [`Jail::run`], and [`Error::Cancelled`].
    pub fn run_until(&self, command: &Command, limits: &Limits, cancel: &Cancel) -> Result<Outcome, Error> {
        let group = self.jailer.shared.groups.make(limits)?;
        let (watch, theirs) = Watch::new(command, limits, &group, cancel)?;
        let entrances = group.entrances()?;
        let request = Run {
            program: command.program.clone(),
            args: command.args.clone(),
            env: command.env.clone(),
            cwd: command.cwd.clone(),
            profile: command.profile,
            limits: limits.clone(),
            channel: command.channel.is_some(),
            birthplace: entrances.birthplace.is_some(),
        };
        let descriptors = theirs.iter().chain(&entrances.birthplace).chain(&entrances.files);
        let descriptors: Vec<_> = descriptors.map(AsFd::as_fd).collect();
        wire::send(&self.socket, &request, &descriptors).map_err(|_| Error::JailerGone)?;
        drop((theirs, entrances));
        watch.until_the_end()
    }
}

/// Where the jailer mounts the tree of a number.
pub(super) fn tree_path(number: u64) -> PathBuf {
    Path::new(root::TREES).join(number.to_string())
}
