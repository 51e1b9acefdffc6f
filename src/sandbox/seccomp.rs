//! The system calls that a jailed program may make: an allow-list for each [`Profile`].
//!
//! Whatever is not on the list gets `ENOSYS`, as on a kernel that lacks it: libraries then take the older way that they
//! all have (`clone3` → `clone`), where `EPERM` would make them give up.
//!
//! A [`Profile::Program`] must be executed once and never execute anything again, but its filter stands before that
//! one `exec`. So the filter lets `execveat` pass only with one certain address as its path: that of a page whose place
//! was drawn at random just before ([`SecretPage`](super::program)), and that is gone after the `exec`. The program would
//! have to guess 35 random bits, each guess with a mapping of its own at the very address.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::Profile;

/// The compiled lists, made once by the jailer.
#[derive(Debug)]
pub(super) struct Filters {
    tool: BpfProgram,
    program: BpfProgram,
}

impl Filters {
    pub(super) fn compile() -> Result<Self, BackendError> {
        Ok(Self { tool: compile(tool_rules()?)?, program: compile(program_rules()?)? })
    }

    pub(super) fn of(&self, profile: Profile) -> &BpfProgram {
        match profile {
            Profile::Tool => &self.tool,
            Profile::Program => &self.program,
        }
    }
}

/// A filter that refuses every `execveat` but that of the path at one address. Stands beside [`Profile::Program`]'s.
pub(super) fn exec_only_at(address: u64) -> Result<BpfProgram, BackendError> {
    let other = SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, address)?;
    let rules = BTreeMap::from([(libc::SYS_execveat, vec![SeccompRule::new(vec![other])?])]);
    filter(rules, SeccompAction::Allow, refuse())?.try_into()
}

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

fn refuse() -> SeccompAction {
    SeccompAction::Errno(libc::ENOSYS.unsigned_abs())
}

fn filter(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<SeccompFilter, BackendError> {
    SeccompFilter::new(rules, otherwise, matched, std::env::consts::ARCH.try_into()?)
}

fn compile(rules: Rules) -> Result<BpfProgram, BackendError> {
    filter(rules, refuse(), SeccompAction::Allow)?.try_into()
}

fn program_rules() -> Result<Rules, BackendError> {
    let mut rules = common_rules()?;
    // A thread, and nothing that a thread of the standard library does not ask for. glibc always passes all of these.
    let thread = number(libc::CLONE_THREAD | libc::CLONE_VM | libc::CLONE_SIGHAND);
    rules.insert(libc::SYS_clone, vec![rule(vec![masked(0, thread, thread)?, masked(0, namespaces(), 0)?])?]);
    rules.insert(libc::SYS_execveat, vec![]);
    Ok(rules)
}

fn tool_rules() -> Result<Rules, BackendError> {
    let mut rules = common_rules()?;
    rules.insert(libc::SYS_clone, vec![rule(vec![masked(0, namespaces(), 0)?])?]);
    for call in TOOL {
        rules.insert(*call, vec![]);
    }
    Ok(rules)
}

fn common_rules() -> Result<Rules, BackendError> {
    let mut rules: Rules = COMMON.iter().chain(OLD).map(|call| (*call, vec![])).collect();
    let ioctls = [libc::TCGETS, libc::FIONBIO, libc::FIOCLEX, libc::FIONREAD];
    let ioctls: Result<_, BackendError> = ioctls.into_iter().map(|request| rule(vec![equal(1, request)?])).collect();
    rules.insert(libc::SYS_ioctl, ioctls?);
    // Two ends of one pipe, as tokio makes them; a socket with an address cannot be made.
    rules.insert(libc::SYS_socketpair, vec![rule(vec![equal(0, number(libc::AF_UNIX))?])?]);
    // Only of this process: 0 is the caller.
    rules.insert(libc::SYS_prlimit64, vec![rule(vec![equal(0, 0)?])?]);
    rules.insert(libc::SYS_sched_setaffinity, vec![rule(vec![equal(0, 0)?])?]);
    let options = [
        libc::PR_SET_NAME,
        libc::PR_GET_NAME,
        libc::PR_SET_VMA,
        libc::PR_SET_PDEATHSIG,
        libc::PR_GET_DUMPABLE,
        libc::PR_GET_NO_NEW_PRIVS,
        libc::PR_CAPBSET_READ,
    ];
    let options: Result<_, BackendError> =
        options.into_iter().map(|option| rule(vec![equal(0, number(option))?])).collect();
    rules.insert(libc::SYS_prctl, options?);
    Ok(rules)
}

/// Flags of `clone` that make namespaces.
fn namespaces() -> u64 {
    number(
        libc::CLONE_NEWNS
            | libc::CLONE_NEWUSER
            | libc::CLONE_NEWPID
            | libc::CLONE_NEWNET
            | libc::CLONE_NEWIPC
            | libc::CLONE_NEWUTS
            | libc::CLONE_NEWCGROUP,
    )
}

fn number(flags: libc::c_int) -> u64 {
    u64::from(flags.cast_unsigned())
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions)
}

fn equal(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    // The kernel reads the low half alone of each of these arguments.
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}

fn masked(argument: u8, mask: u64, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(mask), value)
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
