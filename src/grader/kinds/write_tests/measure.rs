//! Runs the tests that were handed in on every implementation.

use std::time::Duration;

use super::compile::stems;
use crate::grader::context::GradingContext;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::package::Variant;
use crate::grader::prepared::{Prepared, TestName};
use crate::grader::report::{Mode, TestReport, TestVerdict};
use crate::grader::run::{self, TestRun};
use crate::grader::score::title;
use crate::quantity::millis;
use crate::sandbox::Jail;

/// Tests that a submission may have: each is run once for each implementation.
const MAX_TESTS: usize = 200;
/// CPU time of all tests on one implementation, in limits of one test.
const CPU_TIMES: u32 = 4;
/// The variant that is the starter's own crate.
const STARTER: u32 = 0;

/// What came of running the tests on the implementations.
pub(super) struct Measured {
    pub(super) reports: Vec<TestReport>,
    pub(super) usage: Vec<crate::sandbox::Usage>,
    /// Why it could not be measured, if it could not.
    pub(super) failure: Option<String>,
}

/// Runs the tests on every right implementation, and if they all pass there, on every wrong one until one fails.
///
/// `progress` hears of each implementation as it ends: title, verdict, CPU time.
pub(super) fn measure(
    context: &GradingContext<'_>,
    files: &SubmittedFiles,
    mut progress: impl FnMut(&TestReport),
) -> Result<Measured, Error> {
    let mut tests = Vec::new();
    let mut measured = Measured { reports: Vec::new(), usage: Vec::new(), failure: None };
    for stem in stems(files) {
        match run::list(context, &stem) {
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
    run::lay_out(context, files)?;
    let jail = run::jail(context, &tests)?;
    if context.mode == Mode::Public {
        return on_starter(context, &jail, &tests, &mut progress);
    }
    let variants = &context.prepared.record.variants;
    let (right, wrong): (Vec<_>, Vec<_>) = (1..).zip(variants).partition(|(_, variant)| variant.right);
    let runs = on_variants(context, &jail, &tests, &right)?;
    let rejected = runs.iter().any(|runs| first_failure(runs).is_some());
    for ((_, variant), runs) in right.iter().zip(&runs) {
        measured.take(right_report(variant, &tests, runs), runs, &mut progress);
    }
    let runs = if rejected { Vec::new() } else { on_variants(context, &jail, &tests, &wrong)? };
    for (place, (_, variant)) in wrong.iter().enumerate() {
        let runs = runs.get(place);
        let caught = runs.map(|runs| first_failure(runs).is_some());
        measured.take(wrong_report(context.prepared, variant, caught), runs.map_or(&[], Vec::as_slice), &mut progress);
    }
    Ok(measured)
}

impl Measured {
    fn take(&mut self, report: TestReport, runs: &[TestRun], progress: &mut impl FnMut(&TestReport)) {
        progress(&report);
        self.reports.push(report);
        self.usage.extend(runs.iter().map(|run| run.usage));
    }
}

/// For each implementation the runs of tests up to the first that fails.
fn on_variants(
    context: &GradingContext<'_>,
    jail: &Jail,
    tests: &[TestName],
    variants: &[(u32, &Variant)],
) -> Result<Vec<Vec<TestRun>>, Error> {
    let budget = context.prepared.package.limits.test_cpu * CPU_TIMES;
    let until_failure = |(index, _): &(u32, &Variant)| {
        let (mut runs, mut used) = (Vec::new(), Duration::ZERO);
        for test in tests {
            let mut run = run::run_on(context, jail, test, *index)?;
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
    context.grader.in_parallel(variants, until_failure, |_, _| {})
}

/// Runs end with the first test that fails.
fn first_failure(runs: &[TestRun]) -> Option<&TestRun> {
    runs.last().filter(|run| run.verdict != TestVerdict::Passed)
}

/// Practice: each test on the implementation that the candidate can read, with all that it prints.
fn on_starter(
    context: &GradingContext<'_>,
    jail: &Jail,
    tests: &[TestName],
    progress: &mut impl FnMut(&TestReport),
) -> Result<Measured, Error> {
    let runs = context.grader.in_parallel(tests, |test| run::run_on(context, jail, test, STARTER), |_, _| {})?;
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
        progress(&report);
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
        title: rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| title(&variant.name)),
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
