//! Practice: questions answered and design prompts responded to outside sets, with feedback at once.
//!
//! Every answer is kept for good, with the version and the seed that it was given to, so that its score can be computed again. An answer is
//! told its score only after its record is safe.

pub(crate) mod api;
pub(crate) mod pages;
mod queue;
mod service;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub(crate) use service::Practice;

use crate::bank::view::MisconceptionView;
use crate::bank::{Answer, Feedback, Points, QuestionId, Seed, Version};
use crate::clock::Timestamp;
use crate::id::{AnswerId, ResponseId};

/// An answer to a practice question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"seed": 0, "answer": {"value": false}}))]
pub struct NewAnswer {
    /// The seed of the variant that is answered.
    pub seed: Seed,
    /// In the shape of the question's kind.
    #[schema(value_type = Answer)]
    pub answer: Value,
    /// How many hints were taken; what they cost is taken off the score.
    #[serde(default, deserialize_with = "crate::whole_number::deserialize")]
    #[schema(maximum = 255)]
    pub hints: u8,
    /// The version that was read. Where it is another by now the answer is refused rather than marked by another key.
    pub version: Option<Version>,
}

impl NewAnswer {
    /// How many bytes the answer takes, by which it is counted.
    pub(crate) fn size(&self) -> usize {
        self.answer.to_string().len()
    }
}

/// What became of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Marking {
    /// The id of the kept answer, prefixed `ans_`; null where nothing was kept.
    pub id: Option<AnswerId>,
    /// The points; null where a person decides.
    pub score: Option<Points>,
    /// The most that could be earned.
    pub max_score: Points,
    /// Whether everything was earned; null where a person decides.
    pub correct: Option<bool>,
    /// What is said about parts of the answer.
    pub feedback: Vec<Feedback>,
    /// The misconceptions that the feedback names.
    pub misconceptions: Vec<MisconceptionView>,
    /// An answer that earns everything; null where a person decides.
    pub solution: Option<Answer>,
    /// Why the key is the key, in Markdown.
    pub explanation: String,
    /// The same as safe HTML.
    pub explanation_html: String,
    /// Where the facts come from.
    pub sources: Vec<String>,
}

/// A response to a design prompt.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResponse {
    /// At most 20,000 characters, and not white space alone.
    #[schema(
        max_length = 20000,
        pattern = r"^[^\x00]*[^\s\x00][^\x00]*$",
        example = "One leader in each region, and…"
    )]
    pub text: String,
}

/// A response to a design prompt that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kept {
    /// The id of the response, prefixed `rsp_`.
    pub id: ResponseId,
    /// The id of the prompt, as `topic/slug`.
    pub prompt: QuestionId,
    /// The version that was responded to.
    pub version: Version,
    /// As it was sent.
    pub text: String,
    /// The points: null until a person has scored it.
    pub score: Option<Points>,
    /// The most that can be earned.
    pub max_score: Points,
    /// When it was kept.
    pub responded_at: Timestamp,
}

/// An answer as it is kept, for an export.
#[derive(Debug, Serialize)]
pub struct PastAnswer {
    /// The id of the answer, prefixed `ans_`.
    pub id: AnswerId,
    /// The id of the question, as `topic/slug`.
    pub question: String,
    /// The version that was answered.
    pub version: String,
    /// In the shape of the question's kind.
    pub answer: Value,
    /// How many hints were taken.
    pub hints: i32,
    /// The points, if it was marked.
    pub score: Option<Points>,
    /// The most that could be earned.
    pub max_score: Points,
    /// When it was given.
    pub answered_at: Timestamp,
}

/// A response to a prompt as it is kept, for an export.
#[derive(Debug, Serialize)]
pub struct PastResponse {
    /// The id of the response, prefixed `rsp_`.
    pub id: ResponseId,
    /// The id of the prompt, as `topic/slug`.
    pub prompt: String,
    /// The version that was responded to.
    pub version: String,
    /// As it was sent.
    pub text: String,
    /// When it was kept.
    pub responded_at: Timestamp,
}

/// A person's best answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Best {
    /// The id of the question, as `topic/slug`.
    pub question: String,
    /// The best of the person's scores.
    pub score: Points,
    /// The most that could be earned then.
    pub max_score: Points,
    /// How often it was answered.
    pub answers: i64,
}
