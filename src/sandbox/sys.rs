//! The system calls that neither `std` nor `nix` wraps, each as a safe function.
//!
//! Nearly all `unsafe` of the sandbox is here; what is left is in the moment of `exec` (`program.rs`), in taking over
//! descriptors that were received (`wire.rs`), and in the hostile program (`escape_probe.rs`).
//! Nothing here decides anything.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use nix::unistd::Pid;

/// What to do with a mount's flags, as the kernel's `struct mount_attr` has it.
#[repr(C)]
#[derive(Default)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

/// Flags of one mount, from `linux/mount.h`.
pub(super) mod attr {
    pub(crate) const READ_ONLY: u64 = 0x1;
    pub(crate) const NO_SUID: u64 = 0x2;
    pub(crate) const NO_DEV: u64 = 0x4;
    pub(crate) const NO_EXEC: u64 = 0x8;
    pub(super) const ID_MAP: u64 = 0x0010_0000;
}

const OPEN_TREE_CLONE: libc::c_int = 1;
const AT_RECURSIVE: libc::c_int = 0x8000;
const MOVE_MOUNT_F_EMPTY_PATH: libc::c_int = 0x4;
const MOVE_MOUNT_T_EMPTY_PATH: libc::c_int = 0x40;
const FSOPEN_CLOEXEC: libc::c_int = 1;
const FSMOUNT_CLOEXEC: libc::c_int = 1;
const FSCONFIG_SET_FLAG: libc::c_int = 0;
const FSCONFIG_SET_STRING: libc::c_int = 1;
const FSCONFIG_CMD_CREATE: libc::c_int = 6;

fn check(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

fn owned(result: libc::c_long) -> io::Result<OwnedFd> {
    let fd = RawFd::try_from(check(result)?).map_err(io::Error::other)?;
    // SAFETY: the kernel just made this descriptor for us and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn text(path: &Path) -> io::Result<CString> {
    use std::os::unix::ffi::OsStrExt;
    Ok(CString::new(path.as_os_str().as_bytes())?)
}

/// Starts a child as `fork` does, in new namespaces. Returns `None` in the child.
///
/// Only for a process with a single thread: the child goes on with a copy of all memory, locks included.
pub(super) fn fork_into(namespaces: libc::c_int) -> io::Result<Option<(Pid, OwnedFd)>> {
    let mut pidfd: libc::c_int = -1;
    let flags = libc::c_long::from(namespaces | libc::CLONE_PIDFD | libc::SIGCHLD);
    // SAFETY: without CLONE_VM and with a null stack this is `fork`; the kernel writes one descriptor into `pidfd`,
    // which outlives the call. Callers have a single thread, so every lock in the child's memory is free.
    let pid = check(unsafe {
        libc::syscall(libc::SYS_clone, flags, std::ptr::null::<u8>(), &raw mut pidfd, std::ptr::null::<u8>(), 0)
    })?;
    born(pid, pidfd)
}

/// Like [`fork_into`], with the child born in a control group of version 2: moving it there later would take a lock
/// that all processes of the machine share.
pub(super) fn fork_into_group(namespaces: libc::c_int, group: BorrowedFd<'_>) -> io::Result<Option<(Pid, OwnedFd)>> {
    const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;
    let number = |value: libc::c_int| u64::try_from(value).map_err(io::Error::other);
    let mut pidfd: libc::c_int = -1;
    let arguments = CloneArguments {
        flags: CLONE_INTO_CGROUP | number(namespaces | libc::CLONE_PIDFD)?,
        pidfd: u64::try_from((&raw mut pidfd).expose_provenance()).map_err(io::Error::other)?,
        exit_signal: number(libc::SIGCHLD)?,
        group: number(group.as_raw_fd())?,
        ..CloneArguments::default()
    };
    // SAFETY: as in `fork_into`; the struct is as long as is said, and `pidfd` outlives the call.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<CloneArguments>()) };
    born(check(pid)?, pidfd)
}

/// The kernel's `struct clone_args`.
#[repr(C)]
#[derive(Default)]
struct CloneArguments {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    group: u64,
}

fn born(pid: libc::c_long, pidfd: libc::c_int) -> io::Result<Option<(Pid, OwnedFd)>> {
    if pid == 0 {
        return Ok(None);
    }
    let pid = Pid::from_raw(libc::pid_t::try_from(pid).map_err(io::Error::other)?);
    Ok(Some((pid, owned(libc::c_long::from(pidfd))?)))
}

/// A descriptor that becomes readable when a child ends.
pub(super) fn open_process(child: u32) -> io::Result<OwnedFd> {
    // SAFETY: plain integers.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_open, child, 0) })
}

/// Ends a process and, if it is the first of its pid namespace, all others in there.
pub(super) fn kill(pidfd: BorrowedFd<'_>) {
    // SAFETY: plain integers and a null pointer, which is allowed here. An error means that it has ended already.
    unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), libc::SIGKILL, std::ptr::null::<u8>(), 0);
    }
}

/// Leaves this process at once, without destructors or buffers of the process that it is a copy of.
pub(super) fn exit(code: i32) -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(code) }
}

/// A copy of what is mounted at `source`, attached to nothing yet.
pub(super) fn clone_mount(source: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let flags = OPEN_TREE_CLONE | AT_RECURSIVE | libc::AT_EMPTY_PATH | libc::O_CLOEXEC;
    // SAFETY: an open descriptor and an empty C string.
    owned(unsafe { libc::syscall(libc::SYS_open_tree, source.as_raw_fd(), c"".as_ptr(), flags) })
}

fn set_attributes(mount: BorrowedFd<'_>, attributes: &MountAttr, flags: libc::c_int) -> io::Result<()> {
    let flags = flags | libc::AT_EMPTY_PATH;
    // SAFETY: an open descriptor, an empty C string, and a struct of the size that is passed.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            std::ptr::from_ref(attributes),
            size_of::<MountAttr>(),
        )
    })?;
    Ok(())
}

/// Sets flags (see [`attr`]) of a mount and, if `recursive`, of all below it.
pub(super) fn set_mount_flags(mount: BorrowedFd<'_>, flags: u64, recursive: bool) -> io::Result<()> {
    let attributes = MountAttr { set: flags, ..MountAttr::default() };
    set_attributes(mount, &attributes, if recursive { AT_RECURSIVE } else { 0 })
}

/// Makes a detached mount show the owners of its files through the id map of a user namespace.
pub(super) fn map_owners(mount: BorrowedFd<'_>, user_namespace: BorrowedFd<'_>) -> io::Result<()> {
    let fd = u64::try_from(user_namespace.as_raw_fd()).map_err(io::Error::other)?;
    let attributes = MountAttr { set: attr::ID_MAP, user_namespace: fd, ..MountAttr::default() };
    set_attributes(mount, &attributes, 0)
}

/// Attaches a detached mount on top of `target`.
pub(super) fn attach_mount(mount: BorrowedFd<'_>, target: BorrowedFd<'_>) -> io::Result<()> {
    let flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
    // SAFETY: two open descriptors and two empty C strings.
    check(unsafe {
        libc::syscall(libc::SYS_move_mount, mount.as_raw_fd(), c"".as_ptr(), target.as_raw_fd(), c"".as_ptr(), flags)
    })?;
    Ok(())
}

/// A new file system of a kind with options (those without a value are empty), mounted with flags (see [`attr`]),
/// attached to nothing yet.
pub(super) fn new_filesystem(kind: &CStr, options: &[(&CStr, CString)], flags: u64) -> io::Result<OwnedFd> {
    // SAFETY: a C string and a flag.
    let context = owned(unsafe { libc::syscall(libc::SYS_fsopen, kind.as_ptr(), FSOPEN_CLOEXEC) })?;
    for (key, value) in options {
        let (command, value) = match value.is_empty() {
            true => (FSCONFIG_SET_FLAG, std::ptr::null()),
            false => (FSCONFIG_SET_STRING, value.as_ptr()),
        };
        // SAFETY: an open descriptor and two C strings, or one and null where there is no value.
        check(unsafe { libc::syscall(libc::SYS_fsconfig, context.as_raw_fd(), command, key.as_ptr(), value, 0) })?;
    }
    let none = std::ptr::null::<libc::c_char>();
    // SAFETY: an open descriptor; this command takes no key and no value.
    check(unsafe { libc::syscall(libc::SYS_fsconfig, context.as_raw_fd(), FSCONFIG_CMD_CREATE, none, none, 0) })?;
    // SAFETY: an open descriptor and flags.
    owned(unsafe { libc::syscall(libc::SYS_fsmount, context.as_raw_fd(), FSMOUNT_CLOEXEC, flags) })
}

/// Gives the file that `file` stands for (it may be an `O_PATH` descriptor) to another owner.
pub(super) fn give(file: BorrowedFd<'_>, uid: u32, gid: u32) -> io::Result<()> {
    // SAFETY: an open descriptor and an empty C string.
    let result = unsafe { libc::fchownat(file.as_raw_fd(), c"".as_ptr(), uid, gid, libc::AT_EMPTY_PATH) };
    check(libc::c_long::from(result)).map(drop)
}

/// Changes into `root` and makes it the root of this mount namespace; what was the root before is gone from it.
pub(super) fn enter_root(root: &Path) -> io::Result<()> {
    std::env::set_current_dir(root)?;
    nix::unistd::pivot_root(".", ".")?;
    nix::mount::umount2(".", nix::mount::MntFlags::MNT_DETACH)?;
    std::env::set_current_dir("/")
}

/// Makes the descriptor `number` a copy of `fd`, which stays open in programs that are executed.
pub(super) fn place(fd: BorrowedFd<'_>, number: RawFd) -> io::Result<()> {
    // SAFETY: plain integers. The callers are about to execute a program and own no descriptor of that number.
    check(libc::c_long::from(unsafe { libc::dup2(fd.as_raw_fd(), number) })).map(drop)
}

/// A copy of a descriptor with a number that [`place`] is never used for.
pub(super) fn out_of_the_way(fd: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    const LOWEST: libc::c_int = 64;
    // SAFETY: plain integers.
    owned(libc::c_long::from(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, LOWEST) }))
}

/// Closes every descriptor from 3 up that is not among those to keep.
///
/// Only for a process that is a copy and never returns: what owned the others must not be used or dropped.
pub(super) fn close_all_but(keep: &[BorrowedFd<'_>]) {
    let mut keep: Vec<u32> = keep.iter().filter_map(|fd| u32::try_from(fd.as_raw_fd()).ok()).collect();
    keep.sort_unstable();
    let mut next = 3;
    for fd in keep.into_iter().filter(|fd| *fd >= 3) {
        if fd > next {
            close_range(next, fd - 1);
        }
        next = fd + 1;
    }
    close_range(next, u32::MAX);
}

fn close_range(first: u32, last: u32) {
    // SAFETY: plain integers; see `close_all_but` for who may call.
    unsafe {
        libc::syscall(libc::SYS_close_range, first, last, 0);
    }
}

/// Closes, when a program is executed, every descriptor from `first` up.
pub(super) fn close_on_exec_from(first: u32) -> io::Result<()> {
    // SAFETY: plain integers; nothing is closed now.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) }).map(drop)
}

/// Has the kernel send SIGKILL to this process when the one that started it ends.
pub(super) fn die_with_parent() -> io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?)
}

/// Takes every capability out of the bounding set, so that no program that is executed can get one.
pub(super) fn empty_bounding_set() -> io::Result<()> {
    for capability in 0..64 {
        // SAFETY: plain integers.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) } != 0 {
            let error = io::Error::last_os_error();
            // The first number that the kernel does not know.
            return if error.raw_os_error() == Some(libc::EINVAL) { Ok(()) } else { Err(error) };
        }
    }
    Ok(())
}

/// Whose capabilities, and in which form: version 3 has two structs of three words each.
#[repr(C)]
struct CapabilityHeader {
    version: u32,
    pid: i32,
}

static OWN_CAPABILITIES: CapabilityHeader = CapabilityHeader { version: 0x2008_0522, pid: 0 };

/// Whether this process has any capability.
pub(super) fn has_capabilities() -> io::Result<bool> {
    let mut words = [0_u32; 6];
    // SAFETY: version 3 of the call reads a header and writes six words.
    check(unsafe { libc::syscall(libc::SYS_capget, &raw const OWN_CAPABILITIES, words.as_mut_ptr()) })?;
    Ok(words.into_iter().any(|word| word != 0))
}

/// Gives up every capability that this process has, also the ambient ones.
pub(super) fn drop_capabilities() -> io::Result<()> {
    let nothing = [0_u32; 6];
    // SAFETY: plain integers.
    check(libc::c_long::from(unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) }))?;
    // SAFETY: version 3 of the call reads a header and six words.
    check(unsafe { libc::syscall(libc::SYS_capset, &raw const OWN_CAPABILITIES, nothing.as_ptr()) }).map(drop)
}

/// Sets one resource limit, soft and hard, never above the hard limit that there is.
pub(super) fn limit(resource: nix::sys::resource::Resource, value: u64) -> io::Result<()> {
    let (_, hard) = nix::sys::resource::getrlimit(resource)?;
    let value = value.min(hard);
    Ok(nix::sys::resource::setrlimit(resource, value, value)?)
}

/// Opens a path below `root` without ever following a symbolic link or leaving `root`.
pub(super) fn open_beneath(root: impl AsFd, path: &Path, flags: nix::fcntl::OFlag) -> io::Result<OwnedFd> {
    use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
    let relative = path.strip_prefix("/").unwrap_or(path);
    let relative = if relative.as_os_str().is_empty() { Path::new(".") } else { relative };
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    Ok(openat2(root, relative, how)?)
}

/// Like `mount(2)` for what must go by path.
pub(super) fn set_private(path: &Path) -> io::Result<()> {
    let flags = libc::MS_REC | libc::MS_PRIVATE;
    let path = text(path)?;
    // SAFETY: a C string; the other pointers may be null for a change of propagation.
    let result = unsafe { libc::mount(std::ptr::null(), path.as_ptr(), std::ptr::null(), flags, std::ptr::null()) };
    check(libc::c_long::from(result)).map(drop)
}
