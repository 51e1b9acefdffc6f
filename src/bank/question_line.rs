//! A question as lists of pages show it, in one line.

use serde::Serialize;

use super::item::Kind;
use super::question::Question;

/// A question in a list.
#[derive(Debug, Clone, Serialize)]
pub struct QuestionLine {
    href: String,
    title: String,
    kind: &'static str,
    difficulty: u8,
    points: String,
}

impl QuestionLine {
    /// The title of the question.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Creates the line of one question.
    #[must_use]
    pub fn of(question: &Question) -> Self {
        Self {
            href: format!("/practice/{}", question.id()),
            title: question.title().to_owned(),
            kind: kind(question),
            difficulty: question.difficulty(),
            points: question.points().to_string(),
        }
    }
}

/// The name of a question's kind on pages.
fn kind(question: &Question) -> &'static str {
    match question.kind() {
        Kind::SingleChoice => "one choice",
        Kind::MultipleChoice => "several choices",
        Kind::TrueFalse => "true or false",
        Kind::Numeric => "number",
        Kind::ShortText => "short text",
        Kind::Matching => "matching",
        Kind::Ordering => "ordering",
        Kind::FillIn => "fill in",
        Kind::HistoryClassification => "history",
        Kind::Essay => "essay",
    }
}
