//! How the programs of the toolchain are run in a jail.

use super::engine::Grader;
use super::error::Error;
use super::prepared::Prepared;
use super::toolchain::Toolchain;
use crate::sandbox::{Command, Limits, Mount, Outcome, Profile};

/// Bytes that a tool may print.
const TOOL_OUTPUT_BYTES: u64 = 4 << 20;
/// Bytes that a compiler may write in all.
pub(super) const TOOL_DISK_BYTES: u64 = 512 << 20;
const TOOL_INODES: u64 = 16 << 10;
const TOOL_PROCESSES: u32 = 256;
/// How much longer than a candidate's compiler one may take that prepares a package: it compiles all dependencies.
const PREPARING: u32 = 10;

/// The limits of a compiler's run.
pub(super) fn limits(prepared: &Prepared) -> Limits {
    let limits = &prepared.package.limits;
    Limits {
        wall: limits.build_wall,
        cpu: limits.build_wall * 2,
        memory_bytes: limits.build_memory_bytes,
        processes: TOOL_PROCESSES,
        output_bytes: TOOL_OUTPUT_BYTES,
        disk_bytes: TOOL_DISK_BYTES,
        inodes: TOOL_INODES,
    }
}

/// A call of a tool in a jail that has one.
pub(super) fn command(tool: &str, args: Vec<String>, env: Vec<(String, String)>, cwd: &str) -> Command {
    Command { program: Toolchain::tool(tool), args, env, cwd: cwd.into(), profile: Profile::Tool, channel: None }
}

/// Runs a tool in `/crate` of a jail of its own, to prepare a package.
pub(super) fn run_to_prepare(
    grader: &Grader,
    prepared: &Prepared,
    mounts: &[Mount],
    command: &Command,
) -> Result<Outcome, Error> {
    let mut limits = limits(prepared);
    limits.wall *= PREPARING;
    limits.cpu *= PREPARING;
    limits.disk_bytes *= 4;
    Ok(grader.jailer.run(mounts, command, &limits)?)
}
