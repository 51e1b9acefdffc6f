//! Attempts: one candidate's run through a set.
//!
//! What is asked, in which order, in which variant and for how many points is fixed when the attempt begins, and kept word
//! for word, so that it can be shown and scored again whatever becomes of the files. The deadline is the server's: once it has
//! passed, the attempt is over, whether or not that has been written down yet. Maintenance writes it down within seconds, and
//! so does whatever needs the score before that; what was saved by the deadline counts.
//!
//! A score that isn't known is never told as nothing: an item counts as pending until somebody or something has said what it
//! earned. That is nothing for a question without an answer, and for an exercise that nothing was handed in for.

pub(crate) mod api;
mod close;
pub mod frame;
mod line;
mod load;
pub(crate) mod pages;
mod result;
mod save;
mod score;
mod scoring;
mod service;
mod setbacks;
mod store;
mod unreadable;
mod wording;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use line::{EndedLine, OpenLine};
pub use result::{AttemptResult, CountedSubmission, ItemResult};
pub use score::AttemptScore;
pub use scoring::Scored;
pub use service::Attempts;

use crate::bank::view::PromptItem;
use crate::bank::{Answer, Navigation, Points, Slug, Variant};
use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::error::{Refusal, Result};
use crate::id::{AttemptId, SubmissionId};

text_enum! {
    /// Where an attempt stands.
    #[schema(as = AttemptState)]
    pub enum State {
        /// The attempt goes on: answers can be saved.
        Open = "open",
        /// Over, by the candidate or by the deadline.
        Submitted = "submitted",
    }
}

text_enum! {
    /// What ended an attempt.
    pub enum EndedBy {
        /// Its candidate submitted it.
        Candidate = "candidate",
        /// The time of the attempt was up.
        Deadline = "deadline",
    }
}

text_enum! {
    /// What an item asks for.
    pub enum ItemKind {
        /// A question of the bank, marked by its key.
        Question = "question",
        /// A design prompt, reviewed by a person.
        Prompt = "prompt",
        /// An exercise, answered by submissions.
        Exercise = "exercise",
    }
}

/// An attempt in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AttemptSummary)]
pub struct Summary {
    /// The id of the attempt, prefixed `att_`.
    pub id: AttemptId,
    /// The slug of the set.
    pub set: String,
    /// Whether answers can still be saved.
    pub state: State,
    /// When the attempt began.
    pub started_at: Timestamp,
    /// When it ends by itself; null is never.
    pub deadline: Option<Timestamp>,
    /// When the attempt ended; null while it is open.
    pub submitted_at: Option<Timestamp>,
}

/// An item of an attempt, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ItemOfAttempt)]
pub struct AttemptItem {
    /// The attempt that the item is part of.
    pub attempt: AttemptId,
    /// The item's place in it, from 1.
    #[schema(minimum = 1)]
    pub position: i32,
}

impl AttemptItem {
    /// The item that two optional parameters name; `None` when neither is there.
    ///
    /// # Errors
    /// 422 `invalid` when only one of them is there.
    pub fn of(attempt: Option<AttemptId>, position: Option<i32>) -> Result<Option<Self>> {
        match (attempt, position) {
            (None, None) => Ok(None),
            (Some(attempt), Some(position)) => Ok(Some(Self { attempt, position })),
            (Some(_), None) => {
                Err(Refusal::invalid_field("?position", "which item of the attempt is answered?").into())
            }
            (None, Some(_)) => Err(Refusal::invalid_field("?attempt", "a position is one of an attempt").into()),
        }
    }
}

/// An attempt as the candidate sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attempt {
    /// The id of the attempt, prefixed `att_`.
    pub id: AttemptId,
    /// The slug of the set.
    #[schema(value_type = String)]
    pub set: Slug,
    /// The name of the set on pages.
    pub title: String,
    /// Whether answers can still be saved.
    pub state: State,
    /// When the attempt began.
    pub started_at: Timestamp,
    /// When it ends by itself; null is never.
    pub deadline: Option<Timestamp>,
    /// When the attempt ended; null while it is open.
    pub submitted_at: Option<Timestamp>,
    /// What ended it; null while it is open.
    pub ended_by: Option<EndedBy>,
    /// How a candidate may move between items.
    pub navigation: Navigation,
    /// The last item that was ever answered or handed in for, 0 before the first. A one-way set closes the items before it, also
    /// when its answer is emptied.
    pub furthest: i32,
    /// What is asked, in order.
    pub items: Vec<Item>,
}

/// An attempt that somebody asked to begin.
#[derive(Debug)]
pub struct Begun {
    /// The attempt, which is open.
    pub attempt: Attempt,
    /// Whether it began just now; else it was open already.
    pub is_new: bool,
}

/// One item of an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AttemptItem)]
pub struct Item {
    /// The item's place in the attempt, from 1.
    pub position: i32,
    /// The section that it stands in.
    pub section: String,
    /// What it asks for; the field of that name holds it.
    pub kind: ItemKind,
    /// Its name on pages.
    pub title: String,
    /// The largest score here.
    pub max_score: Points,
    /// A question's variant, without its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Variant>,
    /// A prompt with its rubric, without what only reviewers see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<PromptItem>,
    /// An exercise: answered by `POST /exercises/{slug}/submissions?attempt=&position=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercise: Option<ExerciseItem>,
    /// What is saved for a question or a prompt; null when nothing ever was.
    pub response: Option<Response>,
    /// True when the item can't be read back at the moment, which is a fault of the service: then neither what it asks nor what
    /// is saved for it is there. It isn't there otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub unreadable: bool,
}

/// An exercise in an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExerciseItem {
    /// The exercise's name in addresses.
    pub slug: String,
    /// Submissions for this item that wait for a verdict.
    pub grading: i32,
    /// Submissions for this item, with or without a verdict; runs of the public tests are not among them.
    pub submissions: i32,
}

/// What a submission for an exercise earned: `part` of `whole`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    /// The submission that was graded.
    pub submission: SubmissionId,
    /// The version of the package that it was graded by.
    pub package_version: Option<String>,
    /// The points that it earned, in the package's own points.
    pub part: u64,
    /// The points that there were to earn, in the package's own points.
    pub whole: u64,
}

/// An answer as it is saved for an item.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SavedResponse)]
pub struct Response {
    /// In the shape of the item's kind; null when it was emptied.
    #[schema(value_type = Option<Answer>)]
    pub answer: Value,
    /// The number that the client gave it.
    pub revision: i64,
    /// When the answer was saved.
    pub saved_at: Timestamp,
}

impl Item {
    /// Whether an answer is saved or, for an exercise, something was handed in.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        let saved = self.response.as_ref().is_some_and(|response| !response.answer.is_null());
        saved || self.exercise.as_ref().is_some_and(|exercise| exercise.submissions > 0)
    }
}

impl Attempt {
    /// The position of the item to go on with.
    #[must_use]
    pub fn resume_at(&self) -> i32 {
        match self.navigation {
            Navigation::OneWay => self.furthest.max(1),
            Navigation::Free => {
                self.items.iter().find(|item| !item.is_answered() && !item.unreadable).map_or(1, |item| item.position)
            }
        }
    }

    /// The item at a position.
    ///
    /// # Errors
    /// 404 `not_found` when the attempt has no item there.
    pub fn item(&self, position: i32) -> Result<&Item> {
        let item = self.items.iter().find(|item| item.position == position);
        Ok(item.ok_or_else(|| Refusal::not_found("item"))?)
    }
}

/// An answer to be saved.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// In the shape of the item's kind; a prompt's is `{"text": "…"}`. Null empties the answer.
    #[schema(value_type = Option<Answer>, required = true)]
    pub answer: Value,
    /// Larger than the one before: a client counts up.
    #[serde(deserialize_with = "crate::whole_number::deserialize")]
    #[schema(minimum = 0)]
    pub revision: i64,
}
