//! Programs of ours, run plainly: the toolchain's questions and the fetching of dependencies.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::Error;

/// How a trusted program ended.
#[derive(Debug)]
pub(super) struct Output {
    /// Whether it exited with 0.
    pub(super) success: bool,
    /// Standard output.
    pub(super) stdout: Vec<u8>,
    /// Standard error.
    pub(super) stderr: Vec<u8>,
}

/// Runs a program with all rights of this process, and waits for it. Never for anything that a candidate had a hand in.
///
/// # Errors
/// When it cannot be started.
pub(super) fn trusted(program: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Output, Error> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::Toolchain(format!("{}: {error}", program.display())))?;
    Ok(Output { success: output.status.success(), stdout: output.stdout, stderr: output.stderr })
}
