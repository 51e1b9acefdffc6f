//! A set of a team, as its members see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::definition::SetDefinition;
use crate::bank::{Points, Seed, Variant};
use crate::clock::Timestamp;
use crate::error::Field;
use crate::id::{SetId, TeamId};

/// Where a team's set stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TeamSetState)]
pub(crate) enum State {
    /// It was never published.
    Draft,
    /// The draft is what was published last.
    Published,
    /// The draft differs from what was published last.
    Edited,
}

/// A set of a team in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct TeamSetSummary {
    /// The id of the set, prefixed `set_`.
    pub(crate) id: SetId,
    /// The name of the set on pages.
    pub(crate) title: String,
    /// The last version that was published; 0 before the first.
    pub(crate) version: i32,
    /// Whether the draft differs from that version.
    pub(crate) state: State,
    /// When it was changed last.
    pub(crate) changed_at: Timestamp,
}

/// A set of a team: the draft, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct TeamSet {
    /// The id of the set, prefixed `set_`.
    pub(crate) id: SetId,
    /// The id of its team.
    pub(crate) team: TeamId,
    /// The last version that was published; 0 before the first.
    pub(crate) version: i32,
    /// Whether the draft differs from that version.
    pub(crate) state: State,
    /// When it was changed last.
    pub(crate) changed_at: Timestamp,
    /// What keeps the draft from being published, each at its place in `definition`.
    pub(crate) problems: Vec<Field>,
    /// What each pool of the draft draws from.
    pub(crate) pools: Vec<PoolFacts>,
    /// The draft itself, key by key.
    pub(crate) definition: SetDefinition,
    /// Counts the changes of the draft: the `ETag`.
    #[serde(skip)]
    pub(crate) revision: i64,
}

/// What a pool draws from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PoolFacts {
    /// The pool's place in `definition`.
    pub(crate) pointer: String,
    /// How many questions are drawn.
    pub(crate) draws: usize,
    /// How many questions match.
    pub(crate) matching: usize,
    /// How many of those everybody can practise, with their keys.
    pub(crate) in_practice: usize,
}

/// The seed of a preview.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = SetPreviewRequest)]
pub(crate) struct PreviewRequest {
    /// Chooses what pools draw, the order and the variants, as an attempt's own would.
    pub(crate) seed: Seed,
}

/// What one attempt at a draft would ask. Nothing of it is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SetPreview)]
pub(crate) struct Preview {
    /// The seed that it was drawn with.
    pub(crate) seed: Seed,
    /// The items in their order.
    pub(crate) items: Vec<PreviewItem>,
    /// The points that there are to earn.
    pub(crate) max_score: Points,
}

/// One item of a preview.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SetPreviewItem)]
pub(crate) struct PreviewItem {
    /// The place, from 1.
    pub(crate) position: usize,
    /// The section that it stands in.
    pub(crate) section: String,
    /// `question`, `prompt` or `exercise`.
    pub(crate) kind: &'static str,
    /// The id of the question or the prompt, or the slug of the exercise.
    pub(crate) name: String,
    /// Its name on pages.
    pub(crate) title: String,
    /// The points that it is worth.
    pub(crate) max_score: Points,
    /// A question's variant, as the candidate would see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<Variant>,
}
