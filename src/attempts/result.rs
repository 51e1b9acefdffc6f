//! What an attempt earned, told as far as its set's feedback policy allows.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Item;
use super::load::{Content, Loaded, LoadedItem};
use super::score::AttemptScore;
use super::store::ItemRow;
use super::unreadable::{or_caught, or_logged};
use crate::bank::{self, Answer, Feedback, FeedbackPolicy, Points, Question};
use crate::error::{Error, Result};
use crate::id::SubmissionId;
use crate::sets::Asked;

/// The result of an attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptResult {
    /// What the attempt earned as a whole.
    #[serde(flatten)]
    pub total: AttemptScore,
    /// Item by item; empty when the set does not tell.
    pub items: Vec<ItemResult>,
}

/// The result of one item.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemResult {
    /// The item's place in the attempt, from 1.
    pub position: i32,
    /// The points that it earned; null while they are not known.
    pub score: Option<Points>,
    /// The most points that it can earn.
    pub max_score: Points,
    /// Whether it is still to be graded or reviewed, or waits to be readable again.
    pub pending: bool,
    /// Whether it can't be read back at the moment, which is a fault of the service. An item that had no score yet gets it when
    /// it can be read again.
    pub unreadable: bool,
    /// For an exercise, the submission that its score comes from: the first of those that earned the most. It isn't there while
    /// nothing has been graded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<CountedSubmission>,
    /// What was asked and answered, the key and what is said about it; only where the set's feedback is `after_submit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<ItemReview>,
}

/// The submission that the score of an exercise comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CountedSubmission {
    /// The id of the submission, prefixed `sub_`.
    pub id: SubmissionId,
    /// A hash over everything of the exercise that can change a score, as it was when the submission was graded.
    pub package_version: Option<String>,
}

/// All that is told of an item afterwards.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItemReview {
    /// The item as it was shown.
    pub item: Item,
    /// Whether everything was earned.
    pub correct: Option<bool>,
    /// An answer that earns everything.
    #[schema(value_type = Option<Object>)]
    pub solution: Option<Value>,
    /// Whether the words of the time when the attempt began were kept with it. Where they weren't, title, remarks, explanation,
    /// sources and misconceptions are about the same version of the question, in words that may be of another time.
    pub wording_kept: bool,
    /// What is said about parts of the answer.
    pub feedback: Vec<Feedback>,
    /// Why the key is the key, as safe HTML.
    pub explanation_html: Option<String>,
    /// Where the facts of the explanation come from.
    pub sources: Vec<String>,
    /// The misconceptions that the answer shows.
    pub misconceptions: Vec<Misconception>,
    /// The same, for the page.
    #[serde(skip)]
    pub named: Vec<bank::Misconception>,
}

/// A misconception that an answer shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Misconception {
    /// The id that the feedback names.
    pub id: String,
    /// What people believe, as safe HTML.
    pub belief_html: String,
    /// Why it is wrong, as safe HTML.
    pub correction_html: String,
}

impl Misconception {
    fn of(known: &bank::Misconception) -> Self {
        Self {
            id: known.id.to_string(),
            belief_html: known.belief.inline_html().to_owned(),
            correction_html: known.correction.inline_html().to_owned(),
        }
    }
}

/// What an attempt that has ended earned, as far as its set tells.
///
/// # Errors
/// 500 `internal` when what an item is worth or has earned can't be read back, so that nobody knows the whole.
pub(super) fn of(loaded: &Loaded) -> Result<AttemptResult> {
    let (mut score, mut max_score) = (Points::ZERO, Points::ZERO);
    for item in &loaded.items {
        score = score.plus(item.row.points()?.unwrap_or(Points::ZERO));
        max_score = max_score.plus(item.row.max_points()?);
    }
    let pending = loaded.items.iter().any(|item| item.row.is_pending());
    let of_item = |item| of_item(item, loaded.set.feedback == FeedbackPolicy::AfterSubmit);
    Ok(AttemptResult {
        total: AttemptScore::of(&loaded.row, &loaded.set, score, max_score, pending),
        items: match loaded.set.feedback {
            FeedbackPolicy::Never => Vec::new(),
            FeedbackPolicy::AfterSubmit | FeedbackPolicy::ScoreOnly => {
                loaded.items.iter().map(of_item).collect::<Result<_>>()?
            }
        },
    })
}

fn of_item(item: &LoadedItem, with_review: bool) -> Result<ItemResult> {
    let row = &item.row;
    let counted = or_logged(row.counted(), row.attempt_id)?.flatten();
    let review = match &item.content {
        Some(content) if with_review => or_logged(or_caught(|| review(item, content)), row.attempt_id)?,
        _ => None,
    };
    Ok(ItemResult {
        position: row.position,
        score: row.points()?,
        max_score: row.max_points()?,
        pending: row.is_pending(),
        unreadable: item.content.is_none() || (with_review && review.is_none()),
        counted: counted.map(|id| CountedSubmission { id, package_version: row.counted_version.clone() }),
        review,
    })
}

fn review(item: &LoadedItem, content: &Content) -> Result<ItemReview> {
    let mut review = ItemReview {
        item: item.shown()?,
        correct: None,
        solution: None,
        wording_kept: true,
        feedback: Vec::new(),
        explanation_html: None,
        sources: Vec::new(),
        misconceptions: Vec::new(),
        named: Vec::new(),
    };
    if let Asked::Question(question) = &content.asked {
        review_question(&mut review, &item.row, content, question)?;
    }
    Ok(review)
}

fn review_question(review: &mut ItemReview, row: &ItemRow, content: &Content, question: &Question) -> Result<()> {
    let instance = question.instance(content.seed);
    review.solution = instance.solution().map(|solution: Answer| solution.to_json());
    review.wording_kept = row.wording.is_some();
    let answer = content.answer().map(|answer| instance.read_answer(answer)).transpose();
    let answer = answer.map_err(|error| Error::corrupt("a saved answer", error.detail))?.flatten();
    if let Some(answer) = answer {
        let marked = instance.mark_out_of(&answer, row.max_points()?);
        (review.correct, review.feedback) = (marked.correct, marked.feedback);
    }
    let names = |known: &&bank::Misconception| {
        review.feedback.iter().any(|said| said.misconception.as_deref() == Some(known.id.as_str()))
    };
    review.named = content.misconceptions.iter().filter(names).cloned().collect();
    review.misconceptions = review.named.iter().map(Misconception::of).collect();
    review.explanation_html = Some(instance.explanation().html().to_owned());
    review.sources = question.sources().to_vec();
    Ok(())
}
