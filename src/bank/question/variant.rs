//! A variant of a question as candidates see it. Nothing here can contain a key.

use serde::Serialize;

use super::seed::Seed;
use super::version::Version;
use crate::bank::item::{Form, Kind};
use crate::bank::points::Points;
use crate::bank::slug::QuestionId;

/// A variant of a question with the seed that makes it again, for practice. An attempt shows the variant without its seed, from which
/// practice would tell the key.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PracticeVariant {
    /// The seed that it was made from; an answer names it.
    pub seed: Seed,
    /// The question as this seed makes it; its fields stand beside `seed` in the JSON.
    #[serde(flatten)]
    pub variant: Variant,
}

/// One variant of a question, as a candidate sees it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Variant {
    /// The id of the question, `topic/slug`.
    pub id: QuestionId,
    /// The version of the question.
    pub version: Version,
    /// Its name on pages.
    pub title: String,
    /// The kind of answer that is expected.
    pub kind: Kind,
    /// The difficulty, from 1 to 5.
    pub difficulty: u8,
    /// The stem in Markdown. In a fill_in it holds `{{1}}`, `{{2}}` … where the blanks are.
    pub stem: String,
    /// The stem as safe HTML, with the same placeholders for blanks.
    pub stem_html: String,
    /// The choices, items or blanks to choose, match, order or fill.
    #[serde(flatten)]
    pub form: Form,
    /// What each hint costs, in points; their texts come one by one, when asked for.
    pub hint_costs: Vec<Points>,
    /// The points for a completely right answer without hints.
    pub max_score: Points,
}
