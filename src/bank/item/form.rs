//! What a candidate sees beside the stem. Nothing here can hold a key.

use serde::Serialize;

use crate::bank::markdown::Markdown;

/// The choices, items or blanks to choose, match, order or fill.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Form {
    /// What a single_choice, a multiple_choice and a history_classification show.
    Choices {
        /// The choices, in the order in which to show them.
        choices: Vec<Labelled>,
    },
    /// What a numeric shows.
    Numeric {
        /// The unit of a number without a unit.
        unit: Option<&'static str>,
        /// Every unit that an answer may use.
        units: Vec<&'static str>,
    },
    /// What a matching shows.
    Matching {
        /// What is to be matched.
        left: Vec<Labelled>,
        /// What it is matched with; some may match nothing.
        right: Vec<Labelled>,
    },
    /// What an ordering shows.
    Ordering {
        /// The items, shuffled, and never in the right order.
        items: Vec<Labelled>,
    },
    /// What a fill_in shows.
    FillIn {
        /// The blanks of the stem.
        blanks: Vec<Blank>,
    },
    /// What a short_text and an essay show.
    Text {
        /// The largest number of characters in an answer.
        max_length: usize,
    },
    /// true_false: the stem says it all.
    Statement {},
}

/// A choice, a side of a pair or an item to put in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Labelled {
    /// The id by which answers name it.
    pub id: String,
    /// What it says, in Markdown.
    pub text: String,
    /// The same as safe HTML for the inside of a line.
    pub html: String,
}

impl Labelled {
    pub(in crate::bank) fn new(id: &str, text: &Markdown) -> Self {
        Self { id: id.to_owned(), text: text.markdown().to_owned(), html: text.inline_html().to_owned() }
    }
}

/// A blank of a fill_in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Blank {
    /// The id by which answers and the stem name it.
    pub id: String,
    /// The texts that it can be filled with, or null for any text.
    pub choices: Option<Vec<String>>,
}
