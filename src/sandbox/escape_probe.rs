//! A hostile program: this binary, executed inside a jail, to see whether the jail holds.
//!
//! The probe runs it at every start, the tests with more modes. It has no function but to misbehave, and outside of a
//! jail it does nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use libc::c_long;
use nix::time::ClockId;

use super::control::Control;
use super::{ids, sys};

/// The hidden first argument that makes the binary this program.
pub(super) const ARGUMENT: &str = "__inside";

/// Where the probe finds things in its jail.
pub(super) mod place {
    pub(crate) const PROGRAM: &str = "/probe";
    pub(crate) const READ_ONLY: &str = "/data";
    pub(crate) const EXECUTE_ONLY: &str = "/secret";
    pub(crate) const TEMPORARY: &str = "/tmp";
    pub(crate) const SCRATCH: &str = "/scratch";
}

pub(super) const WALLS: &str = "walls";
pub(super) const EAT_MEMORY: &str = "eat-memory";
pub(super) const MAKE_THREADS: &str = "make-threads";
pub(super) const SPIN: &str = "spin";
pub(super) const SLEEP: &str = "sleep";
pub(super) const FLOOD: &str = "flood";
pub(super) const FILL_DISK: &str = "fill-disk";
pub(super) const MAKE_FILES: &str = "make-files";
pub(super) const SURVIVE: &str = "survive";

/// Where, below the folder that is the jail's scratch, [`SURVIVE`] holds its lock.
pub(super) fn lock_in(folder: &str) -> PathBuf {
    Path::new(folder).join("lock")
}

/// Misbehaves in the way that `mode` names, and ends the process.
pub(super) fn run(mode: &str) -> ! {
    if Path::new("/proc/self").exists() {
        eprintln!("this is for the inside of a jail");
        std::process::exit(1);
    }
    let result = match mode {
        WALLS => walls(),
        EAT_MEMORY => eat_memory(),
        MAKE_THREADS => make_threads(),
        SPIN => spin(),
        "spin-threads" => spin_threads(),
        "spin-in-turn" => spin_in_turn(),
        SLEEP => sleep(),
        FLOOD => flood(&mut io::stdout()),
        "flood-errors" => flood(&mut io::stderr()),
        "flood-channel" => channel().and_then(|mut channel| channel.write_all(&[b'x'; 100_000])),
        FILL_DISK => fill_disk(),
        MAKE_FILES => make_files(),
        SURVIVE => survive(),
        "fork-bomb" => fork_bomb(),
        "overflow-stack" => overflow_stack(),
        "eat-files-in-memory" => eat_files_in_memory(),
        "echo" => echo(),
        "kill-everyone" => kill_everyone(),
        "abort" => std::process::abort(),
        "exit-7" => std::process::exit(7),
        "leave-links" => leave_links(),
        "leave-result" => fs::write(Path::new(place::SCRATCH).join("result"), [b'x'; 10_000]),
        "write-half" => fs::write(Path::new(place::TEMPORARY).join("half"), vec![b'x'; 600 * 1024]),
        "read-secret" => fs::read(place::EXECUTE_ONLY).and_then(|secret| io::stdout().write_all(&secret)),
        "look" => look(),
        "nothing" => Ok(()),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    };
    match result {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            let _ = writeln!(io::stderr(), "{mode}: {error}");
            std::process::exit(1)
        }
    }
}

/// The channel to write to.
fn channel() -> io::Result<File> {
    const NUMBER: std::os::fd::RawFd = 4;
    // SAFETY: the jail opens this descriptor before the program starts, and only this function uses it.
    let channel = unsafe { std::os::fd::BorrowedFd::borrow_raw(NUMBER) };
    Ok(File::from(channel.try_clone_to_owned()?))
}

/// Tries to get past every wall and says, a line for each control, whether it holds.
fn walls() -> io::Result<()> {
    let findings: [(Control, Result<(), String>); 13] = [
        (Control::UserNamespace, other_ids()),
        (Control::Filesystem, files_of_the_host()),
        (Control::PidNamespace, other_processes()),
        (Control::Network, sockets()),
        (Control::IpcNamespace, shared_memory()),
        (Control::UtsNamespace, host_name()),
        (Control::ReadOnly, read_only()),
        (Control::ExecuteOnly, refused("read what may only be executed", fs::read(place::EXECUTE_ONLY))),
        (Control::NoProc, no_proc()),
        (Control::Privileges, privileges()),
        (Control::SystemCalls, forbidden_calls()),
        (Control::NoExec, no_exec()),
        (Control::Landlock, refused("wrote to a device", OpenOptions::new().write(true).open("/dev/zero"))),
    ];
    let mut channel = channel()?;
    for (control, result) in findings {
        let finding = result.err().unwrap_or_else(|| "holds".to_owned());
        writeln!(channel, "{control} {finding}")?;
    }
    Ok(())
}

/// Holds if a deed failed.
fn refused<T, E>(deed: &str, result: Result<T, E>) -> Result<(), String> {
    match result {
        Ok(_) => Err(format!("a program {deed}")),
        Err(_) => Ok(()),
    }
}

/// Makes a system call with arguments of its own.
fn call(number: c_long, arguments: [c_long; 5]) -> io::Result<c_long> {
    let [a, b, c, d, e] = arguments;
    // SAFETY: this program has nothing to lose, and the callers pass numbers or null only.
    let result = unsafe { libc::syscall(number, a, b, c, d, e) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

const NOTHING: [c_long; 5] = [0; 5];

fn other_ids() -> Result<(), String> {
    let (user, group) = (nix::unistd::getuid(), nix::unistd::getgid());
    if user.as_raw() != ids::INSIDE || group.as_raw() != ids::INSIDE {
        return Err(format!("a program ran as {user}:{group}"));
    }
    refused("became root", call(libc::SYS_setuid, NOTHING))?;
    refused("became root", call(libc::SYS_setresuid, NOTHING))?;
    refused("changed its groups", call(libc::SYS_setgroups, NOTHING))
}

fn files_of_the_host() -> Result<(), String> {
    for path in ["/etc/passwd", "/root", "/home", "/sys", "/run", "/var", "/../etc/passwd", "/dev/mem", "/dev/kmsg"] {
        refused(&format!("saw {path}"), fs::symlink_metadata(path))?;
    }
    Ok(())
}

fn other_processes() -> Result<(), String> {
    // The init is 1 and this is its only child.
    let (own, parent) = (std::process::id(), std::os::unix::process::parent_id());
    if (own, parent) == (2, 1) { Ok(()) } else { Err(format!("a program was process {own} of {parent}")) }
}

fn sockets() -> Result<(), String> {
    let families = [
        libc::AF_INET,
        libc::AF_INET6,
        libc::AF_UNIX,
        libc::AF_NETLINK,
        libc::AF_PACKET,
        libc::AF_ALG,
        libc::AF_VSOCK,
        libc::AF_BLUETOOTH,
    ];
    for family in families {
        for kind in [libc::SOCK_STREAM, libc::SOCK_DGRAM, libc::SOCK_RAW] {
            let arguments = [c_long::from(family), c_long::from(kind), 0, 0, 0];
            refused(&format!("made a socket of family {family}"), call(libc::SYS_socket, arguments))?;
        }
    }
    Ok(())
}

fn shared_memory() -> Result<(), String> {
    let create = c_long::from(libc::IPC_CREAT | 0o600);
    refused("made shared memory", call(libc::SYS_shmget, [1, 4096, create, 0, 0]))?;
    refused("made a semaphore", call(libc::SYS_semget, [1, 1, create, 0, 0]))?;
    refused("made a message queue", call(libc::SYS_msgget, [1, create, 0, 0, 0]))
}

fn host_name() -> Result<(), String> {
    let name = nix::sys::utsname::uname().map_err(|error| error.to_string())?.nodename().to_owned();
    if name != super::supervisor::HOST_NAME {
        return Err(format!("a program saw the host name {}", name.display()));
    }
    refused("set the host name", call(libc::SYS_sethostname, NOTHING))
}

fn read_only() -> Result<(), String> {
    let data = Path::new(place::READ_ONLY);
    fs::read(data.join("file")).map_err(|error| format!("a program could not read its data: {error}"))?;
    refused("wrote to a read-only file", OpenOptions::new().append(true).open(data.join("file")))?;
    refused("made a file in a read-only folder", File::create(data.join("new")))?;
    refused("removed a read-only file", fs::remove_file(data.join("file")))?;
    refused("made a file in the root", File::create("/new"))?;
    refused("made a folder in the root", fs::create_dir("/folder"))?;
    refused("wrote to its own file", OpenOptions::new().append(true).open(place::PROGRAM))
}

fn no_proc() -> Result<(), String> {
    refused("saw /proc", fs::symlink_metadata("/proc"))
}

fn privileges() -> Result<(), String> {
    let no_new = c_long::from(libc::PR_GET_NO_NEW_PRIVS);
    if call(libc::SYS_prctl, [no_new, 0, 0, 0, 0]).ok() != Some(1) {
        return Err("a program may gain privileges by executing others".to_owned());
    }
    for capability in 0..64 {
        if call(libc::SYS_prctl, [c_long::from(libc::PR_CAPBSET_READ), capability, 0, 0, 0]).is_ok_and(|has| has == 1) {
            return Err(format!("a program may gain capability {capability}"));
        }
    }
    match sys::has_capabilities() {
        Ok(false) => Ok(()),
        Ok(true) => Err("a program has capabilities".to_owned()),
        Err(error) => Err(format!("a program could not look at its capabilities: {error}")),
    }
}

/// Calls that must not even be known: with these arguments each would fail anyway, but differently.
fn forbidden_calls() -> Result<(), String> {
    let calls = [
        ("ptrace", libc::SYS_ptrace),
        ("process_vm_readv", libc::SYS_process_vm_readv),
        ("mount", libc::SYS_mount),
        ("umount2", libc::SYS_umount2),
        ("open_tree", libc::SYS_open_tree),
        ("fsopen", libc::SYS_fsopen),
        ("pivot_root", libc::SYS_pivot_root),
        ("chroot", libc::SYS_chroot),
        ("unshare", libc::SYS_unshare),
        ("setns", libc::SYS_setns),
        ("clone3", libc::SYS_clone3),
        ("io_uring_setup", libc::SYS_io_uring_setup),
        ("bpf", libc::SYS_bpf),
        ("keyctl", libc::SYS_keyctl),
        ("add_key", libc::SYS_add_key),
        ("userfaultfd", libc::SYS_userfaultfd),
        ("perf_event_open", libc::SYS_perf_event_open),
        ("mknodat", libc::SYS_mknodat),
        ("seccomp", libc::SYS_seccomp),
        ("init_module", libc::SYS_init_module),
        ("reboot", libc::SYS_reboot),
        ("vmsplice", libc::SYS_vmsplice),
        ("pidfd_open", libc::SYS_pidfd_open),
        ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ];
    for (name, number) in calls {
        match call(number, NOTHING) {
            Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => {}
            _ => return Err(format!("a program made the system call {name}")),
        }
    }
    let namespaces = c_long::from(libc::CLONE_NEWUSER | libc::SIGCHLD);
    refused("made a namespace", call(libc::SYS_clone, [namespaces, 0, 0, 0, 0]))
}

fn no_exec() -> Result<(), String> {
    refused("started another", std::process::Command::new(place::PROGRAM).spawn())?;
    refused("forked", call(libc::SYS_clone, [c_long::from(libc::SIGCHLD), 0, 0, 0, 0]))?;
    use std::os::unix::process::CommandExt;
    let error = std::process::Command::new(place::PROGRAM).exec();
    if error.raw_os_error() == Some(libc::ENOSYS) { Ok(()) } else { Err(format!("a program tried to exec: {error}")) }
}

fn eat_memory() -> io::Result<()> {
    const BYTES: usize = 64 << 20;
    let mut block = vec![0_u8; BYTES];
    for byte in block.iter_mut().step_by(4096) {
        *byte = 1;
    }
    std::hint::black_box(block);
    Ok(())
}

fn make_threads() -> io::Result<()> {
    for _ in 0..100 {
        std::thread::Builder::new().stack_size(64 * 1024).spawn(std::thread::park)?;
    }
    Ok(())
}

fn spin() -> io::Result<()> {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

fn spin_threads() -> io::Result<()> {
    std::thread::spawn(spin);
    spin()
}

/// Computes in one thread after the other, each for a moment of CPU time.
fn spin_in_turn() -> io::Result<()> {
    const EACH: Duration = Duration::from_millis(30);
    let turn = || while ClockId::CLOCK_THREAD_CPUTIME_ID.now().is_ok_and(|used| Duration::from(used) < EACH) {};
    loop {
        std::thread::spawn(turn).join().map_err(|_| io::ErrorKind::Other)?;
    }
}

fn sleep() -> io::Result<()> {
    std::thread::sleep(Duration::from_secs(3600));
    Ok(())
}

fn flood(stream: &mut impl Write) -> io::Result<()> {
    loop {
        stream.write_all(&[b'x'; 4096])?;
    }
}

fn fill_disk() -> io::Result<()> {
    let mut file = File::create(Path::new(place::TEMPORARY).join("full"))?;
    for _ in 0..1024 {
        file.write_all(&[b'x'; 4096])?;
    }
    Ok(())
}

fn make_files() -> io::Result<()> {
    for number in 0..1024 {
        File::create(Path::new(place::TEMPORARY).join(number.to_string()))?;
    }
    Ok(())
}

/// Writes files in memory until killed: they must count as memory.
fn eat_files_in_memory() -> io::Result<()> {
    let mut file = File::create(Path::new(place::TEMPORARY).join("big"))?;
    for _ in 0..16 * 1024 {
        file.write_all(&[b'x'; 4096])?;
    }
    Ok(())
}

/// Leaves a grandchild in a session of its own that holds a lock and every descriptor.
fn survive() -> io::Result<()> {
    let file = File::create(lock_in(place::SCRATCH))?;
    let (ready, tell) = nix::unistd::pipe()?;
    if sys::fork_into(0)?.is_some() {
        drop(tell);
        nix::unistd::read(&ready, &mut [0])?;
        return Ok(());
    }
    let _ = nix::unistd::setsid();
    if sys::fork_into(0)?.is_some() {
        sys::exit(0);
    }
    call(libc::SYS_flock, [c_long::from(file.as_raw_fd()), c_long::from(libc::LOCK_EX), 0, 0, 0])?;
    nix::unistd::write(tell.as_fd(), b"r")?;
    std::thread::sleep(Duration::from_secs(3600));
    Ok(())
}

fn fork_bomb() -> io::Result<()> {
    loop {
        // Both sides go on until one is refused.
        sys::fork_into(0)?;
    }
}

fn overflow_stack() -> io::Result<()> {
    #[expect(unconditional_recursion, reason = "that is the point")]
    fn deeper(depth: u64) -> u64 {
        let room = std::hint::black_box([depth; 64]);
        deeper(depth + 1) + room.iter().sum::<u64>()
    }
    println!("{}", deeper(0));
    Ok(())
}

/// Sends back on the channel what comes from it.
fn echo() -> io::Result<()> {
    // SAFETY: the jail opens descriptor 3 before the program starts, and only this function uses it.
    let input = unsafe { std::os::fd::BorrowedFd::borrow_raw(3) };
    io::copy(&mut File::from(input.try_clone_to_owned()?), &mut channel()?).map(drop)
}

/// Sends SIGKILL to the init and to all other processes that there may be.
fn kill_everyone() -> io::Result<()> {
    for process in [1, c_long::from(std::os::unix::process::parent_id()), -1] {
        let _ = call(libc::SYS_kill, [process, c_long::from(libc::SIGKILL), 0, 0, 0]);
        let _ = call(libc::SYS_kill, [process, c_long::from(libc::SIGTERM), 0, 0, 0]);
    }
    println!("still here");
    Ok(())
}

/// Leaves links where its results are expected.
fn leave_links() -> io::Result<()> {
    use std::os::unix::fs::symlink;
    symlink("/etc/passwd", Path::new(place::SCRATCH).join("result"))?;
    symlink("/etc", Path::new(place::SCRATCH).join("folder"))
}

/// Lists all that is in its root, its environment and descriptors.
fn look() -> io::Result<()> {
    for entry in fs::read_dir("/")? {
        println!("{}", entry?.path().display());
    }
    for (name, value) in std::env::vars() {
        println!("{name}={value}");
    }
    for number in 0..1024 {
        if call(libc::SYS_fcntl, [number, c_long::from(libc::F_GETFD), 0, 0, 0]).is_ok() {
            println!("descriptor {number}");
        }
    }
    Ok(())
}
