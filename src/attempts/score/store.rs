//! What attempts have earned, summed up by the database.

use std::collections::BTreeMap;

use diesel::dsl::{case_when, min, sum};
use diesel::prelude::*;
use diesel::sql_types::Integer;

use crate::attempts::store::{AttemptRow, points};
use crate::attempts::{ItemKind, State};
use crate::bank::Points;
use crate::db::schema::{attempt_items as items, attempts};
use crate::db::{AnyConnection, Result};
use crate::id::{AttemptId, UserId};

/// What a closed attempt has earned.
pub(in crate::attempts) struct Sums {
    pub(in crate::attempts) attempt: AttemptRow,
    /// Whether an item is still to be graded or reviewed.
    pub(in crate::attempts) pending: bool,
    /// Sums over the items, in thousandths of a point: what is known to be earned, and what there is to earn.
    earned: (i64, i64),
    /// The least score of an item, and the least of what there is to earn for one.
    least: (i32, i32),
}

impl Sums {
    /// What is known to be earned, and what there is to earn.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::db::Error::Corrupt) when the score of an item is negative.
    pub(in crate::attempts) fn points(&self) -> Result<(Points, Points)> {
        // A sum may hide one that is negative.
        points(self.least.0).and_then(|_| points(self.least.1))?;
        Ok((points(self.earned.0)?, points(self.earned.1)?))
    }
}

type SumColumns = (AttemptId, Option<i64>, Option<i64>, Option<i32>, Option<i32>, Option<i64>);

/// What a person has earned in closed attempts, the newest first; at one set, or at all. The database does the sums, and one
/// statement says what is earned and whether something is pending, so a grade that is written meanwhile is in both or in
/// neither.
pub(in crate::attempts) fn sums(connection: &mut AnyConnection, user: UserId, set: Option<&str>) -> Result<Vec<Sums>> {
    let mut mine = attempts::table
        .filter(attempts::user_id.eq(user))
        .filter(attempts::state.eq(State::Submitted))
        .order(attempts::id.desc())
        .select(AttemptRow::as_select())
        .into_boxed();
    let waits = items::grading
        .gt(0)
        .or(items::score.is_null().and(items::kind.ne(ItemKind::Exercise).or(items::submissions.gt(0))));
    let mut of_items = items::table
        .inner_join(attempts::table)
        .filter(attempts::user_id.eq(user))
        .filter(attempts::state.eq(State::Submitted))
        .group_by(items::attempt_id)
        .select((
            items::attempt_id,
            sum(items::score),
            sum(items::max_score),
            min(items::score),
            min(items::max_score),
            sum(case_when(waits, 1_i32.into_sql::<Integer>()).otherwise(0_i32.into_sql::<Integer>())),
        ))
        .into_boxed();
    if let Some(set) = set {
        mine = mine.filter(attempts::set_slug.eq(set.to_owned()));
        of_items = of_items.filter(attempts::set_slug.eq(set.to_owned()));
    }
    // An attempt that ends between the two is in the second alone, and is left out.
    let rows: Vec<AttemptRow> = mine.load(connection)?;
    let of_items: Vec<SumColumns> = of_items.load(connection)?;
    let mut of_items: BTreeMap<_, _> = of_items.into_iter().map(|columns| (columns.0, columns)).collect();
    let sums = |attempt: AttemptRow| {
        let nothing = (attempt.id, None, None, None, None, None);
        let (_, score, max_score, least_score, least_max, waiting) = of_items.remove(&attempt.id).unwrap_or(nothing);
        let earned = (score.unwrap_or(0), max_score.unwrap_or(0));
        let least = (least_score.unwrap_or(0), least_max.unwrap_or(0));
        Sums { attempt, pending: waiting.unwrap_or(0) > 0, earned, least }
    };
    Ok(rows.into_iter().map(sums).collect())
}
