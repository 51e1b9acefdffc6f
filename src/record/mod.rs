//! A person's record: the best that they have reached, everywhere.

pub(crate) mod api;
mod erase;
mod export;
pub(crate) mod pages;
mod service;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use service::Records;

use crate::attempts::AttemptScore;
use crate::bank::{Points, QuestionId};
use crate::id::AttemptId;
use crate::submissions::Best;

/// Everything that a person has reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Record {
    /// The best at each exercise, by slug.
    pub exercises: Vec<Best>,
    /// The best at each set that was taken to its end and tells its scores, by slug.
    pub sets: Vec<SetBest>,
    /// Practice in each topic, in the order of the curriculum.
    pub topics: Vec<TopicBest>,
    /// What the attempts that have ended earned, the newest first, for the page.
    #[serde(skip)]
    pub attempts: Vec<AttemptScore>,
}

/// The best that a person has reached at a set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SetBest {
    /// The slug of the set.
    pub set: String,
    /// The attempt that reached it; the newest of equals.
    pub attempt: AttemptId,
    /// Points earned so far.
    pub score: Points,
    /// Points to be had.
    pub max_score: Points,
    /// Whether something is still to be graded or reviewed.
    pub pending: bool,
    /// Whether it reaches the set's pass mark; null when there is none, or it is pending.
    pub passed: Option<bool>,
    /// Attempts that have ended and tell their scores, this one included.
    pub attempts: usize,
    /// The set's name on pages.
    #[serde(skip)]
    pub title: String,
}

/// What a person has reached in practising a topic.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopicBest {
    /// The slug of the topic.
    pub topic: String,
    /// The best scores at the questions that were answered, together.
    pub score: Points,
    /// The most that these could have earned.
    pub max_score: Points,
    /// Questions of the topic that were answered.
    pub answered: usize,
    /// Questions that the topic has.
    pub questions: usize,
    /// The topic's name on pages.
    #[serde(skip)]
    pub title: String,
    /// The easiest question that was not answered yet.
    #[serde(skip)]
    pub next: Option<QuestionId>,
}
