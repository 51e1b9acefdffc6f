//! The stages of a grading, one after the other, timed.

use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use tracing::Span;

use super::error::Error;
use super::files::{Refusal, SubmittedFiles};
use super::job::Job;
use super::link::{Linked, Notes};
use super::package::Kind;
use super::prepared::{Prepared, TestName};
use super::report::{Event, Isolation, Mode, Report, Stage, StageName, Usage, Verdict};
use super::run::TestRun;
use super::score::{Score, score, title};
use super::shape::shape;
use super::units::millis;
use super::{Workshop, build, diagnosis, gates, link, policy, run, write_tests};
use crate::clock::Timestamp;
use crate::sandbox::Cancel;

/// Grades a submission.
pub(super) fn grade(job: &Job<'_>, files: &SubmittedFiles, progress: &mut dyn FnMut(Event)) -> Result<Report, Error> {
    let report = blank(job.shop, job.prepared, job.mode);
    let mut grading = Grading { job: *job, progress, began: Instant::now(), report };
    // The seam for other kinds: each has stages of its own between policy and score.
    match job.prepared.package.kind {
        Kind::Implement | Kind::Refactor | Kind::Debug => grading.sources(files)?,
        Kind::WriteTests => grading.tests(files)?,
    }
    Ok(grading.finish())
}

/// Whether tests and library fit, without running anything; `None`: the library does not compile.
pub(super) fn links(job: &Job<'_>, files: &SubmittedFiles) -> Result<Option<bool>, Error> {
    let report = blank(job.shop, job.prepared, job.mode);
    let mut grading = Grading { job: *job, progress: &mut |_| {}, began: Instant::now(), report };
    let failure = grading.compile(files)?;
    let compiles = grading.report.diagnostics.iter().all(|diagnostic| diagnostic.level != "error");
    Ok(compiles.then_some(failure.is_none()))
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
    /// What every kind does in which `src/` is handed in; gates and a diagnosis are there where the package has them.
    fn sources(&mut self, files: &SubmittedFiles) -> Result<(), Error> {
        let job = self.job;
        if self.is_refused(files)? {
            return Ok(());
        }
        if let Some(failure) = self.compile(files)? {
            self.end(Verdict::CompileError, failure);
            return Ok(());
        }
        let ended = self.stage(StageName::Run, Self::run_tests)?;
        ended.iter().filter_map(|(_, run)| run.as_ref()).for_each(|run| self.report.usage.add(run.usage));
        let mut others = Vec::new();
        let package = &job.prepared.package;
        if !package.gates.is_empty() {
            let sources = build::sources(job.prepared, files)?;
            others.extend(self.stage(StageName::Gates, |_| gates::check(&job, &sources))?);
        }
        if job.mode == Mode::Graded {
            others.extend(diagnosis::score(files, package));
        }
        let score = self.stage(StageName::Score, |_| Ok(score(package, job.mode, &ended, others)))?;
        self.take(score);
        Ok(())
    }

    /// Whether it breaks a rule that needs no compiler.
    fn is_refused(&mut self, files: &SubmittedFiles) -> Result<bool, Error> {
        let package = &self.job.prepared.package;
        let refusals = self.stage(StageName::Policy, |_| Ok(policy::check(files, package)))?;
        if !refusals.is_empty() {
            self.end(Verdict::PolicyViolation, reason(&refusals));
        }
        Ok(!refusals.is_empty())
    }

    /// What is done where tests are handed in.
    fn tests(&mut self, files: &SubmittedFiles) -> Result<(), Error> {
        let job = self.job;
        if self.is_refused(files)? {
            return Ok(());
        }
        let built = self.stage(StageName::Build, |_| write_tests::compile(&job, files))?;
        self.report.usage.add(built.usage);
        self.report.diagnostics = built.diagnostics;
        if let Some(failure) = built.failure {
            self.end(Verdict::CompileError, failure);
            return Ok(());
        }
        if let Some(failure) = self.stage(StageName::Link, |_| write_tests::link(&job, files))? {
            self.end(Verdict::CompileError, failure);
            return Ok(());
        }
        let of = job.prepared.record.variants.len();
        let measured = self.stage(StageName::Run, |grading| {
            let mut done = 0;
            write_tests::measure(&job, files, |report| {
                done += 1;
                let (title, verdict) = (report.title.clone(), report.verdict);
                let took = Duration::from_millis(report.duration_ms);
                (grading.progress)(Event::Test { title, verdict, done, of: of.max(done), took });
            })
        })?;
        measured.usage.iter().for_each(|used| self.report.usage.add(*used));
        if let Some(failure) = measured.failure {
            self.end(Verdict::WrongAnswer, failure);
            return Ok(());
        }
        let score = score(&job.prepared.package, job.mode, &[], measured.reports);
        self.take(score);
        Ok(())
    }

    /// Builds the library and links the tests with it. The tests are compiled while the library's code is still being made:
    /// its interface is known before. Gives the reason why there are no tests to run, if there are none.
    fn compile(&mut self, files: &SubmittedFiles) -> Result<Option<String>, Error> {
        let job = self.job;
        let (built, in_vain) = (job.cancel.below()?, job.cancel.below()?);
        let sources = build::sources(job.prepared, files)?;
        let known = job.prepared.record.shape == shape(sources.values().map(String::as_str));
        let notes = if known { Notes::Use } else { Notes::None };
        let link = (Job { cancel: &in_vain, ..job }, notes);
        thread::scope(|scope| {
            let building = self.begin(StageName::Build);
            let (span, over) = (building.span.clone(), &built);
            let build = scope.spawn(move || {
                let _over = Pulled(over);
                span.in_scope(|| build::build(&job, files))
            });
            let early = match link::offer_interface(&job, &built) {
                Ok(true) => Some(self.start_link(scope, &link)),
                other => other.map(|_| None)?,
            };
            let outcome = joined(build);
            self.finish_stage(&building);
            if !outcome.as_ref().is_ok_and(|built| built.failure.is_none()) {
                in_vain.cancel();
            }
            let outcome = outcome?;
            self.report.usage.add(outcome.usage);
            self.report.diagnostics = outcome.diagnostics;
            if outcome.failure.is_some() {
                return Ok(outcome.failure);
            }
            link::offer_library(&job).inspect_err(|_| in_vain.cancel())?;
            let (linking, link) = early.unwrap_or_else(|| self.start_link(scope, &link));
            let linked = joined(link)?;
            self.finish_stage(&linking);
            linked.usage.iter().for_each(|used| self.report.usage.add(*used));
            Ok(linked.failure)
        })
    }

    fn start_link<'s, 'e>(
        &mut self,
        scope: &'s Scope<'s, 'e>,
        (job, notes): &'e (Job<'e>, Notes<'e>),
    ) -> (Begun, ScopedJoinHandle<'s, Result<Linked, Error>>) {
        let begun = self.begin(StageName::Link);
        let span = begun.span.clone();
        (begun, scope.spawn(move || span.in_scope(|| link::link(job, *notes))))
    }

    /// Runs every test that is not ignored, and tells of each.
    fn run_tests(&mut self) -> Result<Vec<(&'g TestName, Option<TestRun>)>, Error> {
        let job = self.job;
        let Job { shop, prepared, mode, .. } = job;
        let jail = run::jail(&job, prepared.tests(mode))?;
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
        let begun = self.begin(name);
        let result = begun.span.clone().in_scope(|| work(self));
        self.finish_stage(&begun);
        result
    }

    fn begin(&mut self, name: StageName) -> Begun {
        (self.progress)(Event::Stage { name });
        let span = tracing::info_span!("stage", name = name.as_str(), package = %self.job.prepared.package.slug);
        Begun { name, started_at: self.job.shop.clock.now(), began: Instant::now(), span }
    }

    fn finish_stage(&mut self, begun: &Begun) {
        let Begun { name, started_at, began, .. } = *begun;
        self.report.stages.push(Stage { name, started_at, duration_ms: millis(began.elapsed()) });
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

/// A stage under way.
struct Begun {
    name: StageName,
    started_at: Timestamp,
    began: Instant,
    span: Span,
}

/// Pulls a switch at the end of a scope, in whatever way that ends.
struct Pulled<'c>(&'c Cancel);

impl Drop for Pulled<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What a thread came to; a panic of its goes on in this one.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn is_counted(prepared: &Prepared, test: &TestName) -> bool {
    !test.ignored || prepared.package.run_ignored
}

fn counted(prepared: &Prepared, mode: Mode) -> impl Iterator<Item = &TestName> {
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
