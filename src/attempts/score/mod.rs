//! What an attempt earned as a whole, as far as its set tells.

pub(super) mod store;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;
use utoipa::ToSchema;

use self::store::Sums;
use super::load;
use super::store::AttemptRow;
use super::unreadable::or_logged;
use crate::bank::{Bank, FeedbackPolicy, Points, Set, Slug};
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::id::AttemptId;

/// The score of an attempt that has ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttemptScore {
    /// The id of the attempt, prefixed `att_`.
    pub id: AttemptId,
    /// The slug of the set.
    #[schema(value_type = String)]
    pub set: Slug,
    /// The name of the set on pages.
    pub title: String,
    /// How much the set tells its candidates.
    pub feedback: FeedbackPolicy,
    /// When the attempt ended.
    pub submitted_at: Option<Timestamp>,
    /// Points so far; null when the set does not tell.
    pub score: Option<Points>,
    /// The most that could be earned; null when the set does not tell.
    pub max_score: Option<Points>,
    /// Whether something is still to be graded or reviewed, so that the score may grow.
    pub pending: bool,
    /// Whether the score reaches the set's pass mark; null when it has none, does not tell, or is pending.
    pub passed: Option<bool>,
}

impl AttemptScore {
    pub(super) fn of(row: &AttemptRow, set: &Set, score: Points, max_score: Points, pending: bool) -> Self {
        let told = set.feedback != FeedbackPolicy::Never;
        let passed = set.pass_mark_thousandths.map(|mark| score >= max_score.share(u64::from(mark), 1000));
        Self {
            id: row.id,
            set: set.slug.clone(),
            title: set.title.clone(),
            feedback: set.feedback,
            submitted_at: row.closed_at(),
            score: told.then_some(score),
            max_score: told.then_some(max_score),
            pending,
            passed: passed.filter(|_| told && !pending),
        }
    }
}

/// The scores of closed attempts. One that can't be read back is logged and left out, and the others are returned.
///
/// # Errors
/// 500 `internal` when the database fails.
pub(super) fn of_all(c: &mut AnyConnection, bank: &Bank, sums: Vec<Sums>) -> Result<Vec<AttemptScore>> {
    let mut sets = Sets::default();
    let mut scores = Vec::with_capacity(sums.len());
    for sums in &sums {
        scores.extend(or_logged(sets.score(c, bank, sums), sums.attempt.id)?);
    }
    Ok(scores)
}

/// Sets in the versions that attempts began with, each read once.
#[derive(Default)]
struct Sets(BTreeMap<(String, String), Set>);

impl Sets {
    fn score(&mut self, c: &mut AnyConnection, bank: &Bank, sums: &Sums) -> Result<AttemptScore> {
        let (score, max_score) = sums.points()?;
        let version = (sums.attempt.set_slug.clone(), sums.attempt.set_version.clone());
        let set = match self.0.entry(version) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(load::set(c, bank, &sums.attempt)?),
        };
        Ok(AttemptScore::of(&sums.attempt, set, score, max_score, sums.pending))
    }
}
