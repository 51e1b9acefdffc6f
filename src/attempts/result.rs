//! What an attempt earned, told as far as its set's feedback policy allows.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Item;
use super::load::{Loaded, LoadedItem, seed};
use super::score::AttemptScore;
use crate::bank::{Answer, Bank, Feedback, FeedbackPolicy, Points};
use crate::sets::Asked;

/// The result of an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptResult {
    /// The attempt as a whole.
    #[serde(flatten)]
    pub total: AttemptScore,
    /// Item by item; empty when the set does not tell.
    pub items: Vec<ItemResult>,
}

/// The result of one item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemResult {
    /// From 1.
    pub position: i32,
    /// Points; null while they are not known.
    pub score: Option<Points>,
    /// The largest score.
    pub max_score: Points,
    /// Whether it is still to be graded or reviewed.
    pub pending: bool,
    /// What was asked and answered, the key and what is said about it; only where the set's feedback is `after_submit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<ItemReview>,
}

/// All that is told of an item afterwards.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemReview {
    /// As it was shown.
    pub item: Item,
    /// Whether everything was earned.
    pub correct: Option<bool>,
    /// An answer that earns everything.
    #[schema(value_type = Option<Object>)]
    pub solution: Option<Value>,
    /// What is said about parts of the answer.
    pub feedback: Vec<Feedback>,
    /// Why the key is the key, as safe HTML.
    pub explanation_html: Option<String>,
    /// Where the facts come from.
    pub sources: Vec<String>,
    /// Misconceptions that the answer shows.
    pub misconceptions: Vec<Misconception>,
}

/// A misconception that an answer shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Misconception {
    /// Its id.
    pub id: String,
    /// What people believe, as safe HTML.
    pub belief_html: String,
    /// Why it is wrong, as safe HTML.
    pub correction_html: String,
}

pub(super) fn of(loaded: &Loaded, bank: &Bank) -> AttemptResult {
    let score: Points = loaded.items.iter().filter_map(|item| item.row.points()).sum();
    let max_score: Points = loaded.items.iter().map(|item| item.row.max_points()).sum();
    let pending = loaded.items.iter().any(is_pending);
    let of_item = |item| of_item(item, bank, loaded.set.feedback == FeedbackPolicy::AfterSubmit);
    AttemptResult {
        total: AttemptScore::of(&loaded.row, &loaded.set, score, max_score, pending),
        items: match loaded.set.feedback {
            FeedbackPolicy::Never => Vec::new(),
            FeedbackPolicy::AfterSubmit | FeedbackPolicy::ScoreOnly => loaded.items.iter().map(of_item).collect(),
        },
    }
}

/// A question is marked when the attempt ends, unless a person has to; an exercise while a submission is being graded.
fn is_pending(item: &LoadedItem) -> bool {
    match &item.asked {
        Asked::Exercise(_) => item.row.grading > 0,
        Asked::Question(_) | Asked::Prompt(_) => item.row.score.is_none(),
    }
}

fn of_item(item: &LoadedItem, bank: &Bank, with_review: bool) -> ItemResult {
    ItemResult {
        position: item.row.position,
        score: item.row.points(),
        max_score: item.row.max_points(),
        pending: is_pending(item),
        review: with_review.then(|| review(item, bank)),
    }
}

fn review(item: &LoadedItem, bank: &Bank) -> ItemReview {
    let mut review = ItemReview {
        item: item.shown(),
        correct: None,
        solution: None,
        feedback: Vec::new(),
        explanation_html: None,
        sources: Vec::new(),
        misconceptions: Vec::new(),
    };
    if let Asked::Question(question) = &item.asked {
        let instance = question.instance(seed(&item.row));
        let answer = item.answer().and_then(|answer| instance.read_answer(answer).ok()?);
        if let Some(answer) = answer {
            let marked = instance.mark_out_of(&answer, item.row.max_points());
            review.correct = marked.correct;
            review.misconceptions = marked.feedback.iter().filter_map(|said| named(said, bank)).collect();
            review.feedback = marked.feedback;
        }
        review.solution = instance.solution().map(|solution: Answer| solution.to_json());
        review.explanation_html = Some(instance.explanation().html().to_owned());
        review.sources = question.sources().to_vec();
    }
    review
}

fn named(feedback: &Feedback, bank: &Bank) -> Option<Misconception> {
    let known = bank.misconception(feedback.misconception.as_ref()?)?;
    Some(Misconception {
        id: known.id.to_string(),
        belief_html: known.belief.inline_html().to_owned(),
        correction_html: known.correction.inline_html().to_owned(),
    })
}
