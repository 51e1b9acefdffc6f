//! The jailer process: a small single-threaded copy of this binary that makes jails and stays running.
//!
//! It holds what is the same for all jails (compiled filters, a mount namespace, the folders in memory), forks a
//! [supervisor](super::supervisor) for each jail and does nothing else, so that a jail starts at once. It leaves when its
//! socket closes, which the kernel does for a server that dies in whatever way, and removes the control groups then.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use nix::fcntl::{OFlag, open};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::stat::Mode;

use super::cgroup;
use super::ids::Ids;
use super::root;
use super::seccomp::Filters;
use super::supervisor::{JAIL_NAMESPACES, JailerState, Spec, supervise};
use super::sys;
use super::wire::{self, Answer, Refusal, Step, ToJailer};

/// The hidden first argument that makes the binary a jailer.
pub(super) const ARGUMENT: &str = "__jailer";

/// The life of the jailer. Its socket is its standard input.
pub(super) fn serve() -> io::Result<()> {
    let socket = sys::out_of_the_way(io::stdin().as_fd())?;
    let Some((ToJailer::Hello { groups }, _)) = wire::receive(&socket)? else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let state = set_up();
    let answer: Answer = state.as_ref().map(drop).map_err(Clone::clone);
    wire::send(&socket, &answer, &[])?;
    if let Ok(state) = state {
        Jailer { state, socket, groups }.serve()?;
    }
    Ok(())
}

fn set_up() -> Result<JailerState, Refusal> {
    // Only the server ends the jailer, by closing the socket: not a terminal's Ctrl-C, which it gets too.
    let _ = nix::unistd::setsid();
    let proc = open("/proc", OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty()).step("opening /proc")?;
    let null = open("/dev/null", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty()).step("opening /dev/null")?;
    sys::place(null.as_fd(), 0).step("closing standard input")?;
    let ids = Ids::take(proc.as_fd())?;
    root::make_room()?;
    Ok(JailerState { proc, null, ids, filters: Filters::new() })
}

struct Jailer {
    state: JailerState,
    socket: OwnedFd,
    groups: Vec<PathBuf>,
}

impl Jailer {
    fn serve(&self) -> io::Result<()> {
        // Supervisors that leave need no waiting for.
        set_child_handler(SigHandler::SigIgn)?;
        while let Some((request, descriptors)) = wire::receive(&self.socket)? {
            self.answer(request, descriptors);
        }
        self.clean_up();
        Ok(())
    }

    fn answer(&self, request: ToJailer, descriptors: Vec<OwnedFd>) {
        let socket = descriptors.into_iter().next();
        match (request, socket) {
            (ToJailer::Jail { mounts, disk_bytes, inodes }, Some(socket)) => {
                self.jail(&Spec { mounts, disk_bytes, inodes }, &socket);
            }
            (ToJailer::MemDir { number, bytes, inodes }, Some(socket)) => {
                let mem_dir = root::make_mem_dir(number, bytes, inodes, &self.state.ids);
                let answer: Answer = mem_dir.as_ref().map(drop).map_err(Clone::clone);
                let folder: Vec<_> = mem_dir.iter().map(AsFd::as_fd).collect();
                let _ = wire::send(&socket, &answer, &folder);
            }
            (ToJailer::DropMemDir { number }, _) => root::drop_mem_dir(number),
            (ToJailer::Hello { .. } | ToJailer::Jail { .. } | ToJailer::MemDir { .. }, _) => {}
        }
    }

    fn jail(&self, spec: &Spec, socket: &OwnedFd) {
        match sys::fork_into(JAIL_NAMESPACES).step("making the jail's namespaces") {
            Ok(Some(_)) => {}
            Ok(None) => {
                let JailerState { proc, null, .. } = &self.state;
                let mut kept = vec![socket.as_fd(), proc.as_fd(), null.as_fd()];
                if let Ids::Dedicated { owner_map } = &self.state.ids {
                    kept.push(owner_map.as_fd());
                }
                sys::close_all_but(&kept);
                let _ = set_child_handler(SigHandler::SigDfl);
                supervise(&self.state, spec, socket)
            }
            Err(refusal) => {
                let _ = wire::send(socket, &Answer::Err(refusal), &[]);
            }
        }
    }

    /// The server is gone: so are its ends of the supervisors' sockets, and they leave.
    fn clean_up(&self) {
        const PATIENCE_SECONDS: libc::c_uint = 10;
        // If one does not, this process dies by SIGALRM and the supervisors with it.
        nix::unistd::alarm::set(PATIENCE_SECONDS);
        while !matches!(nix::sys::wait::wait(), Err(nix::Error::ECHILD)) {}
        for group in &self.groups {
            cgroup::remove_all(group);
            cgroup::remove_parent(group);
        }
    }
}

fn set_child_handler(handler: SigHandler) -> io::Result<()> {
    // SAFETY: neither of the two handlers is a function.
    unsafe { signal(Signal::SIGCHLD, handler) }.map(drop).map_err(Into::into)
}
