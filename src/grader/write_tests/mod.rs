//! Kind *write tests*: what is handed in are tests, and what they are measured by are implementations.
//!
//! The tests are compiled once, against the interface of the starter's crate, in a jail in which no implementation exists; and
//! linked once, with all implementations. Each function of the interface is a jump into the implementation that the runner has
//! chosen before any test runs ([`variants`]). So an implementation costs a run of the tests and no build, and nothing that
//! tests can see tells one from another but how it behaves.

mod lint;
pub(super) mod variants;

use std::path::Path;
use std::time::Duration;

use super::build::{self, Built};
use super::diagnostics;
use super::error::Error;
use super::files::SubmittedFiles;
use super::job::Job;
use super::link::{LIBRARY, crate_flags, environment};
use super::prepared::{Prepared, TestName, Variant};
use super::report::{Mode, TestReport, TestVerdict};
use super::run::{self, TestRun};
use super::toolchain::{Toolchain, read_only};
use super::units::millis;
use crate::sandbox::{Command, End, Jail, Mount, Outcome, Profile};

/// Tests that a submission may have: each is run once for each implementation.
const MAX_TESTS: usize = 200;
/// CPU time of all tests on one implementation, in limits of one test.
const CPU_TIMES: u32 = 4;
/// The variant that is the starter's own crate.
const STARTER: u32 = 0;

/// Compiles the tests in `files` into objects in `tests/` of the tree.
pub(super) fn compile(job: &Job<'_>, files: &SubmittedFiles) -> Result<Built, Error> {
    let Job { shop, prepared, tree, .. } = *job;
    let in_tree = |name: &str| Error::file("write to the sandbox", Path::new(name));
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("tests/")) {
        tree.write(format!("crate/{path}"), text.as_bytes()).map_err(in_tree(path))?;
    }
    tree.make_folder("tests").map_err(in_tree("tests"))?;
    let interface = prepared.path("variants").join(variants::INTERFACE);
    let library = std::fs::read(&interface).map_err(Error::file("read", &interface))?;
    tree.write(format!("{LIBRARY}/{}", prepared.library_name()), &library).map_err(in_tree(LIBRARY))?;
    let mut mounts = shop.toolchain.compile_mounts();
    mounts.extend(shared_mounts(job));
    mounts.push(read_only(tree.path("crate"), "/crate"));
    let jail = shop.jailer.jail(&mounts, &build::limits(prepared))?;
    let outcomes = shop.in_parallel(&stems(files), |stem| compile_one(job, &jail, stem), |_, _| {})?;
    let mut built = Built { failure: None, diagnostics: Vec::new(), usage: crate::sandbox::Usage::default() };
    for outcome in outcomes {
        built.diagnostics.extend(diagnostics::of_compiler(&outcome.stderr));
        built.failure = built.failure.or_else(|| build::failure(&outcome));
        built.usage.cpu += outcome.usage.cpu;
        built.usage.memory_peak_bytes = built.usage.memory_peak_bytes.max(outcome.usage.memory_peak_bytes);
    }
    Ok(built)
}

/// The test crates that were handed in.
pub(super) fn stems(files: &SubmittedFiles) -> Vec<String> {
    let stem = |(path, _): (&str, &str)| path.strip_prefix("tests/")?.strip_suffix(".rs").map(str::to_owned);
    files.iter().filter_map(stem).filter(|stem| !stem.contains('/')).collect()
}

fn shared_mounts(job: &Job<'_>) -> Vec<Mount> {
    let Job { prepared, tree, .. } = *job;
    vec![
        read_only(prepared.path("target"), "/target"),
        read_only(prepared.path("runner"), "/runner"),
        read_only(tree.path(LIBRARY), "/library"),
        Mount::Scratch { from: tree.path("tests"), to: "/tests".into() },
    ]
}

fn compile_one(job: &Job<'_>, jail: &Jail, stem: &str) -> Result<Outcome, Error> {
    let mut args = crate_flags(job, stem);
    args.extend([
        format!("tests/{stem}.rs"),
        "-Zno-link".to_owned(),
        "-Funsafe_code".to_owned(),
        // The leave that our runner needs is no leave for what is handed in.
        "-Zallow-features=custom_test_frameworks".to_owned(),
        "-Zshare-generics=no".to_owned(),
        "--json=diagnostic-rendered-ansi".to_owned(),
    ]);
    run_rustc(job, jail, "/crate", args)
}

/// Links every test crate of `files`, whose objects are there, with all implementations.
pub(super) fn link(job: &Job<'_>, files: &SubmittedFiles) -> Result<Option<String>, Error> {
    let Job { shop, prepared, .. } = *job;
    let mut mounts = shop.toolchain.link_mounts();
    mounts.extend(shared_mounts(job));
    mounts.push(read_only(prepared.path("variants"), "/variants"));
    let jail = shop.jailer.jail(&mounts, &build::limits(prepared))?;
    let outcomes = shop.in_parallel(&stems(files), |stem| link_one(job, &jail, stem), |_, _| {})?;
    for outcome in outcomes {
        if matches!(outcome.end, End::Exited(code) if code != 0) {
            // What the linker says names symbols of implementations; with the solution it had nothing to say.
            tracing::info!(said = %String::from_utf8_lossy(&outcome.stderr), "tests that were handed in do not link");
            return Ok(Some(
                "it compiles and does not link: is there a main, or a library that is not here?".to_owned(),
            ));
        }
        if let Some(failure) = build::failure(&outcome) {
            return Ok(Some(failure));
        }
    }
    Ok(None)
}

fn link_one(job: &Job<'_>, jail: &Jail, stem: &str) -> Result<Outcome, Error> {
    let mut args = vec!["-Zlink-only".to_owned(), format!("/tests/{stem}.rlink"), "-Cstrip=symbols".to_owned()];
    args.push(format!("-Clink-arg=/variants/{}", variants::STUBS));
    args.extend((0..=job.prepared.record.variants.len()).map(|index| format!("-Clink-arg=/variants/v{index}.o")));
    args.extend(job.shop.toolchain.link_flags());
    run_rustc(job, jail, "/tests", args)
}

fn run_rustc(job: &Job<'_>, jail: &Jail, cwd: &str, args: Vec<String>) -> Result<Outcome, Error> {
    let command = Command {
        program: Toolchain::tool("rustc"),
        args,
        env: environment(&job.prepared.package),
        cwd: cwd.into(),
        profile: Profile::Tool,
        channel: None,
    };
    Ok(jail.run_until(&command, &build::limits(job.prepared), job.cancel)?)
}

/// What came of running the tests on the implementations.
pub(super) struct Measured {
    pub(super) reports: Vec<TestReport>,
    pub(super) usage: Vec<crate::sandbox::Usage>,
    /// Why it could not be measured, if it could not.
    pub(super) failure: Option<String>,
}

/// Runs the tests on every right implementation, and if they all pass there, on every wrong one until one fails.
///
/// `told` hears of each implementation as it ends: title, verdict, CPU time.
pub(super) fn measure(
    job: &Job<'_>,
    files: &SubmittedFiles,
    mut told: impl FnMut(&TestReport),
) -> Result<Measured, Error> {
    let mut tests = Vec::new();
    let mut measured = Measured { reports: Vec::new(), usage: Vec::new(), failure: None };
    for stem in stems(files) {
        match run::list(job, &stem) {
            Ok(listed) => tests.extend(listed.into_iter().filter(|test| !test.ignored)),
            // It was linked from what was handed in: that it does not start is no doing of ours.
            Err(Error::Unexpected { .. }) => {
                measured.failure = Some(format!("tests/{stem}.rs compiles to a program that does not start"));
                return Ok(measured);
            }
            Err(error) => return Err(error),
        }
    }
    if tests.len() > MAX_TESTS {
        measured.failure = Some(format!("{} tests are too many: at most {MAX_TESTS} are run", tests.len()));
        return Ok(measured);
    }
    let jail = run::jail(job, &tests)?;
    if job.mode == Mode::Public {
        return on_starter(job, &jail, &tests, &mut told);
    }
    let variants = &job.prepared.record.variants;
    let (right, wrong): (Vec<_>, Vec<_>) = (1..).zip(variants).partition(|(_, variant)| variant.right);
    let runs = on_variants(job, &jail, &tests, &right)?;
    let rejected = runs.iter().any(|runs| first_failure(runs).is_some());
    for ((_, variant), runs) in right.iter().zip(&runs) {
        measured.take(right_report(variant, &tests, runs), runs, &mut told);
    }
    let runs = if rejected { Vec::new() } else { on_variants(job, &jail, &tests, &wrong)? };
    for (place, (_, variant)) in wrong.iter().enumerate() {
        let runs = runs.get(place);
        let caught = runs.map(|runs| first_failure(runs).is_some());
        measured.take(wrong_report(job.prepared, variant, caught), runs.map_or(&[], Vec::as_slice), &mut told);
    }
    Ok(measured)
}

impl Measured {
    fn take(&mut self, report: TestReport, runs: &[TestRun], told: &mut impl FnMut(&TestReport)) {
        told(&report);
        self.reports.push(report);
        self.usage.extend(runs.iter().map(|run| run.usage));
    }
}

/// For each implementation the runs of tests up to the first that fails.
fn on_variants(
    job: &Job<'_>,
    jail: &Jail,
    tests: &[TestName],
    variants: &[(u32, &Variant)],
) -> Result<Vec<Vec<TestRun>>, Error> {
    let budget = job.prepared.package.limits.test_cpu * CPU_TIMES;
    let until_failure = |(index, _): &(u32, &Variant)| {
        let (mut runs, mut used) = (Vec::new(), Duration::ZERO);
        for test in tests {
            let mut run = run::run_on(job, jail, test, *index)?;
            used += run.usage.cpu;
            if used > budget && run.verdict == TestVerdict::Passed {
                run.verdict = TestVerdict::TimeLimit;
                run.message = Some(format!("all tests together take more than {} ms of CPU time", millis(budget)));
            }
            let passed = run.verdict == TestVerdict::Passed;
            runs.push(run);
            if !passed {
                break;
            }
        }
        Ok(runs)
    };
    job.shop.in_parallel(variants, until_failure, |_, _| {})
}

/// Runs end with the first test that fails.
fn first_failure(runs: &[TestRun]) -> Option<&TestRun> {
    runs.last().filter(|run| run.verdict != TestVerdict::Passed)
}

/// Practice: each test on the implementation that the candidate can read, with all that it prints.
fn on_starter(
    job: &Job<'_>,
    jail: &Jail,
    tests: &[TestName],
    told: &mut impl FnMut(&TestReport),
) -> Result<Measured, Error> {
    let runs = job.shop.in_parallel(tests, |test| run::run_on(job, jail, test, STARTER), |_, _| {})?;
    let mut measured = Measured { reports: Vec::new(), usage: Vec::new(), failure: None };
    for (test, run) in tests.iter().zip(runs) {
        let passed = run.verdict == TestVerdict::Passed;
        let report = TestReport {
            name: test.full(),
            title: test.path.clone(),
            verdict: run.verdict,
            score: u32::from(passed),
            max_score: 1,
            duration_ms: millis(run.usage.wall),
            hint: None,
            message: Some(said(&run)).filter(|text| !text.is_empty()),
        };
        told(&report);
        measured.usage.push(run.usage);
        measured.reports.push(report);
    }
    Ok(measured)
}

fn said(run: &TestRun) -> String {
    [run.message.clone().unwrap_or_default(), run.output.clone()].join("\n").trim().to_owned()
}

/// A test that fails on a right implementation asks for more than the specification does.
fn right_report(variant: &Variant, tests: &[TestName], runs: &[TestRun]) -> TestReport {
    let failure = first_failure(runs).zip(tests.get(runs.len().saturating_sub(1)));
    TestReport {
        name: variant.full(),
        title: "Every test passes on an implementation that keeps to the specification".to_owned(),
        verdict: if failure.is_none() { TestVerdict::Passed } else { TestVerdict::Failed },
        score: 0,
        max_score: 0,
        duration_ms: runs.iter().map(|run| millis(run.usage.wall)).sum(),
        hint: failure.is_some().then(|| "A test asks for more than the specification says.".to_owned()),
        message: failure.map(|(run, test)| format!("{} fails on it\n{}", test.full(), said(run)).trim().to_owned()),
    }
}

/// `None`: it was not tried, since the tests fail on what is right.
fn wrong_report(prepared: &Prepared, variant: &Variant, caught: Option<bool>) -> TestReport {
    let rule = prepared.package.wrong.iter().find(|rule| rule.name == variant.name);
    let max_score = rule.map_or(1, |rule| rule.score);
    TestReport {
        name: variant.full(),
        title: rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| super::score::title(&variant.name)),
        verdict: match caught {
            Some(true) => TestVerdict::Passed,
            Some(false) => TestVerdict::Failed,
            None => TestVerdict::Skipped,
        },
        score: if caught == Some(true) { max_score } else { 0 },
        max_score,
        duration_ms: 0,
        hint: rule.and_then(|rule| rule.hint.clone()).filter(|_| caught == Some(false)),
        message: (caught == Some(false)).then(|| "all tests pass on this wrong implementation".to_owned()),
    }
}
