//! A grading under way: its report as far as it has come, its stages timed and told of.

use std::time::Instant;

use tracing::Span;

use super::context::GradingContext;
use super::engine::Grader;
use super::error::Error;
use super::files::{SubmittedFiles, told};
use super::policy::{self, Policy};
use super::prepared::{Prepared, TestName};
use super::report::{Event, Isolation, Mode, Report, Stage, StageName, Usage, Verdict};
use super::score::Score;
use crate::clock::Timestamp;
use crate::quantity::millis;

/// A report before anything has been graded.
pub(super) fn blank(grader: &Grader, prepared: &Prepared, mode: Mode, isolation: Isolation) -> Report {
    Report {
        exercise: prepared.package.slug.to_string(),
        mode,
        verdict: Verdict::Accepted,
        reason: None,
        notes: Vec::new(),
        score: 0,
        max_score: max_score(prepared, mode),
        tests: Vec::new(),
        diagnostics: Vec::new(),
        limits: prepared.package.limits.clone(),
        usage: Usage::default(),
        stages: Vec::new(),
        toolchain: grader.toolchain.version.clone(),
        package_version: prepared.version().to_owned(),
        isolation,
        waived_controls: grader.waived_controls(),
    }
}

/// A grading under way: what it works with, and its report so far.
pub(super) struct Grading<'g> {
    pub(super) context: GradingContext<'g>,
    pub(super) progress: &'g mut dyn FnMut(Event),
    pub(super) report: Report,
    began: Instant,
}

impl<'g> Grading<'g> {
    pub(super) fn new(context: GradingContext<'g>, isolation: Isolation, progress: &'g mut dyn FnMut(Event)) -> Self {
        let report = blank(context.grader, context.prepared, context.mode, isolation);
        Self { context, progress, report, began: Instant::now() }
    }

    /// Whether it breaks a rule that needs no compiler.
    pub(super) fn is_refused(&mut self, files: &SubmittedFiles) -> Result<bool, Error> {
        let prepared = self.context.prepared;
        let Policy { refusals, notes } =
            self.stage(StageName::Policy, |_| Ok(policy::check(files, &prepared.package, &prepared.given_files()?)))?;
        self.report.notes.extend(files.notes().iter().cloned().chain(notes));
        if !refusals.is_empty() {
            self.end(Verdict::PolicyViolation, told(&refusals));
        }
        Ok(!refusals.is_empty())
    }

    /// Does one stage in a trace span of its own, timed, and tells of it.
    pub(super) fn stage<T>(
        &mut self,
        name: StageName,
        work: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let begun = self.begin(name);
        let result = begun.span.clone().in_scope(|| work(self));
        self.finish_stage(&begun);
        result
    }

    pub(super) fn begin(&mut self, name: StageName) -> Begun {
        (self.progress)(Event::Stage { name });
        let span = tracing::info_span!("stage", name = name.as_str(), package = %self.context.prepared.package.slug);
        Begun { name, started_at: self.context.grader.clock.now(), began: Instant::now(), span }
    }

    pub(super) fn finish_stage(&mut self, begun: &Begun) {
        let Begun { name, started_at, began, .. } = *begun;
        self.report.stages.push(Stage { name, started_at, duration_ms: millis(began.elapsed()) });
    }

    pub(super) fn take(&mut self, score: Score) {
        self.report.verdict = score.verdict;
        self.report.score = score.score;
        self.report.max_score = score.max_score;
        self.report.tests = score.tests;
    }

    pub(super) fn end(&mut self, verdict: Verdict, reason: String) {
        self.report.verdict = verdict;
        self.report.reason = Some(reason);
    }

    pub(super) fn finish(mut self) -> Report {
        self.report.usage.wall_ms = millis(self.began.elapsed());
        self.report
    }
}

/// A stage that has begun and not ended yet.
pub(super) struct Begun {
    name: StageName,
    started_at: Timestamp,
    began: Instant,
    pub(super) span: Span,
}

pub(super) fn is_counted(prepared: &Prepared, test: &TestName) -> bool {
    !test.ignored || prepared.package.run_ignored
}

pub(super) fn counted(prepared: &Prepared, mode: Mode) -> impl Iterator<Item = &TestName> {
    prepared.tests(mode).iter().filter(|test| is_counted(prepared, test))
}

/// The points to be had, whether or not any test runs.
fn max_score(prepared: &Prepared, mode: Mode) -> u32 {
    let package = &prepared.package;
    let tests = counted(prepared, mode).map(|test| package.rule(&test.full()).map_or(1, |rule| rule.score));
    let questions = package.questions.iter().filter(|_| mode == Mode::Graded).map(|question| question.asked.score);
    let wrong = prepared.record.variants.iter().filter(|variant| !variant.right && mode == Mode::Graded);
    let wrong =
        wrong.map(|variant| package.wrong.iter().find(|rule| rule.name == variant.name).map_or(1, |rule| rule.score));
    tests.chain(wrong).chain(package.gates.iter().map(|gate| gate.score)).chain(questions).sum()
}
