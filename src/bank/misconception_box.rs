//! A misconception as the template `misconception` shows it.

use serde::Serialize;

use super::topic::Misconception;

/// What people believe, what is true instead, and a source, for the template `misconception`.
#[derive(Debug, Clone, Serialize)]
pub struct MisconceptionBox {
    id: String,
    topic: String,
    belief: String,
    correction: String,
    source: String,
}

impl MisconceptionBox {
    /// The box of a misconception, with its texts as safe HTML.
    #[must_use]
    pub fn of(misconception: &Misconception) -> Self {
        Self {
            id: misconception.id.to_string(),
            topic: misconception.topic.to_string(),
            belief: misconception.belief.inline_html().to_owned(),
            correction: misconception.correction.inline_html().to_owned(),
            source: misconception.source.clone(),
        }
    }
}
