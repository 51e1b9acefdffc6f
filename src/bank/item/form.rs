//! What a candidate sees beside the stem. Nothing here can hold a key.

use serde::Serialize;

use crate::bank::markdown::Markdown;

/// What there is to choose, match, order or fill.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Form {
    /// What a single_choice, a multiple_choice and a history_classification show.
    Choices {
        /// In the order to show.
        choices: Vec<Labelled>,
    },
    /// What a numeric shows.
    Numeric {
        /// The unit of a bare number.
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
        /// Characters that an answer may have.
        max_length: usize,
    },
    /// true_false: the stem says it all.
    Statement {},
}

/// Something to choose, match or put in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Labelled {
    /// What an answer calls it.
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
    /// What an answer and the stem call it.
    pub id: String,
    /// What it may be filled with; anything when there is no list.
    pub choices: Option<Vec<String>>,
}
