//! Proves a package: what its author says of its solution, starter and samples is what comes back, every time.

mod advice;
mod mutants;

use std::collections::BTreeSet;

use super::engine::Grader;
use super::error::Error;
use super::package::{BEHAVIOUR, FLAW, Kind, Package, Sample};
use super::prepared::Prepared;
use super::report::{Mode, Report, TestReport, TestVerdict, Verdict};
use super::unpack;
use crate::sandbox::Cancel;

/// One submission of the author's and what became of it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// `solution`, `starter`, or a sample's name.
    pub name: String,
    /// The verdict that it got.
    pub verdict: Verdict,
    /// Points that it got.
    pub score: u32,
    /// Points that it could have got.
    pub max_score: u32,
    /// What is not as it should be; empty when all is.
    pub problems: Vec<String>,
}

/// The proof of a package.
#[derive(Debug, Clone)]
pub struct Check {
    /// The slug of the package that was checked.
    pub slug: String,
    /// What became of each submission that the package brings.
    pub findings: Vec<Finding>,
    /// What works and should be written otherwise.
    pub warnings: Vec<String>,
}

impl Check {
    /// Whether everything is as the author says.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.findings.iter().all(|finding| finding.problems.is_empty())
    }
}

impl Grader {
    /// Proves a package by its solution, starter and samples: grades everything that it brings, the solution `repeat` times.
    ///
    /// # Errors
    /// When it cannot be read or prepared, or the sandbox fails.
    pub fn check(&self, package: &Package, repeat: usize) -> Result<Check, Error> {
        check(self, package, repeat)
    }
}

fn check(grader: &Grader, package: &Package, repeat: usize) -> Result<Check, Error> {
    let samples = package.samples().map_err(Error::Package)?;
    let prepared = grader.prepare(package)?;
    let mut findings = Vec::new();
    if package.folder.join("solution").is_dir() {
        let report = grade(grader, &prepared, "solution", 0)?;
        let mut problems = accepted_problems(&report);
        problems.extend(flaky(grader, &prepared, &report, repeat)?);
        findings.push(finding("solution", &report, problems));
    }
    let report = grade(grader, &prepared, "starter", 0)?;
    let mut problems = starter_problems(&report);
    if package.kind == Kind::Refactor {
        problems.extend(legacy_problems(&report));
    }
    findings.push(finding("starter", &report, problems));
    for sample in samples {
        let report = grade(grader, &prepared, &format!("samples/{}", sample.name), 0)?;
        let problems = sample_problems(&sample, &report);
        findings.push(finding(&sample.name, &report, problems));
    }
    Ok(Check { slug: package.slug.to_string(), findings, warnings: advice::on(grader, &prepared)? })
}

/// Grades a submission of the author's with the random numbers of a `draw`.
fn grade(grader: &Grader, prepared: &Prepared, folder: &str, draw: u32) -> Result<Report, Error> {
    match unpack::from_folder(&prepared.package.folder.join(folder)) {
        Ok(files) => grader.grade_drawn(prepared, &files, Mode::Graded, draw, &Cancel::new()?, &mut |_| {}),
        Err(refusals) => Ok(grader.refuse(prepared, Mode::Graded, &refusals)),
    }
}

fn finding(name: &str, report: &Report, problems: Vec<String>) -> Finding {
    Finding {
        name: name.to_owned(),
        verdict: report.verdict,
        score: report.score,
        max_score: report.max_score,
        problems,
    }
}

fn accepted_problems(report: &Report) -> Vec<String> {
    let mut problems = Vec::new();
    if report.verdict != Verdict::Accepted {
        problems.push(format!("{} instead of accepted", report.verdict.as_str()));
    }
    problems.extend(report.reason.clone());
    problems.extend(failed(report).into_iter().map(|name| format!("fails {name}")));
    problems
}

/// A starter compiles, though the hidden tests need not fit it yet, and does not pass.
fn starter_problems(report: &Report) -> Vec<String> {
    let error = report.diagnostics.iter().find(|diagnostic| diagnostic.level == "error");
    let broken = error.map(|error| format!("does not compile: {}", error.message));
    let passes = (report.verdict == Verdict::Accepted).then(|| "passes: there is nothing to do".to_owned());
    broken.into_iter().chain(passes).collect()
}

/// The snippet that a refactoring begins with behaves, and has the flaw.
fn legacy_problems(report: &Report) -> Vec<String> {
    let of = |file: &str, test: &TestReport| test.name.strip_prefix(file).is_some_and(|rest| rest.starts_with("::"));
    let passed = |test: &TestReport| test.verdict == TestVerdict::Passed;
    let broken = report.tests.iter().filter(|test| of(BEHAVIOUR, test) && !passed(test));
    let flawless = report.tests.iter().filter(|test| of(FLAW, test) && passed(test));
    let broken = broken.map(|test| format!("fails {}, which is not its flaw", test.name));
    broken.chain(flawless.map(|test| format!("passes {}, which is its flaw", test.name))).collect()
}

fn sample_problems(sample: &Sample, report: &Report) -> Vec<String> {
    let mut problems = Vec::new();
    let expected = sample.expected.verdict;
    if report.verdict != expected {
        problems.push(format!("{} instead of {}", report.verdict.as_str(), expected.as_str()));
        problems.extend(report.reason.clone());
    }
    if let Some(expected) = &sample.expected.fails {
        let failed = failed(report);
        problems.extend(expected.difference(&failed).map(|name| format!("does not fail {name}")));
        problems.extend(failed.difference(expected).map(|name| format!("fails {name} too")));
    } else if expected == Verdict::Accepted {
        problems.extend(failed(report).into_iter().map(|name| format!("fails {name}")));
    }
    problems
}

fn failed(report: &Report) -> BTreeSet<String> {
    let failed = report.tests.iter().filter(|test| !matches!(test.verdict, TestVerdict::Passed | TestVerdict::Skipped));
    failed.map(|test| test.name.clone()).collect()
}

/// Grades the solution again and again, each time with other random numbers: a test that does not always end alike is worse
/// than none.
fn flaky(grader: &Grader, prepared: &Prepared, first: &Report, repeat: usize) -> Result<Vec<String>, Error> {
    let mut found = BTreeSet::new();
    for draw in (1..).take(repeat.saturating_sub(1)) {
        let again = grade(grader, prepared, "solution", draw)?;
        found.extend(
            failed(&again).symmetric_difference(&failed(first)).map(|name| format!("{name} does not always end alike")),
        );
    }
    Ok(found.into_iter().collect())
}
