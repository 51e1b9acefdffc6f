//! One grading's surroundings, handed from stage to stage.

use super::engine::Grader;
use super::error::Error;
use super::prepared::Prepared;
use super::report::Mode;
use super::seed::Seed;
use crate::sandbox::{Cancel, Command, Limits, MemDir, Mount, Outcome};

/// What every stage of one grading needs.
#[derive(Clone, Copy)]
pub(super) struct GradingContext<'j> {
    pub(super) grader: &'j Grader,
    pub(super) prepared: &'j Prepared,
    pub(super) mode: Mode,
    /// Where sources, library and test binaries go from stage to stage, in memory.
    pub(super) dir: &'j MemDir,
    /// Of which the random numbers of its tests are made.
    pub(super) seed: Seed,
    /// Ends whatever program runs for this grading.
    pub(super) cancel: &'j Cancel,
}

impl GradingContext<'_> {
    /// Runs one command in a jail of its own.
    pub(super) fn run(&self, mounts: &[Mount], command: &Command, limits: &Limits) -> Result<Outcome, Error> {
        Ok(self.grader.jailer.jail(mounts, limits)?.run_until(command, limits, self.cancel)?)
    }
}
