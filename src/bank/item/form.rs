//! What a candidate sees beside the stem. Nothing here can hold a key.

use serde::Serialize;

use crate::bank::text::Text;

/// What there is to choose, match, order or fill.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Form {
    /// single_choice, multiple_choice, history_classification.
    Choices {
        /// In the order to show.
        choices: Vec<Labelled>,
    },
    /// numeric.
    Numeric {
        /// The unit of a bare number.
        unit: Option<&'static str>,
        /// Every unit that an answer may use.
        units: Vec<&'static str>,
    },
    /// matching.
    Matching {
        /// What is to be matched.
        left: Vec<Labelled>,
        /// What it is matched with; some may match nothing.
        right: Vec<Labelled>,
    },
    /// ordering.
    Ordering {
        /// Shuffled.
        items: Vec<Labelled>,
    },
    /// fill_in.
    FillIn {
        /// The blanks of the stem.
        blanks: Vec<Blank>,
    },
    /// short_text, essay.
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
    /// Markdown.
    pub text: String,
    /// The same as safe HTML for the inside of a line.
    pub html: String,
}

impl Labelled {
    pub(in crate::bank) fn new(id: &str, text: &Text) -> Self {
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
