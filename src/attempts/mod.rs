//! Attempts: one candidate's go at a set.
//!
//! What is asked, in which order, in which variant and for how many points is fixed when the attempt begins, and kept word
//! for word, so that it can be shown and scored again whatever becomes of the files. The deadline is the server's. An
//! attempt whose deadline is past is over: the next look at it submits it as of the deadline, with what was saved.

pub mod api;
mod load;
pub mod pages;
mod result;
mod save;
pub mod store;
mod take;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub use result::{AttemptResult, ItemResult};
pub use save::check_exercise;
pub use take::Attempts;

use crate::bank::pages::spoken;
use crate::bank::{Criterion, Navigation, Points, Slug, Variant};
use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::id::AttemptId;

text_enum! {
    /// Where an attempt stands.
    pub enum State {
        /// Answers can be saved.
        Open = "open",
        /// Over, by the candidate or by the deadline.
        Submitted = "submitted",
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
    /// How a candidate may move between items.
    pub navigation: Navigation,
    /// What is asked, in order.
    pub items: Vec<Item>,
}

/// One item of an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Item {
    /// From 1.
    pub position: i32,
    /// The section that it stands in.
    pub section: String,
    /// What it asks for; the field of that name holds it.
    pub kind: ItemKind,
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

/// A prompt as a candidate sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PromptItem {
    /// `topic/slug`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The story and what is asked, as safe HTML.
    pub brief_html: String,
    /// What the answer must live with, as safe HTML.
    pub constraints_html: Vec<String>,
    /// What to hand in, as safe HTML.
    pub hand_in_html: String,
    /// What is scored.
    pub criteria: Vec<Criterion>,
}

/// An exercise in an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExerciseItem {
    /// Its name in addresses.
    pub slug: String,
    /// Submissions that are being graded.
    pub grading: i32,
}

impl ExerciseItem {
    /// Its name on pages.
    #[must_use]
    pub fn title(&self) -> String {
        spoken(&self.slug)
    }
}

/// A saved answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Response {
    /// In the shape of the item's kind.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// The number that the client gave it.
    pub revision: i64,
    /// When it was saved.
    pub saved_at: Timestamp,
}

/// An answer to be saved.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// In the shape of the item's kind; a prompt's is `{"text": "…"}`.
    #[schema(value_type = Object)]
    pub answer: Value,
    /// Larger than the one before: a client counts up.
    pub revision: i64,
}
