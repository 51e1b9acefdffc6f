//! Attempts: one candidate's go at a set.
//!
//! What is asked, in which order, in which variant and for how many points is fixed when the attempt begins, and kept word
//! for word, so that it can be shown and scored again whatever becomes of the files. The deadline is the server's. An
//! attempt whose deadline is past is over: the next look at it submits it as of the deadline, with what was saved.

pub(crate) mod api;
pub mod frame;
mod line;
mod load;
pub(crate) mod pages;
mod result;
mod save;
mod score;
mod service;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use line::{EndedLine, OpenLine};
pub use result::{AttemptResult, ItemResult};
pub use score::AttemptScore;
pub use service::Attempts;

use crate::bank::view::PromptItem;
use crate::bank::{Answer, Navigation, Points, Slug, Variant};
use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::error::{Refusal, Result};
use crate::id::AttemptId;

text_enum! {
    /// Where an attempt stands.
    #[schema(as = AttemptState)]
    pub enum State {
        /// Answers can be saved.
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
        /// Its time was up.
        Deadline = "deadline",
    }
}

text_enum! {
    /// What an item asks for.
    pub enum ItemKind {
        /// A question of the bank.
        Question = "question",
        /// A design prompt.
        Prompt = "prompt",
        /// An exercise, answered by submissions.
        Exercise = "exercise",
    }
}

/// An attempt in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AttemptSummary)]
pub struct Summary {
    /// Prefixed `att_`.
    pub id: AttemptId,
    /// The set's slug.
    pub set: String,
    /// Whether answers can still be saved.
    pub state: State,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ends by itself; null is never.
    pub deadline: Option<Timestamp>,
    /// When it ended.
    pub submitted_at: Option<Timestamp>,
}

/// An item of an attempt, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ItemOfAttempt)]
pub struct AttemptItem {
    /// The attempt.
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
    /// Prefixed `att_`.
    pub id: AttemptId,
    /// The set's slug.
    #[schema(value_type = String)]
    pub set: Slug,
    /// The set's name.
    pub title: String,
    /// Whether answers can still be saved.
    pub state: State,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ends by itself; null is never.
    pub deadline: Option<Timestamp>,
    /// When it ended.
    pub submitted_at: Option<Timestamp>,
    /// What ended it; null while it is open.
    pub ended_by: Option<EndedBy>,
    /// How a candidate may move between items.
    pub navigation: Navigation,
    /// What is asked, in order.
    pub items: Vec<Item>,
}

/// An attempt that somebody asked to begin.
#[derive(Debug)]
pub struct Begun {
    /// The attempt, open.
    pub attempt: Attempt,
    /// Whether it began just now; else it was open already.
    pub is_new: bool,
}

/// One item of an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AttemptItem)]
pub struct Item {
    /// From 1.
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
    /// A prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<PromptItem>,
    /// An exercise: answered by `POST /exercises/{slug}/submissions?attempt=&position=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercise: Option<ExerciseItem>,
    /// What is saved.
    pub response: Option<Response>,
}

/// An exercise in an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExerciseItem {
    /// Its name in addresses.
    pub slug: String,
    /// Submissions that are being graded.
    pub grading: i32,
    /// Graded submissions that were handed in for this item.
    pub submissions: i32,
}

/// A saved answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = SavedResponse)]
pub struct Response {
    /// In the shape of the item's kind; null when it was emptied.
    #[schema(value_type = Option<Answer>)]
    pub answer: Value,
    /// The number that the client gave it.
    pub revision: i64,
    /// When it was saved.
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
    /// The last item that is answered, from 1; a one-way set closes those before it.
    #[must_use]
    pub fn furthest(&self) -> i32 {
        self.items.iter().filter(|item| item.is_answered()).map(|item| item.position).max().unwrap_or(1)
    }

    /// The item to go on with.
    #[must_use]
    pub fn resume_at(&self) -> i32 {
        match self.navigation {
            Navigation::OneWay => self.furthest(),
            Navigation::Free => self.items.iter().find(|item| !item.is_answered()).map_or(1, |item| item.position),
        }
    }

    /// The item at a position.
    ///
    /// # Errors
    /// 404 `not_found`.
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
