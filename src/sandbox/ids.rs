//! Whom the jailed program is, outside and inside its user namespace.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::fcntl::{OFlag, openat};
use nix::sched::CloneFlags;
use nix::sys::stat::Mode;
use nix::unistd::{Pid, getegid, geteuid};

use super::sys;
use super::wire::{Refusal, Step};

/// The id that the program sees itself as.
pub(super) const INSIDE: u32 = 1000;

/// Host ids that no distribution gives to anyone: the first for the init of the run, the second for the
/// program.
const INIT_OUTSIDE: u32 = 1_990_000_000;
const PROGRAM_OUTSIDE: u32 = 1_990_000_001;

/// What the jailer may do with ids on this machine.
#[derive(Debug)]
pub(super) enum Ids {
    /// It is root: jailed programs have host ids of their own.
    Dedicated {
        /// A user namespace that shows files of this user as those of the program.
        owner_map: OwnedFd,
    },
    /// It is an ordinary user in a user namespace of its own, in which it is 0. There is only one id to give.
    Own,
}

impl Ids {
    /// Takes what the machine gives and brings this process into a mount namespace of its own.
    pub(super) fn take(proc: BorrowedFd<'_>) -> Result<Self, Refusal> {
        if geteuid().is_root() && nix::sched::unshare(CloneFlags::CLONE_NEWNS).is_ok() {
            // Root of a container may have no such ids to give.
            if let Ok(owner_map) = owner_map(proc) {
                return Ok(Self::Dedicated { owner_map });
            }
        }
        let (user, group) = (geteuid(), getegid());
        nix::sched::unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
            .step("making a user namespace as an ordinary user")?;
        write(proc, "self/setgroups", "deny").step("giving up groups")?;
        write(proc, "self/uid_map", &format!("0 {user} 1")).step("mapping the user id")?;
        write(proc, "self/gid_map", &format!("0 {group} 1")).step("mapping the group id")?;
        Ok(Self::Own)
    }

    /// Writes the id maps of a new user namespace, whose first process is `child`.
    pub(super) fn map(&self, proc: BorrowedFd<'_>, child: Pid) -> Result<(), Refusal> {
        let map = match self {
            Self::Dedicated { .. } => format!("0 {INIT_OUTSIDE} 1\n{INSIDE} {PROGRAM_OUTSIDE} 1"),
            Self::Own => format!("{INSIDE} 0 1"),
        };
        if matches!(self, Self::Own) {
            write(proc, &format!("{child}/setgroups"), "deny").step("giving up groups")?;
        }
        write(proc, &format!("{child}/uid_map"), &map).step("mapping user ids")?;
        write(proc, &format!("{child}/gid_map"), &map).step("mapping group ids")
    }

    /// The program's id as the jailer sees it.
    pub(super) fn program_outside(&self) -> u32 {
        match self {
            Self::Dedicated { .. } => PROGRAM_OUTSIDE,
            Self::Own => 0,
        }
    }

    /// The id, inside, of the init of the run.
    pub(super) fn init_id_inside(&self) -> u32 {
        match self {
            Self::Dedicated { .. } => 0,
            Self::Own => INSIDE,
        }
    }
}

/// A user namespace in which this process's own id is mapped to the program's.
fn owner_map(proc: BorrowedFd<'_>) -> Result<OwnedFd, Refusal> {
    let (hold, release) = nix::unistd::pipe().step("making a pipe")?;
    let Some((child, _pidfd)) = sys::fork_into(libc::CLONE_NEWUSER).step("making a user namespace")? else {
        drop(release);
        let _ = nix::unistd::read(&hold, &mut [0]);
        sys::exit(0);
    };
    drop(hold);
    let map = |own: u32| format!("{own} {PROGRAM_OUTSIDE} 1");
    let result = write(proc, &format!("{child}/uid_map"), &map(geteuid().as_raw()))
        .and_then(|()| write(proc, &format!("{child}/gid_map"), &map(getegid().as_raw())))
        .and_then(|()| Ok(openat(proc, format!("{child}/ns/user").as_str(), OFlag::O_CLOEXEC, Mode::empty())?));
    drop(release);
    let _ = nix::sys::wait::waitpid(child, None);
    result.step("mapping ids that are not in use")
}

pub(super) fn write(proc: BorrowedFd<'_>, file: &str, text: &str) -> io::Result<()> {
    let fd = openat(proc.as_fd(), file, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    std::fs::File::from(fd).write_all(text.as_bytes())
}
