//! A person's record: the best that they have reached, everywhere.

pub mod api;
pub mod pages;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::attempts::AttemptResult;
use crate::bank::{Bank, Filter, Points, QuestionId};
use crate::id::AttemptId;
use crate::practice;
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
}

/// The best that a person has reached at a set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SetBest {
    /// The set's slug.
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
    /// Attempts that are over, this one included.
    pub attempts: usize,
}

/// What a person has reached in practising a topic.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TopicBest {
    /// The topic's slug.
    pub topic: String,
    /// The best scores at the questions that were answered, together.
    pub score: Points,
    /// The most that these could have earned.
    pub max_score: Points,
    /// Questions answered.
    pub answered: usize,
    /// Questions that the topic has.
    pub questions: usize,
}

/// The best of results that come the newest first, set by set.
fn best_of_sets(results: &[AttemptResult]) -> Vec<SetBest> {
    let mut best: BTreeMap<&str, SetBest> = BTreeMap::new();
    for result in results {
        let (Some(score), Some(max_score)) = (result.score, result.max_score) else { continue };
        let set = result.set.as_str();
        let attempts = best.get(set).map_or(0, |known| known.attempts) + 1;
        let better = best.get(set).is_none_or(|known| share(score, max_score) > share(known.score, known.max_score));
        if better {
            let (attempt, pending, passed) = (result.id, result.pending, result.passed);
            best.insert(set, SetBest { set: set.to_owned(), attempt, score, max_score, pending, passed, attempts });
        } else if let Some(known) = best.get_mut(set) {
            known.attempts = attempts;
        }
    }
    best.into_values().collect()
}

/// For comparing: what there is to earn may differ between attempts.
fn share(score: Points, max_score: Points) -> u64 {
    u64::from(score.thousandths()) * 1_000_000 / u64::from(max_score.thousandths()).max(1)
}

fn best_of_topics(bank: &Bank, answers: &[practice::Best]) -> Vec<TopicBest> {
    let topics = bank.topics().iter();
    topics
        .map(|topic| {
            let of_topic =
                |best: &&practice::Best| best.question.parse::<QuestionId>().is_ok_and(|id| *id.topic() == topic.slug);
            let mine: Vec<_> = answers.iter().filter(of_topic).collect();
            let filter = Filter { topic: Some(topic.slug.clone()), ..Filter::default() };
            TopicBest {
                topic: topic.slug.to_string(),
                score: mine.iter().map(|best| best.score).sum(),
                max_score: mine.iter().map(|best| best.max_score).sum(),
                answered: mine.len(),
                questions: bank.find(&filter).count(),
            }
        })
        .collect()
}
