//! What grading says of a submission, as it is stored and as its candidate reads it.
//!
//! The form outlives the grader that wrote it: a field that an old report lacks is read as nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::attempts;
use crate::db::text_enum;
use crate::grader::{self, Diagnostic, Isolation, Limits, Stage, TestReport, Usage};
use crate::id::SubmissionId;
use crate::jobs::lanes::ABANDONED_AFTER_HOURS;

text_enum! {
    /// The verdict on a submission.
    pub enum Verdict {
        /// It earned all points.
        Accepted = "accepted",
        /// It earned some of the points.
        Partial = "partial",
        /// No points: tests ended, with the wrong outcome.
        WrongAnswer = "wrong_answer",
        /// It does not compile, or took too much to compile.
        CompileError = "compile_error",
        /// No points: too slow.
        TimeLimit = "time_limit",
        /// No points: too much memory.
        MemoryLimit = "memory_limit",
        /// No points: too much output.
        OutputLimit = "output_limit",
        /// No points: too many threads.
        ProcessLimit = "process_limit",
        /// No points: too much written.
        DiskLimit = "disk_limit",
        /// No points: tests did not end by themselves.
        RuntimeError = "runtime_error",
        /// Refused before anything was compiled.
        PolicyViolation = "policy_violation",
        /// We failed, again and again; costs the candidate nothing.
        InternalError = "internal_error",
    }
}

impl Verdict {
    /// Whether it is told also where a set keeps results back: it stops a submission before its tests run, so its candidate has
    /// to mend it, or it is a fault of ours.
    pub(super) const fn is_always_told(self) -> bool {
        matches!(self, Self::CompileError | Self::PolicyViolation | Self::InternalError)
    }
}

impl From<grader::Verdict> for Verdict {
    fn from(verdict: grader::Verdict) -> Self {
        match verdict {
            grader::Verdict::Accepted => Self::Accepted,
            grader::Verdict::Partial => Self::Partial,
            grader::Verdict::WrongAnswer => Self::WrongAnswer,
            grader::Verdict::CompileError => Self::CompileError,
            grader::Verdict::TimeLimit => Self::TimeLimit,
            grader::Verdict::MemoryLimit => Self::MemoryLimit,
            grader::Verdict::OutputLimit => Self::OutputLimit,
            grader::Verdict::ProcessLimit => Self::ProcessLimit,
            grader::Verdict::DiskLimit => Self::DiskLimit,
            grader::Verdict::RuntimeError => Self::RuntimeError,
            grader::Verdict::PolicyViolation => Self::PolicyViolation,
        }
    }
}

/// What grading says, but for the verdict and the score. Its parts are the grader's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Report {
    /// Why, in a sentence, where the tests do not say it.
    pub reason: Option<String>,
    /// What was left aside, since it can make no difference: each a sentence, led by the file that it is about.
    pub notes: Vec<String>,
    /// Each test; empty when none ran.
    pub tests: Vec<TestReport>,
    /// The compiler's messages about the candidate's own files.
    pub diagnostics: Vec<Diagnostic>,
    /// What it was allowed: durations in `_ms`, sizes in `_bytes`.
    #[schema(value_type = Option<Object>)]
    pub limits: Option<Limits>,
    /// What all its programs used together: durations in `_ms`, sizes in `_bytes`.
    pub usage: Option<Usage>,
    /// Where the time went.
    pub stages: Vec<Stage>,
    /// The compiler that built it, as `rustc --version` says.
    pub toolchain: Option<String>,
    /// A hash over everything of the exercise that can change a score.
    pub package_version: Option<String>,
    /// Whether the candidate's code and the tests shared a process.
    pub isolation: Option<Isolation>,
    /// Controls of the sandbox that the operator did without, by name.
    #[serde(alias = "accepted_missing")]
    pub waived_controls: Vec<String>,
}

impl From<grader::Report> for Report {
    fn from(report: grader::Report) -> Self {
        Self {
            reason: report.reason,
            notes: report.notes,
            tests: report.tests,
            diagnostics: report.diagnostics,
            limits: Some(report.limits),
            usage: Some(report.usage),
            stages: report.stages,
            toolchain: Some(report.toolchain),
            package_version: Some(report.package_version),
            isolation: Some(report.isolation),
            waived_controls: report.waived_controls,
        }
    }
}

/// The outcome of a grading.
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// The verdict that the submission gets.
    pub verdict: Verdict,
    /// Points that it earned, of `max_score`.
    pub score: u32,
    /// Points to be had.
    pub max_score: u32,
    /// Everything else that grading says.
    pub report: Report,
}

impl Graded {
    /// What is written when grading it failed every time that we tried.
    pub(super) fn abandoned(attempts: i32) -> Self {
        Self::ours(format!(
            "grading failed on our side {attempts} times: this doesn't count, and an operator can have it graded again"
        ))
    }

    /// What is written when no worker could grade its exercise for a long time.
    pub(super) fn unserved() -> Self {
        Self::ours(format!(
            "no server could grade this exercise for {ABANDONED_AFTER_HOURS} hours: this doesn't count, and an operator can \
             have it graded again"
        ))
    }

    fn ours(reason: String) -> Self {
        let report = Report { reason: Some(reason), ..Report::default() };
        Self { verdict: Verdict::InternalError, score: 0, max_score: 0, report }
    }

    /// What an attempt is credited with; nothing for a failure of ours.
    pub(super) fn earned(&self, submission: SubmissionId) -> Option<attempts::Graded> {
        let ours = self.verdict == Verdict::InternalError;
        (!ours).then(|| attempts::Graded {
            submission,
            package_version: self.report.package_version.clone(),
            part: self.score.into(),
            whole: self.max_score.into(),
        })
    }
}
