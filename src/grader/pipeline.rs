//! The stages of a grading, one after the other, timed.

use std::time::Instant;

use super::error::Error;
use super::files::{Refusal, SubmittedFiles};
use super::job::Job;
use super::package::Kind;
use super::prepared::{Prepared, TestName};
use super::report::{Event, Isolation, Mode, Report, Stage, StageName, Usage, Verdict};
use super::run::TestRun;
use super::score::{Score, score, title};
use super::units::millis;
use super::{Workshop, build, link, policy, run};

/// Grades a submission.
pub(super) fn grade(job: &Job<'_>, files: &SubmittedFiles, progress: &mut dyn FnMut(Event)) -> Result<Report, Error> {
    let report = blank(job.shop, job.prepared, job.mode);
    let mut grading = Grading { job: *job, progress, began: Instant::now(), report };
    // The seam for other kinds: each has stages of its own between policy and score.
    match job.prepared.package.kind {
        Kind::Implement => grading.implement(files)?,
    }
    Ok(grading.finish())
}

/// The report on a submission that could not even be unpacked.
pub(super) fn refuse(shop: &Workshop, prepared: &Prepared, mode: Mode, refusals: &[Refusal]) -> Report {
    let mut report = blank(shop, prepared, mode);
    report.verdict = Verdict::PolicyViolation;
    report.reason = Some(reason(refusals));
    report
}

/// A report before anything has been graded.
fn blank(shop: &Workshop, prepared: &Prepared, mode: Mode) -> Report {
    Report {
        exercise: prepared.package.slug.to_string(),
        mode,
        verdict: Verdict::Accepted,
        reason: None,
        score: 0,
        max_score: max_score(prepared, mode),
        tests: Vec::new(),
        diagnostics: Vec::new(),
        limits: prepared.package.limits.clone(),
        usage: Usage::default(),
        stages: Vec::new(),
        toolchain: shop.toolchain.version.clone(),
        package_version: prepared.version().to_owned(),
        isolation: Isolation::InProcess,
        waived_controls: shop.waived_controls(),
    }
}

fn reason(refusals: &[Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A grading under way.
struct Grading<'g> {
    job: Job<'g>,
    progress: &'g mut dyn FnMut(Event),
    began: Instant,
    report: Report,
}

impl<'g> Grading<'g> {
    fn implement(&mut self, files: &SubmittedFiles) -> Result<(), Error> {
        let job = self.job;
        let refusals = self.stage(StageName::Policy, |_| Ok(policy::check(files, &job.prepared.package)))?;
        if !refusals.is_empty() {
            self.end(Verdict::PolicyViolation, reason(&refusals));
            return Ok(());
        }
        let built = self.stage(StageName::Build, |_| build::build(&job, files))?;
        self.report.usage.add(built.usage);
        self.report.diagnostics = built.diagnostics;
        if let Some(failure) = built.failure {
            self.end(Verdict::CompileError, failure);
            return Ok(());
        }
        let linked = self.stage(StageName::Link, |_| link::link(&job))?;
        linked.usage.iter().for_each(|used| self.report.usage.add(*used));
        if let Some(failure) = linked.failure {
            self.end(Verdict::CompileError, failure);
            return Ok(());
        }
        let ended = self.stage(StageName::Run, Self::run_tests)?;
        ended.iter().filter_map(|(_, run)| run.as_ref()).for_each(|run| self.report.usage.add(run.usage));
        let score = self.stage(StageName::Score, |_| Ok(score(&job.prepared.package, job.mode, &ended)))?;
        self.take(score);
        Ok(())
    }

    /// Runs every test that is not ignored, and tells of each.
    fn run_tests(&mut self) -> Result<Vec<(&'g TestName, Option<TestRun>)>, Error> {
        let job = self.job;
        let Job { shop, prepared, mode, .. } = job;
        let jail = run::jail(&job)?;
        let tests: Vec<&TestName> = counted(prepared, mode).collect();
        let of = tests.len();
        let mut done = 0;
        let runs = shop.in_parallel(
            &tests,
            |test| run::run(&job, &jail, test),
            |test, run| {
                done += 1;
                let rule = prepared.package.rule(&test.full());
                let title = rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| title(&test.path));
                (self.progress)(Event::Test { title, verdict: run.verdict, done, of, took: run.usage.wall });
            },
        )?;
        let mut runs = runs.into_iter();
        let ended = |test| (test, if is_counted(prepared, test) { runs.next() } else { None });
        Ok(prepared.tests(mode).iter().map(ended).collect())
    }

    /// Does one stage in a trace span of its own, timed, and tells of it.
    fn stage<T>(&mut self, name: StageName, work: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        (self.progress)(Event::Stage { name });
        let started_at = self.job.shop.clock.now();
        let began = Instant::now();
        let span = tracing::info_span!("stage", name = name.as_str(), package = %self.job.prepared.package.slug);
        let result = span.in_scope(|| work(self));
        self.report.stages.push(Stage { name, started_at, duration_ms: millis(began.elapsed()) });
        result
    }

    fn take(&mut self, score: Score) {
        self.report.verdict = score.verdict;
        self.report.score = score.score;
        self.report.max_score = score.max_score;
        self.report.tests = score.tests;
    }

    fn end(&mut self, verdict: Verdict, reason: String) {
        self.report.verdict = verdict;
        self.report.reason = Some(reason);
    }

    fn finish(mut self) -> Report {
        self.report.usage.wall_ms = millis(self.began.elapsed());
        self.report
    }
}

fn is_counted(prepared: &Prepared, test: &TestName) -> bool {
    !test.ignored || prepared.package.run_ignored
}

fn counted(prepared: &Prepared, mode: Mode) -> impl Iterator<Item = &TestName> {
    prepared.tests(mode).iter().filter(|test| is_counted(prepared, test))
}

/// The points to be had, whether or not any test runs.
fn max_score(prepared: &Prepared, mode: Mode) -> u32 {
    counted(prepared, mode).map(|test| prepared.package.rule(&test.full()).map_or(1, |rule| rule.score)).sum()
}
