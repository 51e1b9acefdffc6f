//! Control groups for an ordinary user: a scope of systemd's that is delegated to the user, entered at the start.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::cgroup::Groups;

/// The hidden first argument of a process that has entered one, or tried to.
const ARGUMENT: &str = "__scoped";
const SYSTEMD_RUN: [&str; 6] = ["systemd-run", "--user", "--scope", "--quiet", "--collect", "--property=Delegate=yes"];

/// The arguments of this process without the hidden one.
#[must_use]
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().enumerate().filter(|(at, text)| *at != 1 || text != ARGUMENT).map(|(_, text)| text).collect()
}

/// Goes on as the same process in a scope of its own where control groups can be had in that way and no other, and does not return
/// then. To be called before there are threads.
pub fn enter_scope_if_it_helps() {
    let entered = std::env::args_os().nth(1).is_some_and(|text| text == ARGUMENT);
    if entered || nix::unistd::geteuid().is_root() || Groups::find().counted() == [true; 3] || !is_offered() {
        return;
    }
    let Ok(executable) = std::env::current_exe() else { return };
    // Returns only if it failed; then the probe says what is missing.
    let _ = systemd_run().arg(executable).arg(ARGUMENT).args(std::env::args_os().skip(1)).exec();
}

fn systemd_run() -> Command {
    let [program, arguments @ ..] = SYSTEMD_RUN;
    let mut command = Command::new(program);
    command.args(arguments).arg("--");
    command
}

fn is_offered() -> bool {
    let mut trial = systemd_run();
    trial.arg("true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    trial.status().is_ok_and(|status| status.success())
}
