//! A person's record: the best that they have reached, everywhere.

pub mod api;
pub mod pages;

use serde::Serialize;
use utoipa::ToSchema;

use crate::submissions::Best;

/// Everything that a person has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Record {
    /// The best at each exercise, by slug.
    pub exercises: Vec<Best>,
}
