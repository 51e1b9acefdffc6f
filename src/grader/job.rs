//! One grading's surroundings, handed from stage to stage.

use super::Workshop;
use super::error::Error;
use super::prepared::Prepared;
use super::report::Mode;
use crate::sandbox::{Cancel, Command, Limits, Mount, Outcome, Tree};

/// What every stage of one grading needs.
#[derive(Clone, Copy)]
pub(super) struct Job<'j> {
    pub(super) shop: &'j Workshop,
    pub(super) prepared: &'j Prepared,
    pub(super) mode: Mode,
    /// Where sources, library and test binaries go from stage to stage, in memory.
    pub(super) tree: &'j Tree,
    /// Ends whatever runs.
    pub(super) cancel: &'j Cancel,
}

impl Job<'_> {
    /// Runs one command in a jail of its own.
    pub(super) fn run(&self, mounts: &[Mount], command: &Command, limits: &Limits) -> Result<Outcome, Error> {
        Ok(self.shop.jailer.jail(mounts, limits)?.run_until(command, limits, self.cancel)?)
    }
}
