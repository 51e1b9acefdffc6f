//! Sets: those that come with the bank, those that teams make, and what one attempt at a set consists of.
//!
//! The built-in sets come from the bank. A team's set is a draft that is edited, and versions of it that were published and never
//! change. A plan is drawn once, when an attempt begins: pools, order and variants depend on
//! the attempt's seed alone, and never change after.

pub(crate) mod api;
mod definition;
mod form;
pub(crate) mod pages;
mod service;
pub(crate) mod set_ref;
mod store;
mod team_set;

pub(crate) use service::Sets;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::bank::{
    Bank, FeedbackPolicy, Navigation, Points, Prompt, Question, QuestionId, Seed, Set, SetEntry, SetItem, Slug,
};

/// What an exercise is worth in a set that does not say.
const EXERCISE_POINTS: Points = Points::from_thousandths(10_000);

/// A set as a candidate sees it before taking it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SetSummary)]
pub struct Summary {
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name on pages.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// Seconds that an attempt may take; none is no limit.
    pub time_limit_seconds: Option<u64>,
    /// The share of the points that passes.
    pub pass_mark: Option<f64>,
    /// How many attempts a candidate has; none is no limit.
    pub attempts: Option<u32>,
    /// How a candidate may move between items.
    pub navigation: Navigation,
    /// What is told afterwards.
    pub feedback: FeedbackPolicy,
    /// Its sections, in order.
    pub sections: Vec<SectionSummary>,
}

/// A section as a candidate sees it before.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SectionSummary {
    /// The name of the section.
    pub title: String,
    /// How many items it has.
    pub items: usize,
}

impl Summary {
    /// Summarises a set as the bank holds it.
    #[must_use]
    pub fn of(set: &Set) -> Self {
        Self {
            slug: set.slug.clone(),
            title: set.title.clone(),
            summary: set.summary.clone(),
            time_limit_seconds: set.time_limit.map(|limit| limit.as_secs()),
            pass_mark: set.pass_mark_thousandths.map(|thousandths| f64::from(thousandths) / 1000.0),
            attempts: set.attempts,
            navigation: set.navigation,
            feedback: set.feedback,
            sections: set
                .sections
                .iter()
                .map(|section| SectionSummary {
                    title: section.title.clone(),
                    items: section.items.iter().map(|item| size(&item.what)).sum(),
                })
                .collect(),
        }
    }
}

const fn size(entry: &SetEntry) -> usize {
    match entry {
        SetEntry::Pool(pool) => pool.count,
        SetEntry::Question(_) | SetEntry::Exercise(_) | SetEntry::Prompt(_) => 1,
    }
}

/// One item of an attempt, drawn.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The section that it stands in.
    pub section: String,
    /// What the item asks for.
    pub what: Asked,
    /// The seed that chooses the question's variant.
    pub seed: Seed,
    /// The largest score that the item can earn.
    pub max_score: Points,
}

/// What an item asks for.
#[derive(Debug, Clone)]
pub enum Asked {
    /// A question of the bank.
    Question(Arc<Question>),
    /// A design prompt, which a person reviews.
    Prompt(Arc<Prompt>),
    /// An exercise, by its slug.
    Exercise(Slug),
}

/// Draws the items of an attempt: the same ones for the same set, bank and seed. What the bank no longer holds is left
/// out; the bank's check has said so.
#[must_use]
pub fn plan(set: &Set, bank: &Bank, seed: Seed) -> Vec<Planned> {
    let mut taken: Vec<QuestionId> = named_questions(set);
    let mut items = Vec::new();
    for (index, section) in (0_u32..).zip(&set.sections) {
        let seed = seed.part(index);
        let mut drawn: Vec<_> = (0_u32..)
            .zip(&section.items)
            .flat_map(|(index, item)| draw(item, bank, seed.part(index), &mut taken))
            .map(|(what, max_score)| (section.title.clone(), what, max_score))
            .collect();
        if set.shuffle {
            seed.shuffle(&mut drawn);
        }
        items.extend(drawn);
    }
    (0_u32..)
        .zip(items)
        .map(|(index, (section, what, max_score))| Planned { section, what, seed: seed.part(1000 + index), max_score })
        .collect()
}

/// A pool never draws what the set asks for by name.
fn named_questions(set: &Set) -> Vec<QuestionId> {
    let items = set.sections.iter().flat_map(|section| &section.items);
    items
        .filter_map(|item| match &item.what {
            SetEntry::Question(id) => Some(id.clone()),
            _ => None,
        })
        .collect()
}

fn draw(item: &SetItem, bank: &Bank, seed: Seed, taken: &mut Vec<QuestionId>) -> Vec<(Asked, Points)> {
    match &item.what {
        SetEntry::Question(id) => bank
            .with_exam_material()
            .question(id)
            .map(|question| (Asked::Question(Arc::clone(question)), item.points.unwrap_or(question.points())))
            .into_iter()
            .collect(),
        SetEntry::Pool(pool) => {
            let drawn = bank.draw(pool, seed, taken);
            taken.extend(drawn.iter().map(|question| question.id().clone()));
            drawn
                .into_iter()
                .map(|question| {
                    let points = item.points.unwrap_or(question.points());
                    (Asked::Question(question), points)
                })
                .collect()
        }
        SetEntry::Exercise(slug) => vec![(Asked::Exercise(slug.clone()), item.points.unwrap_or(EXERCISE_POINTS))],
        SetEntry::Prompt(id) => bank
            .with_exam_material()
            .prompt(id)
            .map(|prompt| (Asked::Prompt(Arc::clone(prompt)), item.points.unwrap_or(prompt.points())))
            .into_iter()
            .collect(),
    }
}
