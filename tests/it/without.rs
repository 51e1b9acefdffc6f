//! Machines on which a control of the sandbox does not hold: the service refuses to grade and names the control.
//!
//! A control is taken away by a kernel that says "done" and does nothing: a filter, inherited by the service and all its
//! children, answers a system call with success. Control groups are taken away by a mount namespace in which they are not.
//! Namespaces are denied outright, as by a kernel that has none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use quorate::sandbox::Control;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// What a machine lacks.
enum Lacks {
    /// These system calls do nothing and say that all went well.
    Deeds(&'static [i64]),
    /// This system call likewise, where the argument of that index has that value.
    Deed(i64, u8, i64),
    /// Processes cannot be put into new namespaces of this kind.
    Namespace(i32),
    /// These hierarchies of control groups are not mounted.
    Hierarchies(Vec<PathBuf>),
}

/// What a service says that is started on such a machine.
fn said_without(lacks: Lacks) -> (Option<i32>, String) {
    // A thread of its own, since what is taken away from a thread and its children never comes back.
    let service = std::thread::spawn(move || {
        take_away(&lacks);
        let data_dir = tempfile::tempdir().unwrap();
        let mut check = Command::new(env!("CARGO_BIN_EXE_quorate"));
        check.args(["check", "./tests/fixtures/packages/adder", "--repeat=1"]).env("QUORATE_DATA_DIR", data_dir.path());
        let output = check.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    });
    service.join().unwrap()
}

fn take_away(lacks: &Lacks) {
    let always = |numbers: &[i64]| numbers.iter().map(|number| (*number, Vec::new())).collect();
    let (calls, answer): (BTreeMap<i64, Vec<SeccompRule>>, _) = match lacks {
        Lacks::Deeds(numbers) => (always(numbers), SeccompAction::Errno(0)),
        Lacks::Deed(number, index, value) => {
            let rule = vec![argument(*index, SeccompCmpOp::Eq, *value)];
            (BTreeMap::from([(*number, rule)]), SeccompAction::Errno(0))
        }
        Lacks::Namespace(flag) => {
            let flag = u64::try_from(*flag).unwrap();
            let rule = vec![argument(0, SeccompCmpOp::MaskedEq(flag), i64::try_from(flag).unwrap())];
            let invalid = u32::try_from(libc::EINVAL).unwrap();
            (BTreeMap::from([(libc::SYS_clone, rule)]), SeccompAction::Errno(invalid))
        }
        Lacks::Hierarchies(paths) => return unmount(paths),
    };
    let here: TargetArch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, answer, here).unwrap();
    let filter: BpfProgram = filter.try_into().unwrap();
    apply_filter(&filter).unwrap();
}

fn argument(index: u8, operator: SeccompCmpOp, value: i64) -> SeccompRule {
    let value = u64::try_from(value).unwrap();
    let condition = SeccompCondition::new(index, SeccompCmpArgLen::Qword, operator, value).unwrap();
    SeccompRule::new(vec![condition]).unwrap()
}

fn unmount(paths: &[PathBuf]) {
    unshare(CloneFlags::CLONE_NEWNS).unwrap();
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>).unwrap();
    paths.iter().for_each(|path| umount2(path, MntFlags::MNT_DETACH).unwrap());
}

/// Nothing is graded, and each of `controls` is named.
fn refuses(lacks: Lacks, controls: &[Control]) {
    let (code, said) = said_without(lacks);
    assert_eq!(code, Some(3), "{said}");
    for control in controls {
        assert!(said.contains(&format!("{control} (")), "{control} is not named: {said}");
    }
}

#[test]
fn without_other_ids() {
    refuses(Lacks::Deeds(&[libc::SYS_setresuid, libc::SYS_setresgid]), &[Control::UserNamespace]);
}

#[test]
fn without_a_root_of_its_own() {
    refuses(Lacks::Deeds(&[libc::SYS_pivot_root, libc::SYS_umount2]), &[Control::Filesystem, Control::NoProc]);
}

#[test]
fn without_pid_namespaces() {
    refuses(Lacks::Namespace(libc::CLONE_NEWPID), &[Control::PidNamespace, Control::TreeKill]);
}

#[test]
fn without_network_namespaces() {
    let (code, said) = said_without(Lacks::Namespace(libc::CLONE_NEWNET));
    assert!(code == Some(3) && said.contains("namespaces"), "{said}");
}

#[test]
fn without_a_filter_of_system_calls() {
    let controls = [Control::SystemCalls, Control::NoExec, Control::Network, Control::IpcNamespace];
    refuses(Lacks::Deeds(&[libc::SYS_seccomp]), &controls);
}

#[test]
fn without_a_host_name_of_its_own() {
    refuses(Lacks::Deeds(&[libc::SYS_sethostname]), &[Control::UtsNamespace]);
}

#[test]
fn without_flags_of_mounts() {
    refuses(Lacks::Deeds(&[libc::SYS_mount_setattr]), &[Control::ReadOnly]);
}

#[test]
fn without_rights_of_files() {
    let calls = &[libc::SYS_fchmod, libc::SYS_fchmodat, libc::SYS_fchown, libc::SYS_fchownat];
    refuses(Lacks::Deeds(calls), &[Control::ExecuteOnly]);
}

#[test]
fn without_a_bound_on_capabilities() {
    refuses(Lacks::Deed(libc::SYS_prctl, 0, i64::from(libc::PR_CAPBSET_DROP)), &[Control::Privileges]);
}

#[test]
fn without_sizes_of_file_systems() {
    const FSCONFIG_SET_STRING: i64 = 1;
    refuses(Lacks::Deed(libc::SYS_fsconfig, 1, FSCONFIG_SET_STRING), &[Control::DiskLimit]);
}

/// In version 1 of the interface each controller has a hierarchy of its own; in version 2, which counts CPU time wherever it is
/// mounted, all have the same.
fn hierarchy(controller: &str) -> Lacks {
    let folders = [controller, "unified"].map(|name| Path::new("/sys/fs/cgroup").join(name));
    let own: Vec<PathBuf> = folders.into_iter().filter(|folder| folder.is_dir()).collect();
    Lacks::Hierarchies(if own.is_empty() { vec!["/sys/fs/cgroup".into()] } else { own })
}

#[test]
fn without_counting_memory() {
    refuses(hierarchy("memory"), &[Control::MemoryLimit]);
}

#[test]
fn without_counting_processes() {
    refuses(hierarchy("pids"), &[Control::ProcessLimit]);
}

#[test]
fn without_counting_cpu_time() {
    refuses(hierarchy("cpuacct"), &[Control::CpuLimit]);
}

#[test]
fn without_signals() {
    let calls = &[libc::SYS_pidfd_send_signal, libc::SYS_kill];
    // Other limits hold all the same: the kernel ends what has no CPU time left or writes where nobody reads.
    refuses(Lacks::Deeds(calls), &[Control::WallLimit]);
}

/// Landlock stands behind the walls: without it there is a warning and no more.
#[test]
fn without_landlock() {
    let (code, said) = said_without(Lacks::Deeds(&[libc::SYS_landlock_restrict_self]));
    assert_eq!(code, Some(0), "{said}");
}
