//! What candidates hand in: files for an exercise, waiting to be graded, being graded, graded.
//!
//! A submission is stored and queued as a job in one transaction. [`queue`] is the workers' side; a result is written once, by
//! the worker that holds the job's lease. What a submission went through is kept as numbered [`Event`]s, so that a client
//! that lost its connection goes on where it was, at any server.

pub(crate) mod api;
mod body;
mod diff;
pub mod events;
mod line;
pub(crate) mod pages;
pub mod queue;
mod report;
mod service;
mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use body::checked as checked_files;
pub use diff::Changes;
pub use events::{Event, EventKind};
pub use line::SubmissionLine;
pub use report::{Graded, Report, Verdict};
pub use service::Submissions;

use crate::attempts::AttemptItem;
use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::id::{AttemptId, SubmissionId, UserId};

text_enum! {
    /// How far a submission has come.
    #[schema(as = SubmissionState)]
    pub enum State {
        /// Waiting for a worker.
        Queued = "queued",
        /// A worker grades it.
        Running = "running",
        /// There is a verdict.
        Finished = "finished",
    }
}

text_enum! {
    /// Which tests are run.
    #[derive(Default)]
    pub enum Mode {
        /// The hidden tests; counts.
        #[default]
        Graded = "graded",
        /// The public tests alone, with all that they print; does not count.
        Public = "public",
    }
}

/// The text of each file that was handed in, by its path such as `src/lib.rs`.
pub type Files = BTreeMap<String, String>;

/// Something to be graded.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// The person who hands it in.
    pub user: UserId,
    /// The slug of the exercise that the files are for.
    pub exercise: String,
    /// Which tests are wanted.
    pub mode: Mode,
    /// The item of an attempt that it answers, if it is not for practice.
    pub item: Option<AttemptItem>,
    /// The files, as they came.
    pub files: Files,
}

/// What a list can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The slug of an exercise; submissions to others are left out.
    pub exercise: Option<String>,
    /// The verdict that submissions must have; those without one are left out.
    pub verdict: Option<Verdict>,
    /// The item of an attempt.
    pub item: Option<AttemptItem>,
}

/// A submission in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SubmissionSummary)]
pub struct Summary {
    /// The submission's id, which begins with `sub_`.
    pub id: SubmissionId,
    /// The slug of the exercise that it was handed in for.
    pub exercise: String,
    /// Which tests were wanted.
    pub mode: Mode,
    /// The attempt that it belongs to.
    pub attempt: Option<AttemptId>,
    /// The item of the attempt that it answers.
    pub position: Option<i32>,
    /// How far it has come.
    pub state: State,
    /// Once it is finished.
    pub verdict: Option<Verdict>,
    /// Points earned, once it is finished.
    pub score: Option<u32>,
    /// Points to be had, once it is finished.
    pub max_score: Option<u32>,
    /// Whether the set of the attempt keeps verdict, points and tests from its candidate.
    pub withheld: bool,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When its verdict was written.
    pub finished_at: Option<Timestamp>,
}

impl Summary {
    /// Whether a set that does not tell how exercises were graded keeps this back. What stops a submission before its
    /// tests run is told all the same: its candidate has to mend it.
    fn is_to_be_withheld(&self) -> bool {
        self.mode == Mode::Graded && self.verdict.is_some_and(|verdict| !verdict.is_always_told())
    }

    fn withhold(&mut self) {
        (self.verdict, self.score, self.max_score, self.withheld) = (None, None, None, true);
    }
}

/// A submission with all that its candidate may know.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Submission {
    /// What a list shows too.
    #[serde(flatten)]
    pub summary: Summary,
    /// Its place among those that wait, from 1; null when it does not wait.
    pub queue_position: Option<u32>,
    /// The trace of its grading, from the request that handed it in; null where none was recorded.
    pub trace_id: Option<String>,
    /// What grading it said; empty until it is finished.
    #[serde(flatten)]
    pub report: Report,
}

impl Submission {
    /// Takes out what the set of the attempt keeps from its candidate.
    fn withhold(&mut self) {
        self.summary.withhold();
        let report = &mut self.report;
        (report.reason, report.usage) = (None, None);
        report.tests.clear();
        report.stages.clear();
    }

    /// Whether there is a verdict.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.summary.state == State::Finished
    }
}

/// The best that a person has reached at an exercise, in graded submissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Best {
    /// The slug of the exercise that this is about.
    pub exercise: String,
    /// The submission that reached it; the first of equals.
    pub submission: SubmissionId,
    /// The verdict on that submission.
    pub verdict: Verdict,
    /// Points that it earned, of `max_score`.
    pub score: u32,
    /// Points to be had.
    pub max_score: u32,
    /// Submissions graded, this one included.
    pub submissions: u32,
    /// When its verdict was written.
    pub finished_at: Timestamp,
}
