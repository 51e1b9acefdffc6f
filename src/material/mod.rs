//! A team's own questions and prompts, in the format of the files under `questions/`: edited, checked by the same rules, versioned,
//! retired.
//!
//! What a team writes is exam material: it's in no list, no practice and no hint, and only attempts at the team's sets show it. The
//! name of an item is that of a question of the bank, with the team's slug in the place of the topic.
//!
//! A version is made when a source without mistakes is put in force, and stays for ever, since sets are published with it. A source
//! that still has mistakes can be kept as a draft, which no set can use.

pub(crate) mod api;
mod in_force;
pub(crate) mod pages;
mod parsed;
mod service;
mod store;
mod template;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use in_force::{InForce, Pinned, in_force};
pub(crate) use parsed::Parsed;
pub(crate) use service::{Material, Put};

use crate::bank::QuestionId;
use crate::clock::Timestamp;
use crate::db::text_enum;

/// Longest source of a question or a prompt, in characters.
const SOURCE_MAX_CHARS: usize = 65_536;
/// Most questions, and most prompts, of a team.
const ITEMS_MAX: i64 = 2000;

text_enum! {
    /// What an item of a team is.
    #[schema(as = MaterialKind)]
    pub enum Kind {
        /// A question, marked by its key.
        Question = "question",
        /// A design prompt, reviewed by a person.
        Prompt = "prompt",
    }
}

text_enum! {
    /// Where an item of a team stands.
    #[schema(as = MaterialState)]
    pub enum State {
        /// It was never in force.
        Draft = "draft",
        /// Sets can use it.
        Ready = "ready",
        /// No further set can use it; those that were published with it go on.
        Retired = "retired",
    }
}

/// An item of a team in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MaterialSummary)]
pub(crate) struct Summary {
    /// The name of the item, with the team's slug before the `/`.
    pub id: QuestionId,
    /// Its name on pages.
    pub title: String,
    /// Whether sets can use it.
    pub state: State,
    /// The version in force; null when none ever was.
    pub version: Option<String>,
    /// Whether there is a draft that differs from what is in force.
    pub has_draft: bool,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// Counts the changes: the `ETag`.
    #[serde(skip)]
    pub revision: i64,
}

/// An item of a team with its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Material)]
pub(crate) struct Item {
    /// As in the list.
    #[serde(flatten)]
    pub summary: Summary,
    /// The draft, if there is one; else the source of the version in force.
    pub source: String,
    /// All versions that were ever in force, the newest first.
    pub versions: Vec<ItemVersion>,
}

/// A version of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MaterialVersion)]
pub(crate) struct ItemVersion {
    /// Its place among the versions of the item, from 1.
    pub number: i32,
    /// The version: a hash of what can alter a score.
    pub version: String,
    /// When it was put in force first.
    pub made_at: Timestamp,
}

/// A source to be put in force, or to be kept as a draft.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MaterialSource)]
pub(crate) struct SourceRequest {
    /// The text of a question's or a prompt's file, of at most 65,536 characters.
    #[schema(min_length = 1, max_length = 65536)]
    pub source: String,
    /// Whether it's kept as a draft: it may have mistakes, and no set can use it.
    #[serde(default)]
    pub draft: bool,
}

/// A source to be looked at, of which nothing is kept.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MaterialPreview)]
pub(crate) struct PreviewRequest {
    /// The text of a question's or a prompt's file, of at most 65,536 characters.
    #[schema(min_length = 1, max_length = 65536)]
    pub source: String,
    /// The seed of the variant, from 0 to 2⁵³ − 1.
    #[serde(default)]
    pub seed: crate::bank::Seed,
}

/// What is to be copied from the bank.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MaterialCopy)]
pub(crate) struct CopyRequest {
    /// The id of a question or a prompt that everybody may see.
    pub from: QuestionId,
}

/// What became of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MaterialOutcome)]
pub(crate) struct Outcome {
    /// The item as it is now.
    #[serde(flatten)]
    pub summary: Summary,
    /// What is right by the rules, and worth a thought.
    pub warnings: Vec<String>,
}
