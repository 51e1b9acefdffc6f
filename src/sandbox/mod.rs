//! Runs one program that nobody trusts: `Command` + `Limits` → `Outcome`.
//!
//! This module knows nothing of quizzes, Rust or grading. It starts every process of the project: untrusted ones in a
//! jail, trusted ones (preparing a package) plainly, so that nothing else needs `std::process`.
//!
//! A jail is made by a *jailer*: this same binary, executed again as a small single-threaded process that stays running.
//! The threaded server never forks; it sends the jailer a [`Command`] and reads back an [`Outcome`].
//!
//! ```text
//! let jailer = Jailer::start(&Settings::new(executable))?;      // probes every control, refuses if one does not hold
//! let dir = jailer.mem_dir(bytes, inodes)?;                     // a folder in memory that outlives a jail; write(), collect()
//! let jail = jailer.jail(&mounts, &limits)?;                    // namespaces and mounts, once for many commands
//! let outcome = jail.run(&command, &limits)?;                   // &self: several at once; fresh pids, Temporary mounts, cgroup
//! let outcome = jailer.run(&mounts, &command, &limits)?;        // both in one
//! let outcome = jailer.run_trusted(&trusted, &cancel)?;         // no jail: for what the server itself wants done
//! ```

mod bpf;
mod cgroup;
mod client;
mod command;
mod connection;
mod control;
mod error;
mod escape_probe;
mod hierarchy;
mod ids;
mod jailer;
mod landlock;
mod mem_dir;
mod memory;
mod probe;
mod program;
mod root;
mod seccomp;
mod starvation;
mod supervisor;
mod sys;
mod systemd_scope;
mod trusted;
mod wait_then_exec;
mod watch;
mod wire;

use std::path::Path;

pub use client::{Jail, Jailer};
pub use command::{Channel, Command, EXECUTING, End, Limit, Limits, Mount, Outcome, Profile, Usage};
pub use control::{Control, ControlReport};
pub use error::Error;
pub use mem_dir::{MemDir, collect};
pub use memory::{available_memory_bytes, refuses_memory_early};
pub use probe::{Settings, library_mounts};
pub use systemd_scope::{arguments, enter_scope_if_it_helps};
pub use trusted::Trusted;
pub use wait_then_exec::PROGRAM as WAIT_THEN_EXEC;
pub use watch::{Cancel, WALL_FACTOR_MAX};

/// Becomes the jailer, a reaper or the probe if the hidden first argument says so, and does not return then.
///
/// The first thing in `main`: the jailer must be a process with a single thread.
pub fn run_if_hidden() {
    let mut args = std::env::args();
    if args.next().is_some_and(|name| {
        Path::new(&name).file_name().is_some_and(|name| name == wait_then_exec::PROGRAM.trim_start_matches('/'))
    }) {
        wait_then_exec::run(args);
    }
    match args.next().as_deref() {
        Some(jailer::ARGUMENT) => {
            let failed = jailer::serve().inspect_err(|error| eprintln!("quorate jailer: {error}")).is_err();
            std::process::exit(i32::from(failed));
        }
        Some(trusted::ARGUMENT) => std::process::exit(trusted::reap(args).unwrap_or(1)),
        Some(escape_probe::ARGUMENT) => escape_probe::run(&args.next().unwrap_or_default()),
        _ => {}
    }
}
