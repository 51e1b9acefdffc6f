//! What every kind of question can do, and what is said about an answer.

use serde::Serialize;
use serde_json::Value;

use super::answer::{Answer, AnswerError};
use super::form::Form;
use crate::bank::markdown::Markdown;
use crate::bank::prng::Prng;
use crate::bank::reader::{LINE_CHARS, Table};

/// The key of one variant: it shows itself without its secret, reads answers of its shape and marks them.
pub(in crate::bank) trait Task {
    /// What a candidate sees in addition to the stem.
    fn form(&self, shuffle: &mut Prng) -> Form;
    /// Whether the form depends on the random numbers.
    fn is_shuffled(&self) -> bool {
        false
    }
    /// Reads an answer, or says what shape is expected.
    fn read(&self, answer: &Value) -> Result<Answer, AnswerError>;
    /// Marks an answer that `read` returned. An answer of another kind earns nothing.
    fn mark(&self, answer: &Answer) -> Mark;
    /// An answer that earns all points, if there is one.
    fn solution(&self) -> Option<Answer>;
    /// The texts that an answer can consist of, right and wrong. There are none for a number, an order or prose.
    fn answers(&self) -> Vec<&str> {
        Vec::new()
    }
    /// The ids of the misconceptions that it names.
    fn misconceptions(&self) -> Vec<&str>;
}

/// What an answer earned, before it is converted to points.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) enum Mark {
    /// `part / whole` of the points, with feedback on the answer.
    Earned { part: u64, whole: u64, feedback: Vec<Feedback> },
    /// A person has to score it.
    ByReview,
}

impl Mark {
    pub(in crate::bank) fn all_or_nothing(right: bool, feedback: Vec<Feedback>) -> Self {
        Self::Earned { part: u64::from(right), whole: 1, feedback }
    }

    pub(in crate::bank) fn nothing() -> Self {
        Self::all_or_nothing(false, Vec::new())
    }

    /// The share of `right` parts out of `of`.
    pub(in crate::bank) fn count(right: usize, of: usize, feedback: Vec<Feedback>) -> Self {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Self::Earned { part: number(right), whole: number(of), feedback }
    }
}

/// Feedback on one part of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Feedback {
    /// The choice, left side or blank that it is about, or null if it is about the whole answer.
    pub choice: Option<String>,
    /// The text of the feedback, in Markdown.
    pub text: String,
    /// The same as safe HTML.
    pub html: String,
    /// The id of the misconception that this part of the answer stands for.
    pub misconception: Option<String>,
}

/// An author's feedback on a wrong part of an answer, or sometimes on a right one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::bank) struct Remark {
    pub(in crate::bank) feedback: Option<Markdown>,
    pub(in crate::bank) cause: Option<Cause>,
}

/// The reason why people give a wrong answer.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::bank) enum Cause {
    /// They have a misconception, which has this id.
    Misconception(String),
    /// They misread or miscalculated. No belief is behind it.
    Slip,
}

impl Remark {
    /// Feedback with the misconception that the wrong answer stands for.
    pub(in crate::bank) fn new(feedback: impl Into<String>, misconception: &str) -> Self {
        Self { feedback: Some(Markdown::new(feedback)), cause: Some(Cause::Misconception(misconception.to_owned())) }
    }

    /// Feedback that stands for no misconception.
    pub(in crate::bank) fn saying(feedback: &str) -> Self {
        Self { feedback: Some(Markdown::new(feedback)), cause: None }
    }

    pub(in crate::bank) fn read(table: &mut Table) -> Self {
        let feedback = table.optional_text("feedback");
        let misconception = table.optional_string("misconception", LINE_CHARS);
        let slip = table.flag("slip").unwrap_or(false);
        let cause = match misconception {
            Some(_) if slip => {
                table.mistake_at("slip", "there is a `misconception` and a `slip`: remove one");
                None
            }
            Some(id) => Some(Cause::Misconception(id)),
            None => slip.then_some(Cause::Slip),
        };
        Self { feedback, cause }
    }

    /// The id of the misconception that it names, if it names one.
    pub(in crate::bank) fn misconception(&self) -> Option<&str> {
        match &self.cause {
            Some(Cause::Misconception(id)) => Some(id),
            Some(Cause::Slip) | None => None,
        }
    }

    /// Notes a mistake if feedback or cause is missing although both are wanted.
    pub(in crate::bank) fn wanted(&self, table: &Table, what: &str) {
        if self.feedback.is_none() {
            table.mistake(format!("{what} has no feedback: add `feedback`, why it is wrong"));
        }
        if self.cause.is_none() && !(table.has("misconception") || table.has("slip")) {
            table.mistake(format!(
                "{what} names no misconception: add `misconception`, an id of misconceptions.toml, or `slip = true` for a mere slip"
            ));
        }
    }

    /// The feedback as it is shown, if there is any.
    pub(in crate::bank) fn about(&self, choice: Option<&str>) -> Option<Feedback> {
        if self.feedback.is_none() && self.misconception().is_none() {
            return None;
        }
        let text = self.feedback.clone().unwrap_or_default();
        Some(Feedback {
            choice: choice.map(str::to_owned),
            text: text.markdown().to_owned(),
            html: text.html().to_owned(),
            misconception: self.misconception().map(str::to_owned),
        })
    }
}
