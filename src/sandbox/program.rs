//! One run: the *init*, first process of a new pid namespace, and its child, which becomes the program.
//!
//! The init mounts the folders that are new for each run, waits for the program and says how it ended; when it leaves,
//! the kernel kills whatever the program has started. The program gives up every right before it is executed. The
//! order of its steps matters and is spelled out in [`become_program`].

use std::ffi::{CString, c_char};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::resource::Resource;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Pid, Uid, setgroups, setresgid, setresuid};

use super::command::{EXECUTING, Profile};
use super::ids::{INSIDE, Ids};
use super::landlock;
use super::root::{self, Writable};
use super::seccomp::Filters;
use super::sys;
use super::wire::{self, Refusal, Run, RunUpdate, Step};

/// All that a run needs, gathered by the supervisor before it forks.
pub(super) struct Plan<'a> {
    pub(super) run: &'a Run,
    pub(super) writable: &'a Writable,
    pub(super) filters: &'a Filters,
    pub(super) ids: &'a Ids,
    pub(super) descriptors: Descriptors,
}

/// The descriptors that came with a [`Run`].
pub(super) struct Descriptors {
    pub(super) control_socket: OwnedFd,
    pub(super) stdin: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
    pub(super) channel: Option<(OwnedFd, OwnedFd)>,
    pub(super) cgroup_fd: Option<OwnedFd>,
    pub(super) procs_fds: Vec<OwnedFd>,
}

/// The life of the init. `mapped` says one byte when the id maps are written and closes when the supervisor dies.
pub(super) fn run_init(plan: Plan<'_>, mapped: &OwnedFd) -> ! {
    let result = prepare(&plan, mapped).and_then(|()| start(&plan));
    match result {
        Ok(program) => {
            let control_socket = plan.descriptors.control_socket.as_fd();
            let ended = wait(program, &plan);
            let _ = wire::send(control_socket, &ended, &[]);
        }
        Err(refusal) => {
            let _ = wire::send(&plan.descriptors.control_socket, &RunUpdate::Refused(refusal), &[]);
        }
    }
    sys::exit(0)
}

fn prepare(plan: &Plan<'_>, mapped: &OwnedFd) -> Result<(), Refusal> {
    let Plan { run, ids, writable, .. } = plan;
    if wire::retry(|| nix::unistd::read(mapped, &mut [0])).step("waiting for ids")? == 0 {
        sys::exit(1);
    }
    become_id(ids.init_id_inside(), matches!(ids, Ids::Dedicated { .. }))?;
    sys::die_with_parent().step("binding the run to its jail")?;
    if closed(mapped) {
        sys::exit(1);
    }
    let room = (run.limits.disk_bytes, run.limits.inodes);
    for folder in &writable.temporary {
        root::mount_temporary(folder, room, INSIDE, run.profile == Profile::Tool)?;
    }
    Ok(())
}

/// Whether the other end of a pipe is gone.
fn closed(pipe: &OwnedFd) -> bool {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    let mut fds = [PollFd::new(pipe.as_fd(), PollFlags::empty())];
    poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}

fn start(plan: &Plan<'_>) -> Result<Pid, Refusal> {
    match sys::fork_into(0).step("forking")? {
        Some((program, _pidfd)) => {
            // Nothing that the init still does needs a right.
            sys::drop_capabilities().step("dropping the init's capabilities")?;
            Ok(program)
        }
        None => {
            // Returns only if something failed.
            if let Err(refusal) = become_program(plan) {
                let _ = wire::send(&plan.descriptors.control_socket, &RunUpdate::Refused(refusal), &[]);
            }
            sys::exit(1)
        }
    }
}

/// Reaps everything of the pid namespace until the program has ended.
fn wait(program: Pid, plan: &Plan<'_>) -> RunUpdate {
    let status = loop {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, 0) };
        if pid == program.as_raw() {
            break status;
        }
    };
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).ok();
    let micros = |time: nix::sys::time::TimeVal| u64::try_from(nix::sys::time::TimeValLike::num_microseconds(&time));
    RunUpdate::Ended {
        status,
        disk_full: disk_full(plan.writable),
        cpu_micros: usage
            .map_or(0, |usage| micros(usage.user_time()).unwrap_or(0) + micros(usage.system_time()).unwrap_or(0)),
        memory_peak_bytes: usage.map_or(0, |usage| u64::try_from(usage.max_rss()).unwrap_or(0) * 1024),
    }
}

fn disk_full(writable: &Writable) -> bool {
    let full = |folder: &PathBuf| {
        // An overlay answers for the layer that is written.
        nix::sys::statvfs::statvfs(folder).is_ok_and(|room| {
            room.blocks() > 0 && (room.blocks_available() == 0 || (room.files() > 0 && room.files_available() == 0))
        })
    };
    writable.temporary.iter().chain(&writable.lasting).any(full)
}

fn become_id(id: u32, drop_groups: bool) -> Result<(), Refusal> {
    let (user, group) = (Uid::from_raw(id), Gid::from_raw(id));
    if drop_groups {
        setgroups(&[]).step("giving up groups")?;
    }
    setresgid(group, group, group).step("changing the group id")?;
    setresuid(user, user, user).step("changing the user id")
}

/// Gives up every right, then executes the program.
fn become_program(plan: &Plan<'_>) -> Result<(), Refusal> {
    let Plan { run, descriptors, filters, .. } = plan;
    let command = Executable::new(run).step("preparing the command")?;

    // While there are rights: a session of its own, descriptors, limits, the working directory.
    nix::unistd::setsid().step("making a session")?;
    place_descriptors(descriptors)?;
    default_signals().step("resetting signals")?;
    umask(Mode::from_bits_truncate(0o022));
    set_limits(run).step("setting resource limits")?;

    // No way to gain one: nothing that is executed can have capabilities or another id.
    sys::empty_bounding_set().step("emptying the capability bounding set")?;
    become_id(INSIDE, false)?;
    sys::drop_capabilities().step("dropping capabilities")?;
    nix::sys::prctl::set_no_new_privs().step("refusing new privileges")?;
    std::env::set_current_dir(&run.cwd).step(format!("entering {}", run.cwd.display()))?;
    let writable: Vec<_> = plan.writable.temporary.iter().chain(&plan.writable.lasting).cloned().collect();
    landlock::confine(&writable, plan.writable.devices)
        .map_err(|error| Refusal::new(format!("confining by Landlock: {error}"), &io::Error::last_os_error()))?;

    // From here on everything counts against the run.
    for procs_fd in &descriptors.procs_fds {
        nix::unistd::write(procs_fd, b"0").step("joining a control group")?;
    }
    wire::send(&descriptors.control_socket, &RunUpdate::Started, &[]).step("reporting the start")?;

    // Last, as it would refuse the steps above.
    let error = match run.profile {
        Profile::Tool => {
            install(filters.tool())?;
            command.execute()
        }
        Profile::Program => {
            let secret = SecretPage::with(&command.program).step("hiding the path")?;
            install(&filters.program(secret.address()))?;
            command.execute_at(&secret)
        }
    };
    Err(Refusal::new(format!("{EXECUTING}{}", run.program.display()), &error))
}

fn install(filter: &seccompiler::BpfProgram) -> Result<(), Refusal> {
    seccompiler::apply_filter(filter).map_err(|error| Refusal::new(error.to_string(), &io::Error::last_os_error()))
}

fn place_descriptors(descriptors: &Descriptors) -> Result<(), Refusal> {
    let Descriptors { stdin, stdout, stderr, channel, .. } = descriptors;
    let mut wanted = vec![(0, stdin), (1, stdout), (2, stderr)];
    if let Some((input, output)) = channel {
        wanted.extend([(3, input), (4, output)]);
    }
    let first_free = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
    sys::close_on_exec_from(first_free).step("closing descriptors")?;
    for (number, fd) in wanted {
        sys::place(fd.as_fd(), number).step("placing descriptors")?;
    }
    Ok(())
}

/// The Rust runtime of the jailer ignores SIGPIPE, which would be inherited.
fn default_signals() -> io::Result<()> {
    use nix::sys::signal::{SigHandler, Signal, signal};
    // SAFETY: the default handler is not a function.
    unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) }.map(drop).map_err(Into::into)
}

fn set_limits(run: &Run) -> io::Result<()> {
    const STACK_BYTES: u64 = 8 << 20;
    const OPEN_FILES: u64 = 1024;
    // The control groups are the real limits and tell when they are reached; these stand behind them, wider. (This one
    // counts processes that have ended and were not waited for yet, which the control group does not.)
    let processes = u64::from(run.limits.processes).saturating_mul(4).saturating_add(64);
    let cpu = run.limits.cpu.saturating_add(Duration::from_secs(2)).as_secs();
    let limits = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_CPU, cpu),
        (Resource::RLIMIT_FSIZE, run.limits.disk_bytes.saturating_add(1 << 20)),
        (Resource::RLIMIT_NPROC, processes),
        (Resource::RLIMIT_NOFILE, OPEN_FILES),
        (Resource::RLIMIT_STACK, STACK_BYTES),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_MSGQUEUE, 0),
        (Resource::RLIMIT_SIGPENDING, 1024),
        (Resource::RLIMIT_NICE, 0),
        (Resource::RLIMIT_RTPRIO, 0),
    ];
    limits.into_iter().try_for_each(|(resource, value)| sys::limit(resource, value))
}

/// What `exec` takes, ready before the rights are gone.
struct Executable {
    program: CString,
    args: Vec<CString>,
    env: Vec<CString>,
}

impl Executable {
    fn new(run: &Run) -> io::Result<Self> {
        let program = CString::new(run.program.as_os_str().as_encoded_bytes())?;
        let mut args = vec![program.clone()];
        for argument in &run.args {
            args.push(CString::new(argument.as_str())?);
        }
        let env: Result<_, _> = run.env.iter().map(|(name, value)| CString::new(format!("{name}={value}"))).collect();
        Ok(Self { program, args, env: env? })
    }

    /// Returns only if it failed.
    fn execute(&self) -> io::Error {
        self.call(libc::SYS_execve, None)
    }

    /// Like `execute`, with the path read from a place that only this process knows.
    fn execute_at(&self, path: &SecretPage) -> io::Error {
        self.call(libc::SYS_execveat, Some(path))
    }

    fn call(&self, number: libc::c_long, path: Option<&SecretPage>) -> io::Error {
        let args = pointers(&self.args);
        let env = pointers(&self.env);
        // SAFETY: C strings and null-terminated arrays of them, all alive for the call.
        unsafe {
            match path {
                None => libc::syscall(number, self.program.as_ptr(), args.as_ptr(), env.as_ptr()),
                Some(path) => libc::syscall(number, libc::AT_FDCWD, path.start, args.as_ptr(), env.as_ptr(), 0),
            };
        }
        io::Error::last_os_error()
    }
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([std::ptr::null()]).collect()
}

/// A page at a random place that holds a path: the one address that the filter lets `execveat` pass with.
struct SecretPage {
    start: *mut u8,
}

impl SecretPage {
    const BYTES: usize = 4096;

    fn with(path: &CString) -> io::Result<Self> {
        let bytes = path.as_bytes_with_nul();
        if bytes.len() > Self::BYTES {
            return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
        }
        loop {
            let page = Self::try_map(random_page()?)?;
            if let Some(page) = page {
                // SAFETY: the page was just mapped writable, is large enough, and overlaps nothing.
                unsafe { page.start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
                return Ok(page);
            }
        }
    }

    /// Maps a page at an address, unless something is there.
    fn try_map(address: usize) -> io::Result<Option<Self>> {
        let hint = std::ptr::without_provenance_mut(address);
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: a new anonymous mapping that replaces none.
        let start = unsafe { libc::mmap(hint, Self::BYTES, protection, flags, -1, 0) };
        if start != libc::MAP_FAILED {
            return Ok(Some(Self { start: start.cast() }));
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() == Some(libc::EEXIST) { Ok(None) } else { Err(error) }
    }

    fn address(&self) -> u64 {
        u64::try_from(self.start.addr()).unwrap_or(u64::MAX)
    }
}

/// The address of a page anywhere in the half of the address space that programs have, but its lowest and highest part.
fn random_page() -> io::Result<usize> {
    const LOWEST: usize = 1 << 32;
    const BITS: usize = (1 << 46) - 1;
    let mut bytes = [0; size_of::<usize>()];
    // SAFETY: a buffer of the length that is passed.
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if usize::try_from(got) != Ok(bytes.len()) {
        return Err(io::Error::last_os_error());
    }
    Ok((LOWEST + (usize::from_ne_bytes(bytes) & BITS)) & !(SecretPage::BYTES - 1))
}
