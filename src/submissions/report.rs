//! What grading says of a submission, as it is stored and as its candidate reads it.
//!
//! The form outlives the grader that wrote it: a field that an old report lacks is read as nothing.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::db::text_enum;

text_enum! {
    /// The verdict on a submission.
    pub enum Verdict {
        /// All points.
        Accepted = "accepted",
        /// Some points.
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

/// What grading says, but for the verdict and the score.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Report {
    /// Why, in a sentence, where the tests do not say it.
    pub reason: Option<String>,
    /// Each test; empty when none ran.
    pub tests: Vec<TestReport>,
    /// The compiler's messages about the candidate's own files.
    pub diagnostics: Vec<Diagnostic>,
    /// What it was allowed: durations in `_ms`, sizes in `_bytes`.
    #[schema(value_type = Option<Object>)]
    pub limits: Option<Value>,
    /// What it used.
    pub usage: Option<Usage>,
    /// Where the time went.
    pub stages: Vec<Stage>,
    /// The compiler that built it.
    pub toolchain: Option<String>,
    /// A hash over everything of the exercise that can change a score.
    pub package_version: Option<String>,
    /// `in_process` when the candidate's code and the tests shared a process, else `process`.
    pub isolation: Option<String>,
    /// Controls of the sandbox that the operator did without, by name.
    pub accepted_missing: Vec<String>,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TestReport {
    /// `<file>::<path>`.
    pub name: String,
    /// For people.
    pub title: String,
    /// `passed`, `failed`, `time_limit`, `memory_limit`, `output_limit`, `runtime_error` or `skipped`.
    pub verdict: String,
    /// Points earned.
    pub score: u32,
    /// Points that it is worth.
    pub max_score: u32,
    /// Real time.
    pub duration_ms: u64,
    /// The author's, when the test failed.
    pub hint: Option<String>,
    /// What it printed, where the candidate may see that, or which limit it reached.
    pub message: Option<String>,
}

/// A message of the compiler.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub level: String,
    /// Such as `E0308`, or a lint.
    pub code: Option<String>,
    /// One line.
    pub message: String,
    /// The candidate's file.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
    /// As cargo prints it, with ANSI colours.
    pub rendered: String,
}

/// What all stages used together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Real time.
    pub wall_ms: u64,
    /// CPU time of all processes.
    pub cpu_ms: u64,
    /// The most memory that one process tree held.
    pub memory_peak_bytes: u64,
}

/// One stage of the grading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stage {
    /// `policy`, `build`, `link`, `run` or `score`.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Real time.
    pub duration_ms: u64,
}
