//! Stage *score*: from how each test ended to points and a verdict.

use std::collections::BTreeSet;

use super::package::Package;
use super::prepared::TestName;
use super::report::{Mode, TestReport, TestVerdict, Verdict};
use super::run::TestRun;
use crate::quantity::millis;

/// Points and verdict of a submission whose tests ran.
pub(super) struct Score {
    pub(super) verdict: Verdict,
    pub(super) score: u32,
    pub(super) max_score: u32,
    pub(super) tests: Vec<TestReport>,
}

/// Scores the tests of a mode, `None` for a test that is ignored, together with what was found out without running them.
pub(super) fn score(
    package: &Package,
    mode: Mode,
    ended: &[(&TestName, Option<TestRun>)],
    others: Vec<TestReport>,
) -> Score {
    let lost = lost_groups(package, ended);
    let mut tests: Vec<TestReport> =
        ended.iter().map(|(name, run)| report(package, mode, &lost, name, run.as_ref())).collect();
    tests.extend(others);
    let score = tests.iter().map(|test| test.score).sum();
    let max_score = tests.iter().map(|test| test.max_score).sum();
    // What was skipped and could have earned something was not tried for a reason.
    let fine = |test: &TestReport| match test.verdict {
        TestVerdict::Passed => true,
        TestVerdict::Skipped => test.max_score == 0,
        _ => false,
    };
    let all_passed = !tests.is_empty() && tests.iter().all(fine);
    let verdict = match score {
        _ if all_passed => Verdict::Accepted,
        0 => dominant(ended.iter().filter_map(|(_, run)| run.as_ref()).map(|run| run.cause)),
        _ => Verdict::Partial,
    };
    Score { verdict, score, max_score, tests }
}

/// Groups of which a test did not pass.
fn lost_groups<'p>(package: &'p Package, ended: &[(&TestName, Option<TestRun>)]) -> BTreeSet<&'p str> {
    let failed = ended.iter().filter(|(_, run)| run.as_ref().is_some_and(|run| run.verdict != TestVerdict::Passed));
    failed.filter_map(|(name, _)| package.rule(&name.full())?.group.as_deref()).collect()
}

fn report(package: &Package, mode: Mode, lost: &BTreeSet<&str>, name: &TestName, run: Option<&TestRun>) -> TestReport {
    let rule = package.rule(&name.full());
    let verdict = run.map_or(TestVerdict::Skipped, |run| run.verdict);
    let passed = verdict == TestVerdict::Passed;
    let max_score = if run.is_some() { rule.map_or(1, |rule| rule.score) } else { 0 };
    let in_lost_group = rule.and_then(|rule| rule.group.as_deref()).is_some_and(|group| lost.contains(group));
    let show_output = mode == Mode::Public || package.show_output;
    let output = run.filter(|run| show_output && !run.output.is_empty()).map(|run| run.output.clone());
    let ending = run.and_then(|run| run.message.clone());
    TestReport {
        title: rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| title(&name.path)),
        name: name.full(),
        verdict,
        score: if passed && !in_lost_group { max_score } else { 0 },
        max_score,
        duration_ms: run.map_or(0, |run| millis(run.usage.wall)),
        hint: rule.filter(|_| !passed && run.is_some()).and_then(|rule| rule.hint.clone()),
        message: [ending, output].into_iter().flatten().reduce(|ending, output| format!("{ending}\n{output}")),
    }
}

/// A title where the author gave none: `laws::absent_is_zero` reads "absent is zero".
pub(super) fn title(path: &str) -> String {
    let last = path.rsplit("::").next().unwrap_or(path);
    last.strip_prefix("r#").unwrap_or(last).replace('_', " ")
}

/// With no points at all: what most tests ended with, and among equals what came first.
fn dominant(causes: impl Iterator<Item = Verdict>) -> Verdict {
    let mut counts: Vec<(Verdict, usize)> = Vec::new();
    for cause in causes.filter(|cause| *cause != Verdict::Accepted) {
        match counts.iter_mut().find(|(verdict, _)| *verdict == cause) {
            Some((_, count)) => *count += 1,
            None => counts.push((cause, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts.into_iter().find(|(_, count)| *count == most).map_or(Verdict::WrongAnswer, |(verdict, _)| verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dominant_verdict_is_the_most_frequent_and_then_the_first() {
        use Verdict::{Accepted, MemoryLimit, TimeLimit, WrongAnswer};
        assert_eq!(dominant([WrongAnswer, TimeLimit, TimeLimit].into_iter()), TimeLimit);
        assert_eq!(dominant([MemoryLimit, TimeLimit].into_iter()), MemoryLimit);
        assert_eq!(dominant([Accepted, Accepted, TimeLimit].into_iter()), TimeLimit);
    }

    #[test]
    fn a_title_is_made_of_the_last_part_of_the_path() {
        assert_eq!(title("laws::absent_is_zero"), "absent is zero");
        assert_eq!(title("r#match"), "match");
    }
}
