//! A submission as lists of pages show it, in one line.

use serde::Serialize;

use super::{Mode, State, Summary, Verdict};
use crate::bank::{Standing, title_from_slug};

/// A submission as a list shows it.
#[derive(Serialize)]
pub struct SubmissionLine {
    summary: Summary,
    exercise: String,
    /// Its verdict, or how far it has come.
    word: String,
    class: Standing,
    counts: bool,
}

impl SubmissionLine {
    /// The line that shows a submission.
    #[must_use]
    pub fn of(summary: Summary) -> Self {
        Self {
            exercise: title_from_slug(&summary.exercise),
            word: word(&summary),
            class: standing(&summary),
            counts: summary.mode == Mode::Graded,
            summary,
        }
    }
}

fn word(summary: &Summary) -> String {
    match (summary.state, summary.verdict) {
        (State::Queued, _) => "Waiting".to_owned(),
        (State::Running, _) => "Being graded".to_owned(),
        (State::Finished, Some(verdict)) => title_from_slug(&verdict.to_string().replace('_', "-")),
        (State::Finished, None) => "Graded".to_owned(),
    }
}

const fn standing(summary: &Summary) -> Standing {
    match summary.verdict {
        None | Some(Verdict::InternalError) => Standing::Open,
        Some(Verdict::Accepted) => Standing::Right,
        Some(Verdict::Partial) => Standing::Partly,
        Some(_) => Standing::Wrong,
    }
}
