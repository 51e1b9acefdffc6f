//! The kinds of questions.

use serde::{Deserialize, Serialize};

/// What kind of answer a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One of several choices.
    SingleChoice,
    /// Any of several choices.
    MultipleChoice,
    /// Whether a statement is true.
    TrueFalse,
    /// A number, with or without a unit.
    Numeric,
    /// A few words to type.
    ShortText,
    /// Left-hand sides to match with right-hand sides.
    Matching,
    /// Items to put in order.
    Ordering,
    /// Blanks of the stem to fill.
    FillIn,
    /// What a history of operations is, as a single choice.
    HistoryClassification,
    /// A text that a person scores.
    Essay,
}

impl Kind {
    /// Every kind with its name in files and in JSON.
    pub const ALL: [(&'static str, Self); 10] = [
        ("single_choice", Self::SingleChoice),
        ("multiple_choice", Self::MultipleChoice),
        ("true_false", Self::TrueFalse),
        ("numeric", Self::Numeric),
        ("short_text", Self::ShortText),
        ("matching", Self::Matching),
        ("ordering", Self::Ordering),
        ("fill_in", Self::FillIn),
        ("history_classification", Self::HistoryClassification),
        ("essay", Self::Essay),
    ];

    /// Its name in files and in JSON.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}
