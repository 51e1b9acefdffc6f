//! The process that keeps a jail: makes its namespaces and root, then starts the runs in it that the server asks for.
//!
//! It never executes anything of the jail itself and is in none of the pid namespaces. When its socket closes, it kills
//! every run and leaves.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::ids::Ids;
use super::program::{self, Descriptors, Plan};
use super::root::{self, Writable};
use super::seccomp::Filters;
use super::wire::{self, Answer, Line, Refusal, Run, Step};
use super::{Mount, sys};

/// The namespaces of a jail; each run adds pid, mount, ipc and user namespaces of its own.
pub(super) const JAIL_NAMESPACES: libc::c_int =
    libc::CLONE_NEWNS | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS | libc::CLONE_NEWCGROUP;
const RUN_NAMESPACES: libc::c_int = libc::CLONE_NEWUSER | libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC;

/// What a jailed program sees as the name of its machine.
pub(super) const HOST_NAME: &str = "jail";

/// What the jailer hands on to every keeper.
pub(super) struct Warm {
    pub(super) proc: OwnedFd,
    pub(super) null: OwnedFd,
    pub(super) ids: Ids,
    pub(super) filters: Filters,
}

/// What a jail is made of.
pub(super) struct Spec {
    pub(super) mounts: Vec<Mount>,
    pub(super) disk_bytes: u64,
    pub(super) inodes: u64,
}

/// The life of a keeper.
pub(super) fn keep(warm: &Warm, spec: &Spec, socket: &OwnedFd) -> ! {
    let made = make(warm, spec);
    let answer: Answer = made.as_ref().map(drop).map_err(Clone::clone);
    if wire::send(socket, &answer, &[]).is_ok()
        && let Ok(writable) = made
    {
        Keeper { warm, socket, writable, runs: Vec::new() }.serve();
    }
    sys::exit(0)
}

fn make(warm: &Warm, spec: &Spec) -> Result<Writable, Refusal> {
    sys::die_with_parent().step("binding the jail to the jailer")?;
    nix::unistd::sethostname(HOST_NAME).step("naming the host")?;
    root::build(&spec.mounts, spec.disk_bytes, spec.inodes, &warm.ids)
}

struct Keeper<'a> {
    warm: &'a Warm,
    socket: &'a OwnedFd,
    writable: Writable,
    runs: Vec<Running>,
}

struct Running {
    minder: Pid,
    pidfd: OwnedFd,
    line: OwnedFd,
    /// Held open for the minder to see that its keeper lives.
    _alive: OwnedFd,
    killed: bool,
}

impl Keeper<'_> {
    fn serve(mut self) {
        while self.turn().unwrap_or(false) {}
        for run in &self.runs {
            sys::kill(run.pidfd.as_fd());
        }
        for run in &self.runs {
            let _ = waitpid(run.minder, None);
        }
    }

    /// Waits for something to happen and deals with it; `false` when the server has closed the jail.
    fn turn(&mut self) -> io::Result<bool> {
        let events = self.wait()?;
        for (run, event) in self.runs.iter_mut().zip(&events.runs) {
            if event.line_closed && !run.killed {
                sys::kill(run.pidfd.as_fd());
                run.killed = true;
            }
            if event.ended {
                let _ = waitpid(run.minder, None);
                let _ = wire::send(&run.line, &Line::Gone, &[]);
            }
        }
        let mut ended = events.runs.iter().map(|event| event.ended);
        self.runs.retain(|_| !ended.next().unwrap_or(false));
        if !events.request {
            return Ok(true);
        }
        match wire::receive::<Run>(self.socket)? {
            None => Ok(false),
            Some((run, descriptors)) => {
                self.start(&run, descriptors);
                Ok(true)
            }
        }
    }

    fn wait(&self) -> io::Result<Events> {
        let mut fds = vec![PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        for run in &self.runs {
            fds.push(PollFd::new(run.pidfd.as_fd(), PollFlags::POLLIN));
            // The line is only ever closed from the other side, never written; once that is seen, it is not waited for.
            let line = if run.killed { run.pidfd.as_fd() } else { run.line.as_fd() };
            fds.push(PollFd::new(line, PollFlags::POLLIN));
        }
        wire::retry(|| poll(&mut fds, PollTimeout::NONE))?;
        let mut ready = fds.iter().map(|fd| fd.any().unwrap_or(false));
        let request = ready.next().unwrap_or(false);
        let mut runs = Vec::with_capacity(self.runs.len());
        while let (Some(ended), Some(line_closed)) = (ready.next(), ready.next()) {
            runs.push(RunEvents { ended, line_closed });
        }
        Ok(Events { request, runs })
    }

    fn start(&mut self, run: &Run, descriptors: Vec<OwnedFd>) {
        let Some(descriptors) = sort(run, descriptors, self.warm.null.as_fd()) else { return };
        let Ok(line) = descriptors.line.try_clone() else { return };
        match self.fork(run, descriptors) {
            Ok((minder, pidfd, alive)) => {
                self.runs.push(Running { minder, pidfd, line, _alive: alive, killed: false });
            }
            Err(refusal) => {
                let _ = wire::send(&line, &Line::Refused(refusal), &[]);
                let _ = wire::send(&line, &Line::Gone, &[]);
            }
        }
    }

    fn fork(&self, run: &Run, descriptors: Descriptors) -> Result<(Pid, OwnedFd, OwnedFd), Refusal> {
        let Warm { ids, filters, proc, .. } = self.warm;
        let (mapped, alive) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).step("making a pipe")?;
        let born = match &descriptors.birthplace {
            None => sys::fork_into(RUN_NAMESPACES),
            Some(group) => sys::fork_into_group(RUN_NAMESPACES, group.as_fd()),
        };
        let Some((minder, pidfd)) = born.step("making the run's namespaces")? else {
            let _ = sys::die_with_parent();
            let mapped = sys::out_of_the_way(mapped.as_fd()).unwrap_or_else(|_| sys::exit(1));
            sys::close_all_but(&kept(&descriptors, &mapped));
            program::mind(Plan { run, writable: &self.writable, filters, ids, descriptors }, &mapped);
        };
        let mapped = ids
            .map(proc.as_fd(), minder)
            .and_then(|()| nix::unistd::write(&alive, b"m").step("telling the run its ids"));
        if let Err(refusal) = mapped {
            sys::kill(pidfd.as_fd());
            let _ = waitpid(minder, None);
            return Err(refusal);
        }
        Ok((minder, pidfd, alive))
    }
}

struct Events {
    request: bool,
    runs: Vec<RunEvents>,
}

struct RunEvents {
    ended: bool,
    line_closed: bool,
}

/// Tells apart the descriptors of a run and moves them out of the way of those that the program gets.
fn sort(run: &Run, descriptors: Vec<OwnedFd>, null: BorrowedFd<'_>) -> Option<Descriptors> {
    let moved: Option<Vec<_>> = descriptors.iter().map(|fd| sys::out_of_the_way(fd.as_fd()).ok()).collect();
    let mut moved = moved?.into_iter();
    Some(Descriptors {
        line: moved.next()?,
        stdin: sys::out_of_the_way(null).ok()?,
        stdout: moved.next()?,
        stderr: moved.next()?,
        channel: if run.channel { Some((moved.next()?, moved.next()?)) } else { None },
        birthplace: if run.birthplace { Some(moved.next()?) } else { None },
        entrances: moved.collect(),
    })
}

fn kept<'a>(descriptors: &'a Descriptors, mapped: &'a OwnedFd) -> Vec<BorrowedFd<'a>> {
    let Descriptors { line, stdin, stdout, stderr, channel, birthplace: _, entrances } = descriptors;
    let mut kept = vec![line.as_fd(), stdin.as_fd(), stdout.as_fd(), stderr.as_fd(), mapped.as_fd()];
    kept.extend(entrances.iter().map(AsFd::as_fd));
    if let Some((input, output)) = channel {
        kept.extend([input.as_fd(), output.as_fd()]);
    }
    kept
}
