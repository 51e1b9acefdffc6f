//! From a submission to its report.

use super::context::GradingContext;
use super::deadline::Deadline;
use super::engine::Grader;
use super::error::Error;
use super::files::{Refusal, SubmittedFiles, told};
use super::grading::{Grading, blank};
use super::kinds;
use super::prepare::prepare_anew;
use super::prepared::Prepared;
use super::report::{Event, Mode, Report, Verdict};
use super::seed::Seed;
use crate::quantity::{duration, millis};
use crate::sandbox::Cancel;

impl Grader {
    /// Grades a submission to its end and reports on it; `progress` hears of each step as it happens.
    ///
    /// # Errors
    /// [`Error::Sandbox`], [`Error::File`], [`Error::Stale`], [`Error::Machine`] or [`Error::Unexpected`] when something fails on our
    /// side. What a candidate hands in is no error: it always gets a report.
    pub fn grade(
        &self,
        prepared: &Prepared,
        files: &SubmittedFiles,
        mode: Mode,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Report, Error> {
        self.grade_until(prepared, files, mode, &Cancel::new()?, progress)
    }

    /// Grades a submission unless it is cancelled before.
    ///
    /// # Errors
    /// Those of [`Grader::grade`], and [`Cancelled`](crate::sandbox::Error::Cancelled) when it was cancelled.
    pub fn grade_until(
        &self,
        prepared: &Prepared,
        files: &SubmittedFiles,
        mode: Mode,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Report, Error> {
        self.grade_drawn(prepared, files, mode, 0, cancel, progress)
    }

    /// Grades a submission with random numbers of its own for each `draw`, 0 being those of every grading.
    pub(super) fn grade_drawn(
        &self,
        prepared: &Prepared,
        files: &SubmittedFiles,
        mode: Mode,
        draw: u32,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Report, Error> {
        match self.grade_once(prepared, files, mode, draw, cancel, progress) {
            Err(error @ Error::Stale { .. }) => {
                tracing::warn!(%error, "the package is prepared anew");
                let prepared = prepare_anew(self, prepared)?;
                self.grade_once(&prepared, files, mode, draw, cancel, progress)
            }
            other => other,
        }
    }

    fn grade_once(
        &self,
        prepared: &Prepared,
        files: &SubmittedFiles,
        mode: Mode,
        draw: u32,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Event),
    ) -> Result<Report, Error> {
        let _busy = self.shapes.begin_grading();
        let dir = self.mem_dir()?;
        let seed = Seed::of(&prepared.record, files, draw);
        let limit = prepared.package.limits.grading_wall;
        let deadline = Deadline::begin(cancel, limit)?;
        let context = GradingContext { grader: self, prepared, mode, dir: &dir, seed, cancel: deadline.cancel() };
        let stages = kinds::stages(prepared.package.kind);
        let mut grading = Grading::new(context, stages.isolation(), progress);
        match stages.grade(&mut grading, files) {
            Err(error) if deadline.caused(&error) => {
                let reason = format!("grading it takes longer than {}", duration(millis(limit)));
                grading.end(Verdict::TimeLimit, reason);
            }
            other => other?,
        }
        Ok(grading.finish())
    }

    /// The report on a submission that could not even be unpacked.
    #[must_use]
    pub fn refuse(&self, prepared: &Prepared, mode: Mode, refusals: &[Refusal]) -> Report {
        let mut report = blank(self, prepared, mode, kinds::stages(prepared.package.kind).isolation());
        report.verdict = Verdict::PolicyViolation;
        report.reason = Some(told(refusals));
        report
    }
}
