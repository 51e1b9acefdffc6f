//! The server's side: [`Jailer`] and [`Jail`].

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cgroup::Groups;
use super::command::{Command, Limits, Mount, Outcome};
use super::connection::Connection;
use super::control::ControlReport;
use super::error::Error;
use super::mem_dir::MemDir;
use super::trusted::{self, Trusted};
use super::watch::{Cancel, Watch};
use super::wire::{self, Run, ToJailer};

/// Makes jails. Cheap to clone; all clones share one jailer process, which ends with the last of them.
#[derive(Debug, Clone)]
pub struct Jailer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    // Before the groups: when it is dropped, the jailer ends everything that is in them.
    connection: Arc<Connection>,
    groups: Groups,
    report: ControlReport,
}

impl Jailer {
    /// Starts the jailer without trying a control: for the probe, which is about to.
    pub(super) fn start_untried(executable: &Path) -> Result<Self, Error> {
        let groups = Groups::find();
        let connection = Arc::new(Connection::start(executable.to_owned(), groups.folders())?);
        Ok(Self { shared: Arc::new(Shared { connection, groups, report: ControlReport::default() }) })
    }

    /// The same jailer with what the probe found.
    pub(super) fn with_report(self, report: ControlReport) -> Result<Self, Error> {
        let Some(shared) = Arc::into_inner(self.shared) else { return Err(Error::JailerGone) };
        Ok(Self { shared: Arc::new(Shared { report, ..shared }) })
    }

    /// What the probe found when this jailer was started.
    pub fn report(&self) -> &ControlReport {
        &self.shared.report
    }

    /// The quorate binary itself, to be mounted read-only at `to`. It is dynamically linked.
    #[must_use]
    pub fn own_program(&self, to: impl Into<PathBuf>) -> Mount {
        Mount::ReadOnly { from: self.shared.connection.executable().to_owned(), to: to.into() }
    }

    pub(super) fn groups(&self) -> &Groups {
        &self.shared.groups
    }

    /// Makes a jail for several commands. `limits` bounds what its overlays in memory may hold.
    ///
    /// # Errors
    /// When a mount cannot be made or the jailer is gone.
    pub fn jail(&self, mounts: &[Mount], limits: &Limits) -> Result<Jail, Error> {
        let (disk_bytes, inodes) = (limits.disk_bytes, limits.inodes);
        let (socket, _) =
            self.shared.connection.request(&ToJailer::Jail { mounts: mounts.to_vec(), disk_bytes, inodes })?;
        Ok(Jail { jailer: self.clone(), socket })
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
        trusted::run(self.shared.connection.executable(), trusted, cancel)
    }

    /// Makes an empty folder in memory that outlives jails, for at most so many bytes and files.
    ///
    /// # Errors
    /// When it cannot be mounted or the jailer is gone.
    pub fn mem_dir(&self, bytes: u64, inodes: u64) -> Result<MemDir, Error> {
        MemDir::make(&self.shared.connection, bytes, inodes)
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
        let fds = group.fds()?;
        let request = Run {
            program: command.program.clone(),
            args: command.args.clone(),
            env: command.env.clone(),
            cwd: command.cwd.clone(),
            profile: command.profile,
            limits: limits.clone(),
            channel: command.channel.is_some(),
            cgroup_fd: fds.cgroup_fd.is_some(),
        };
        let descriptors = theirs.iter().chain(&fds.cgroup_fd).chain(&fds.procs_fds);
        let descriptors: Vec<_> = descriptors.map(AsFd::as_fd).collect();
        wire::send(&self.socket, &request, &descriptors).map_err(|_| Error::JailerGone)?;
        drop((theirs, fds));
        watch.until_the_end()
    }
}
