//! The system calls that a jailed program may make: an allow-list for each profile.
//!
//! Whatever is not on the list gets `ENOSYS`, as on a kernel that lacks it: libraries then take the older way that they
//! all have (`clone3` → `clone`), where `EPERM` would make them give up.
//!
//! A [`Profile::Program`](super::Profile::Program) must be executed once and never execute anything again, but its filter stands before that
//! one `exec`. So the filter lets `execveat` pass only with one certain address as its path: that of a page whose place
//! was drawn at random just before (`SecretPage` in `program.rs`), and that is gone after the `exec`. The program would
//! have to guess 35 random bits, each guess with a mapping of its own at the very address.

use libc::{c_int, c_long};
use seccompiler::BpfProgram;

use super::bpf::{Cases, Check, Rules};

/// The lists, made once by the jailer.
#[derive(Debug)]
pub(super) struct Filters {
    tool: BpfProgram,
    program: Rules,
}

impl Filters {
    pub(super) fn new() -> Self {
        Self { tool: compile(&tool_rules()), program: program_rules() }
    }

    /// The filter of a [`Profile::Tool`](super::Profile::Tool).
    pub(super) fn tool(&self) -> &BpfProgram {
        &self.tool
    }

    /// The filter of a [`Profile::Program`](super::Profile::Program) that may be executed from a path at this address.
    pub(super) fn program(&self, path_address: u64) -> BpfProgram {
        let mut rules = self.program.clone();
        rules.allow_if(libc::SYS_execveat, vec![exactly(1, path_address)]);
        compile(&rules)
    }
}

fn compile(rules: &Rules) -> BpfProgram {
    const { assert!(libc::ENOSYS == 38) };
    rules.compile(38)
}

fn program_rules() -> Rules {
    let mut rules = common_rules();
    // A thread, as glibc makes one, and no process.
    let thread = libc::CLONE_THREAD | libc::CLONE_VM | libc::CLONE_SIGHAND;
    rules.allow_if(libc::SYS_clone, vec![vec![masked(0, thread, thread), masked(0, NAMESPACES, 0)]]);
    rules
}

fn tool_rules() -> Rules {
    let mut rules = common_rules();
    rules.allow_if(libc::SYS_clone, vec![vec![masked(0, NAMESPACES, 0)]]);
    TOOL.iter().for_each(|call| rules.allow(*call));
    rules
}

fn common_rules() -> Rules {
    let mut rules = Rules::default();
    COMMON.iter().chain(OLD).for_each(|call| rules.allow(*call));
    rules.allow_if(libc::SYS_ioctl, one_of(1, &IOCTLS));
    // Two ends of one pipe, as tokio makes them; a socket with an address cannot be made.
    rules.allow_if(libc::SYS_socketpair, one_of(0, &[libc::AF_UNIX]));
    // Only of this process: 0 is the caller.
    rules.allow_if(libc::SYS_prlimit64, one_of(0, &[0]));
    rules.allow_if(libc::SYS_sched_setaffinity, one_of(0, &[0]));
    let options = [
        libc::PR_SET_NAME,
        libc::PR_GET_NAME,
        libc::PR_SET_VMA,
        libc::PR_SET_PDEATHSIG,
        libc::PR_GET_DUMPABLE,
        libc::PR_GET_NO_NEW_PRIVS,
        libc::PR_CAPBSET_READ,
    ];
    rules.allow_if(libc::SYS_prctl, one_of(0, &options));
    rules
}

/// Flags of `clone` that make namespaces.
const NAMESPACES: c_int = libc::CLONE_NEWNS
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

/// Is it a terminal, how much is there to read, do not block, close on exec: from `asm-generic/ioctls.h`.
const IOCTLS: [c_int; 4] = [0x5401, 0x541B, 0x5421, 0x5451];

/// An `int` argument has one of these values.
fn one_of(argument: u32, values: &[c_int]) -> Cases {
    values.iter().map(|value| vec![masked(argument, !0, *value)]).collect()
}

fn masked(argument: u32, mask: c_int, value: c_int) -> Check {
    Check::low(argument, mask.cast_unsigned(), value.cast_unsigned())
}

/// An argument has this value in all of its 64 bits.
fn exactly(argument: u32, value: u64) -> Vec<Check> {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    let (low, high) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    vec![Check::low(argument, !0, low), Check::high(argument, !0, high)]
}

/// What both profiles may do: memory, threads, time, files, and waiting for any of them.
#[rustfmt::skip]
const COMMON: &[c_long] = &[
    // Memory.
    libc::SYS_mmap, libc::SYS_munmap, libc::SYS_mremap, libc::SYS_mprotect, libc::SYS_madvise, libc::SYS_brk,
    libc::SYS_msync, libc::SYS_mincore, libc::SYS_membarrier,
    // Threads.
    libc::SYS_futex, libc::SYS_set_robust_list, libc::SYS_set_tid_address, libc::SYS_rseq, libc::SYS_exit,
    libc::SYS_exit_group, libc::SYS_gettid, libc::SYS_sched_yield, libc::SYS_sched_getaffinity, libc::SYS_getcpu,
    libc::SYS_sched_getparam, libc::SYS_sched_getscheduler, libc::SYS_getpriority,
    // Signals, which reach no further than the pid namespace.
    libc::SYS_rt_sigaction, libc::SYS_rt_sigprocmask, libc::SYS_rt_sigreturn, libc::SYS_rt_sigpending,
    libc::SYS_rt_sigsuspend, libc::SYS_rt_sigtimedwait, libc::SYS_sigaltstack, libc::SYS_kill, libc::SYS_tkill,
    libc::SYS_tgkill, libc::SYS_restart_syscall,
    // Who and where am I.
    libc::SYS_getpid, libc::SYS_getppid, libc::SYS_getpgid, libc::SYS_getsid, libc::SYS_setsid, libc::SYS_getuid,
    libc::SYS_geteuid, libc::SYS_getgid, libc::SYS_getegid, libc::SYS_getresuid, libc::SYS_getresgid,
    libc::SYS_getgroups, libc::SYS_uname, libc::SYS_sysinfo, libc::SYS_getrusage, libc::SYS_times, libc::SYS_umask,
    libc::SYS_capget, libc::SYS_getrandom, libc::SYS_wait4, libc::SYS_waitid,
    // Time.
    libc::SYS_clock_gettime, libc::SYS_clock_getres, libc::SYS_clock_nanosleep, libc::SYS_nanosleep,
    libc::SYS_gettimeofday, libc::SYS_timerfd_create, libc::SYS_timerfd_settime, libc::SYS_timerfd_gettime,
    // Waiting.
    libc::SYS_ppoll, libc::SYS_pselect6, libc::SYS_epoll_create1, libc::SYS_epoll_ctl, libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2, libc::SYS_eventfd2, libc::SYS_signalfd4,
    // Descriptors.
    libc::SYS_read, libc::SYS_write, libc::SYS_readv, libc::SYS_writev, libc::SYS_pread64, libc::SYS_pwrite64,
    libc::SYS_preadv, libc::SYS_pwritev, libc::SYS_preadv2, libc::SYS_pwritev2, libc::SYS_lseek, libc::SYS_close,
    libc::SYS_close_range, libc::SYS_dup, libc::SYS_dup3, libc::SYS_fcntl, libc::SYS_flock, libc::SYS_pipe2,
    libc::SYS_fsync, libc::SYS_fdatasync, libc::SYS_ftruncate, libc::SYS_fallocate, libc::SYS_fadvise64,
    libc::SYS_copy_file_range, libc::SYS_getdents64, libc::SYS_fstat, libc::SYS_fstatfs, libc::SYS_fchmod,
    // The two ends of a socket pair.
    libc::SYS_sendto, libc::SYS_recvfrom, libc::SYS_shutdown, libc::SYS_getsockopt, libc::SYS_getsockname,
    libc::SYS_getpeername,
    // Files.
    libc::SYS_openat, libc::SYS_openat2, libc::SYS_newfstatat, libc::SYS_statx, libc::SYS_statfs, libc::SYS_faccessat,
    libc::SYS_faccessat2, libc::SYS_readlinkat, libc::SYS_getcwd, libc::SYS_chdir, libc::SYS_fchdir,
    libc::SYS_mkdirat, libc::SYS_unlinkat, libc::SYS_renameat, libc::SYS_renameat2, libc::SYS_linkat,
    libc::SYS_symlinkat, libc::SYS_fchmodat, libc::SYS_fchmodat2, libc::SYS_utimensat, libc::SYS_truncate,
];

/// What a compiler driver does besides: it starts other programs.
const TOOL: &[c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    libc::SYS_setpgid,
    libc::SYS_memfd_create,
];

/// Older forms of the above that x86-64 still has.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const OLD: &[c_long] = &[
    libc::SYS_arch_prctl, libc::SYS_open, libc::SYS_creat, libc::SYS_stat, libc::SYS_lstat, libc::SYS_access,
    libc::SYS_readlink, libc::SYS_getdents, libc::SYS_mkdir, libc::SYS_rmdir, libc::SYS_unlink, libc::SYS_rename,
    libc::SYS_link, libc::SYS_symlink, libc::SYS_chmod, libc::SYS_utime, libc::SYS_utimes, libc::SYS_futimesat,
    libc::SYS_dup2, libc::SYS_pipe, libc::SYS_poll, libc::SYS_select, libc::SYS_epoll_create, libc::SYS_epoll_wait,
    libc::SYS_eventfd, libc::SYS_getpgrp, libc::SYS_getrlimit, libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[c_long] = &[];
