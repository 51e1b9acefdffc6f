//! What a candidate sees of a variant. Nothing here can hold a key.

use serde::Serialize;

use super::{Kind, Seed, Version};
use crate::bank::points::Points;
use crate::bank::slug::QuestionId;
use crate::bank::text::Text;

/// One variant of a question, as a candidate sees it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Variant {
    /// `topic/slug`.
    pub id: QuestionId,
    /// The version of the question.
    pub version: Version,
    /// The seed that it was made from.
    pub seed: Seed,
    /// What kind of answer is wanted.
    pub kind: Kind,
    /// From 1 to 5.
    pub difficulty: u8,
    /// The stem in Markdown. In a fill_in it holds `{{1}}`, `{{2}}` … where the blanks are.
    pub stem: String,
    /// The stem as safe HTML, with the same marks for blanks.
    pub stem_html: String,
    /// What there is to choose, match, order or fill.
    #[serde(flatten)]
    pub form: Form,
    /// What each hint costs, in points; their texts come one by one, when asked for.
    pub hint_costs: Vec<Points>,
    /// The largest score.
    pub max_score: Points,
}

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
    pub(super) fn new(id: &str, text: &Text) -> Self {
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
