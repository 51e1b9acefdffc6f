//! The process that keeps a jail: makes its namespaces and root, then starts the runs in it that the server asks for.
//!
//! It never executes anything of the jail itself and is in none of the pid namespaces. When its socket closes, it kills
//! every run and leaves.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::command::Mount;
use super::ids::{self, Ids};
use super::program::{self, Descriptors, Plan};
use super::root::{self, Writable};
use super::seccomp::Filters;
use super::sys;
use super::wire::{self, Answer, Refusal, Run, RunUpdate, Step};

/// The `oom_score_adj` of what the kernel ends first (`proc_pid_oom_score_adj(5)`).
const MOST_WILLING: &str = "1000";

/// The namespaces of a jail; each run adds pid, mount, ipc and user namespaces of its own.
pub(super) const JAIL_NAMESPACES: libc::c_int =
    libc::CLONE_NEWNS | libc::CLONE_NEWNET | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS | libc::CLONE_NEWCGROUP;
const RUN_NAMESPACES: libc::c_int = libc::CLONE_NEWUSER | libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC;

/// What a jailed program sees as the name of its machine.
pub(super) const HOST_NAME: &str = "jail";

/// What the jailer hands on to every supervisor.
pub(super) struct JailerState {
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

/// The life of a supervisor.
pub(super) fn supervise(state: &JailerState, spec: &Spec, socket: &OwnedFd) -> ! {
    let made = make(state, spec);
    let answer: Answer = made.as_ref().map(drop).map_err(Clone::clone);
    if wire::send(socket, &answer, &[]).is_ok()
        && let Ok(writable) = made
    {
        Supervisor { state, socket, writable, runs: Vec::new() }.serve();
    }
    sys::exit(0)
}

fn make(state: &JailerState, spec: &Spec) -> Result<Writable, Refusal> {
    sys::die_with_parent().step("binding the jail to the jailer")?;
    nix::unistd::sethostname(HOST_NAME).step("naming the host")?;
    root::build(&spec.mounts, spec.disk_bytes, spec.inodes, &state.ids)
}

struct Supervisor<'a> {
    state: &'a JailerState,
    socket: &'a OwnedFd,
    writable: Writable,
    runs: Vec<Running>,
}

struct Running {
    init: Pid,
    pidfd: OwnedFd,
    control_socket: OwnedFd,
    /// Held open for the init to see that its supervisor lives.
    _alive: OwnedFd,
    killed: bool,
}

impl Supervisor<'_> {
    fn serve(mut self) {
        while self.turn().unwrap_or(false) {}
        for run in &self.runs {
            sys::kill(run.pidfd.as_fd());
        }
        for run in &self.runs {
            let _ = waitpid(run.init, None);
        }
    }

    /// Waits for something to happen and deals with it; `false` when the server has closed the jail.
    fn turn(&mut self) -> io::Result<bool> {
        let events = self.wait()?;
        for (run, event) in self.runs.iter_mut().zip(&events.runs) {
            if event.socket_closed && !run.killed {
                sys::kill(run.pidfd.as_fd());
                run.killed = true;
            }
            if event.ended {
                let _ = waitpid(run.init, None);
                let _ = wire::send(&run.control_socket, &RunUpdate::Gone, &[]);
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
            // The control socket is only ever closed from the other side, never written; once that is seen, it is not waited for.
            let control_socket = if run.killed { run.pidfd.as_fd() } else { run.control_socket.as_fd() };
            fds.push(PollFd::new(control_socket, PollFlags::POLLIN));
        }
        wire::retry(|| poll(&mut fds, PollTimeout::NONE))?;
        let mut ready = fds.iter().map(|fd| fd.any().unwrap_or(false));
        let request = ready.next().unwrap_or(false);
        let mut runs = Vec::with_capacity(self.runs.len());
        while let (Some(ended), Some(socket_closed)) = (ready.next(), ready.next()) {
            runs.push(RunEvents { ended, socket_closed });
        }
        Ok(Events { request, runs })
    }

    fn start(&mut self, run: &Run, descriptors: Vec<OwnedFd>) {
        let Some(descriptors) = sort(run, descriptors, self.state.null.as_fd()) else { return };
        let Ok(control_socket) = descriptors.control_socket.try_clone() else { return };
        match self.fork(run, descriptors) {
            Ok((init, pidfd, alive)) => {
                self.runs.push(Running { init, pidfd, control_socket, _alive: alive, killed: false });
            }
            Err(refusal) => {
                let _ = wire::send(&control_socket, &RunUpdate::Refused(refusal), &[]);
                let _ = wire::send(&control_socket, &RunUpdate::Gone, &[]);
            }
        }
    }

    fn fork(&self, run: &Run, descriptors: Descriptors) -> Result<(Pid, OwnedFd, OwnedFd), Refusal> {
        let JailerState { ids, filters, proc, .. } = self.state;
        let (mapped, alive) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).step("making a pipe")?;
        let born = match &descriptors.cgroup_fd {
            None => sys::fork_into(RUN_NAMESPACES),
            Some(group) => sys::fork_into_group(RUN_NAMESPACES, group.as_fd()),
        };
        let Some((init, pidfd)) = born.step("making the run's namespaces")? else {
            let _ = sys::die_with_parent();
            let mapped = sys::out_of_the_way(mapped.as_fd()).unwrap_or_else(|_| sys::exit(1));
            sys::close_all_but(&kept(&descriptors, &mapped));
            program::run_init(Plan { run, writable: &self.writable, filters, ids, descriptors }, &mapped);
        };
        let mapped =
            ids.map(proc.as_fd(), init).and_then(|()| nix::unistd::write(&alive, b"m").step("telling the run its ids"));
        if let Err(refusal) = mapped {
            sys::kill(pidfd.as_fd());
            let _ = waitpid(init, None);
            return Err(refusal);
        }
        // When the whole machine runs out of memory, the kernel shall end what was handed in, not the service. A machine that
        // refuses this is as it was without.
        let _ = ids::write(proc.as_fd(), &format!("{init}/oom_score_adj"), MOST_WILLING);
        Ok((init, pidfd, alive))
    }
}

struct Events {
    request: bool,
    runs: Vec<RunEvents>,
}

struct RunEvents {
    ended: bool,
    socket_closed: bool,
}

/// Tells apart the descriptors of a run and moves them out of the way of those that the program gets.
fn sort(run: &Run, descriptors: Vec<OwnedFd>, null: BorrowedFd<'_>) -> Option<Descriptors> {
    let moved: Option<Vec<_>> = descriptors.iter().map(|fd| sys::out_of_the_way(fd.as_fd()).ok()).collect();
    let mut moved = moved?.into_iter();
    Some(Descriptors {
        control_socket: moved.next()?,
        stdin: sys::out_of_the_way(null).ok()?,
        stdout: moved.next()?,
        stderr: moved.next()?,
        channel: if run.channel { Some((moved.next()?, moved.next()?)) } else { None },
        cgroup_fd: if run.cgroup_fd { Some(moved.next()?) } else { None },
        procs_fds: moved.collect(),
    })
}

fn kept<'a>(descriptors: &'a Descriptors, mapped: &'a OwnedFd) -> Vec<BorrowedFd<'a>> {
    let Descriptors { control_socket, stdin, stdout, stderr, channel, cgroup_fd: _, procs_fds } = descriptors;
    let mut kept = vec![control_socket.as_fd(), stdin.as_fd(), stdout.as_fd(), stderr.as_fd(), mapped.as_fd()];
    kept.extend(procs_fds.iter().map(AsFd::as_fd));
    if let Some((input, output)) = channel {
        kept.extend([input.as_fd(), output.as_fd()]);
    }
    kept
}
