//! What comes out of a grading. Everything here may be shown to the candidate, so nothing here can hold a hidden test.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::limits::Limits;
use crate::clock::Timestamp;

/// The verdict on a submission. Each but `internal_error` is the candidate's, stored and final; ours are errors, not reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every test that counts has passed: all points.
    Accepted,
    /// Some tests have not passed, but there are some points.
    Partial,
    /// No points: tests ended, with the wrong outcome.
    WrongAnswer,
    /// It does not compile, or took too much to compile.
    CompileError,
    /// It took more real time or CPU time than is allowed.
    TimeLimit,
    /// No points: too much memory.
    MemoryLimit,
    /// No points: too much output.
    OutputLimit,
    /// No points: too many threads.
    ProcessLimit,
    /// No points: too much written.
    DiskLimit,
    /// No points: tests did not end by themselves (abort, exit, stack overflow).
    RuntimeError,
    /// Refused before anything was compiled.
    PolicyViolation,
}

impl Verdict {
    /// Every verdict, in the order of the enum.
    pub const ALL: [Self; 11] = [
        Self::Accepted,
        Self::Partial,
        Self::WrongAnswer,
        Self::CompileError,
        Self::TimeLimit,
        Self::MemoryLimit,
        Self::OutputLimit,
        Self::ProcessLimit,
        Self::DiskLimit,
        Self::RuntimeError,
        Self::PolicyViolation,
    ];

    /// The word for it in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Partial => "partial",
            Self::WrongAnswer => "wrong_answer",
            Self::CompileError => "compile_error",
            Self::TimeLimit => "time_limit",
            Self::MemoryLimit => "memory_limit",
            Self::OutputLimit => "output_limit",
            Self::ProcessLimit => "process_limit",
            Self::DiskLimit => "disk_limit",
            Self::RuntimeError => "runtime_error",
            Self::PolicyViolation => "policy_violation",
        }
    }

    /// The verdict that `word` means.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// The verdict on one test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestVerdict {
    /// Our runner said so after the test function had returned as it should.
    Passed,
    /// It ended, and not as it should.
    Failed,
    /// It took more real time or CPU time than is allowed.
    TimeLimit,
    /// It used more memory than is allowed, or was refused some.
    MemoryLimit,
    /// It printed more than is allowed.
    OutputLimit,
    /// It did not end by itself.
    RuntimeError,
    /// The author has marked it `#[ignore]`: it was not run and counts for nothing.
    Skipped,
}

impl TestVerdict {
    /// The word for it in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::TimeLimit => "time_limit",
            Self::MemoryLimit => "memory_limit",
            Self::OutputLimit => "output_limit",
            Self::RuntimeError => "runtime_error",
            Self::Skipped => "skipped",
        }
    }
}

/// One test, as the candidate sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestReport {
    /// Its name in the package: `<file stem>::<path>`, or `gate::…`, `diagnosis::…`, `right::…`, `wrong::…`.
    pub name: String,
    /// What the test is about, in words for people.
    pub title: String,
    /// How the test ended.
    pub verdict: TestVerdict,
    /// Points that were earned.
    pub score: u32,
    /// Points it is worth; 0 when skipped.
    pub max_score: u32,
    /// Real time from start to end, in milliseconds.
    pub duration_ms: u64,
    /// The author's hint; only on failure.
    pub hint: Option<String>,
    /// What it printed, where the candidate may see that, or which limit it reached.
    pub message: Option<String>,
}

/// A message of the compiler about the candidate's own files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Diagnostic {
    /// How grave it is: `error` or `warning`.
    pub level: String,
    /// `E0308`, or the name of a lint.
    pub code: Option<String>,
    /// What the compiler found, in one line.
    pub message: String,
    /// The candidate's file that it is about.
    pub file: Option<String>,
    /// The line in that file, counted from 1.
    pub line: Option<u32>,
    /// The column in that line, counted from 1.
    pub column: Option<u32>,
    /// The line in which the place ends; absent in reports from before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The column behind the last character of the place; absent like `end_line`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_column: Option<u32>,
    /// As cargo prints it, with ANSI colours.
    pub rendered: String,
}

/// What all programs of a grading used together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Real time from the first stage to the last.
    pub wall_ms: u64,
    /// CPU time of all processes.
    pub cpu_ms: u64,
    /// The most memory that one process tree held.
    pub memory_peak_bytes: u64,
}

impl Usage {
    pub(super) fn add(&mut self, used: crate::sandbox::Usage) {
        self.cpu_ms += crate::quantity::millis(used.cpu);
        self.memory_peak_bytes = self.memory_peak_bytes.max(used.memory_peak_bytes);
    }
}

/// The stages of a grading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// Rules that need no compiler.
    Policy,
    /// The candidate's library, or the tests that were handed in, are compiled.
    Build,
    /// The tests are compiled and linked with that library, or linked with the implementations.
    Link,
    /// The tests run, each in a process of its own.
    Run,
    /// Rules for the source are checked, where the package has some.
    Gates,
    /// Points and the verdict are worked out.
    Score,
}

impl StageName {
    /// The word for it in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Build => "build",
            Self::Link => "link",
            Self::Run => "run",
            Self::Gates => "gates",
            Self::Score => "score",
        }
    }
}

/// When a stage ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stage {
    /// Which stage it was.
    pub name: StageName,
    /// When the stage began, by the grader's clock.
    pub started_at: Timestamp,
    /// Real time from start to end, in milliseconds.
    pub duration_ms: u64,
}

/// Where the candidate's code ran relative to the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// In the process of the test that calls it.
    InProcess,
}

/// Which tests are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The hidden tests: this counts.
    Graded,
    /// The public tests of the starter, with everything they print; does not count.
    Public,
}

/// The outcome of one grading: the fields of a submission that come from grading it.
///
/// Reports are stored and outlive the grader that wrote them. So a field that is added later has `#[serde(default)]`, and none
/// changes its name or meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// The slug of the package that graded it.
    pub exercise: String,
    /// Which tests were run.
    pub mode: Mode,
    /// The verdict on the submission as a whole.
    pub verdict: Verdict,
    /// Why, in one sentence, where the tests do not say it.
    pub reason: Option<String>,
    /// What of the files was left aside since it can make no difference: each a sentence, led by the file it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Points that were earned.
    pub score: u32,
    /// Points that could be earned.
    pub max_score: u32,
    /// Each test; empty when none ran.
    pub tests: Vec<TestReport>,
    /// What the compiler said about the candidate's files, at most 100 messages.
    pub diagnostics: Vec<Diagnostic>,
    /// What the package lets one build and one test use.
    pub limits: Limits,
    /// What all programs of this grading used together.
    pub usage: Usage,
    /// The stages in the order in which they ended. Build and link overlap.
    pub stages: Vec<Stage>,
    /// The compiler that graded it, as `rustc --version` prints it.
    pub toolchain: String,
    /// A hash over everything that can change a score.
    pub package_version: String,
    /// Whether candidate and tests shared a process.
    pub isolation: Isolation,
    /// Controls of the sandbox that the operator accepts to be without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waived_controls: Vec<String>,
}

/// What a grading tells while it goes on.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A stage has begun.
    Stage {
        /// Which stage it is.
        name: StageName,
    },
    /// A test has ended.
    Test {
        /// What the test is about, in words for people.
        title: String,
        /// How the test ended.
        verdict: TestVerdict,
        /// How many tests have ended, this one included.
        done: usize,
        /// How many tests there are in this grading.
        of: usize,
        /// Real time from the test's start to its end.
        #[serde(skip)]
        took: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was stored once is read for ever: this text is never changed, only added to.
    const STORED: &str = r#"{
        "exercise": "vector-clock", "mode": "graded", "verdict": "partial", "reason": null, "score": 1, "max_score": 2,
        "tests": [{"name": "clock::a", "title": "a", "verdict": "failed", "score": 0, "max_score": 1, "duration_ms": 3,
                   "hint": "h", "message": null}],
        "diagnostics": [{"level": "warning", "code": "dead_code", "message": "m", "file": "src/lib.rs", "line": 1, "column": 2,
                         "rendered": "r"}],
        "limits": {"grading_wall_ms": 7200000, "build_wall_ms": 60000, "build_memory_bytes": 1, "test_wall_ms": 10000, "test_cpu_ms": 5000,
                   "memory_bytes": 2, "processes": 3, "output_bytes": 4, "disk_bytes": 5},
        "usage": {"wall_ms": 1, "cpu_ms": 2, "memory_peak_bytes": 3},
        "stages": [{"name": "policy", "started_at": "2026-01-01T00:00:00Z", "duration_ms": 1}],
        "toolchain": "rustc 1.95.0", "package_version": "0123456789abcdef", "isolation": "in_process"
    }"#;

    #[test]
    fn a_stored_report_is_read_and_written_as_it_was() {
        let report: Report = serde_json::from_str(STORED).unwrap();
        assert_eq!(report.limits.test_wall, Duration::from_secs(10));
        let stored: serde_json::Value = serde_json::from_str(STORED).unwrap();
        assert_eq!(serde_json::to_value(&report).unwrap(), stored);
    }

    #[test]
    fn a_report_of_before_a_grading_had_a_limit_is_read() {
        let before = STORED.replace("\"grading_wall_ms\": 7200000,", "");
        assert_ne!(before, STORED);
        assert_eq!(serde_json::from_str::<Report>(&before).unwrap().limits.grading_wall, Duration::from_secs(7200));
    }
}
