//! An attempt as lists of pages show it, in one line.

use serde::Serialize;

use super::{AttemptScore, Summary};
use crate::bank::{Bank, title_from_slug};
use crate::clock::Timestamp;

/// An attempt that has ended.
#[derive(Debug, Clone, Serialize)]
pub struct EndedLine {
    href: String,
    title: String,
    submitted_at: Option<Timestamp>,
    score: Option<String>,
    max_score: Option<String>,
    pending: bool,
    passed: Option<bool>,
}

impl EndedLine {
    /// The line of a score.
    #[must_use]
    pub fn of(score: &AttemptScore) -> Self {
        Self {
            href: format!("/attempts/{}/result", score.id),
            title: score.title.clone(),
            submitted_at: score.submitted_at,
            score: score.score.map(|score| score.to_string()),
            max_score: score.max_score.map(|score| score.to_string()),
            pending: score.pending,
            passed: score.passed,
        }
    }
}

/// An attempt to go on with.
#[derive(Debug, Serialize)]
pub struct OpenLine {
    attempt: Summary,
    title: String,
}

impl OpenLine {
    /// The line of an attempt at a set of the bank.
    #[must_use]
    pub fn of(attempt: Summary, bank: &Bank) -> Self {
        let set = attempt.set.parse().ok().and_then(|slug| bank.set(&slug).map(|set| set.title.clone()));
        Self { title: set.unwrap_or_else(|| title_from_slug(&attempt.set)), attempt }
    }
}
