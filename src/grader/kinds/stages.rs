//! What a kind of exercise must say of itself.

use crate::grader::engine::Grader;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::grading::Grading;
use crate::grader::prepared::Prepared;
use crate::grader::report::Isolation;

/// What a kind does in its own way.
pub(in crate::grader) trait Stages: Sync {
    /// Where the candidate's code runs relative to the tests.
    fn isolation(&self) -> Isolation;

    /// What of a package can change a score here, besides what can in every kind: paths below the package's folder.
    fn scored_paths(&self) -> &'static [&'static str];

    /// Does what is left to do for a package once its dependencies and the test runner are compiled.
    fn prepare(&self, grader: &Grader, prepared: &mut Prepared) -> Result<(), Error>;

    /// Goes through the stages, from policy to score, and leaves the outcome in the report of `grading`.
    fn grade(&self, grading: &mut Grading<'_>, files: &SubmittedFiles) -> Result<(), Error>;
}
