//! Attempts, their items and responses in the database.

use diesel::prelude::*;
use serde_json::Value;

use super::{ItemKind, Response, State, Summary};
use crate::bank::Points;
use crate::clock::Timestamp;
use crate::db::schema::{attempt_items as items, attempts, bank_sources, responses};
use crate::db::{AnyConnection, Result, each_database};
use crate::id::{AttemptId, UserId};

/// Attempts that a list shows at the most; a person has a few dozen.
const LISTED: i64 = 500;

/// An attempt as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attempts)]
pub(super) struct AttemptRow {
    pub(super) id: AttemptId,
    pub(super) user_id: UserId,
    pub(super) set_slug: String,
    pub(super) set_version: String,
    pub(super) state: State,
    pub(super) started_at: Timestamp,
    pub(super) deadline: Option<Timestamp>,
    pub(super) submitted_at: Option<Timestamp>,
}

impl From<AttemptRow> for Summary {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: row.id,
            set: row.set_slug,
            state: row.state,
            started_at: row.started_at,
            deadline: row.deadline,
            submitted_at: row.submitted_at,
        }
    }
}

/// An item as it is kept. Scores are in thousandths of a point.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = items)]
pub(super) struct ItemRow {
    pub(super) attempt_id: AttemptId,
    pub(super) position: i32,
    pub(super) section: String,
    pub(super) kind: ItemKind,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) seed: i64,
    pub(super) max_score: i32,
    pub(super) score: Option<i32>,
    pub(super) grading: i32,
}

impl ItemRow {
    pub(super) fn max_points(&self) -> Points {
        points(self.max_score)
    }

    pub(super) fn points(&self) -> Option<Points> {
        self.score.map(points)
    }
}

fn points(thousandths: i32) -> Points {
    Points::from_thousandths(u32::try_from(thousandths).unwrap_or(0))
}

/// Points as a column holds them.
pub(super) fn thousandths(points: Points) -> i32 {
    i32::try_from(points.thousandths()).unwrap_or(i32::MAX)
}

/// A text that an attempt began with.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = bank_sources)]
pub(super) struct SourceRow {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) source: String,
}

pub(super) fn insert(
    connection: &mut AnyConnection,
    attempt: &AttemptRow,
    rows: &[ItemRow],
    sources: &[SourceRow],
) -> Result<()> {
    diesel::insert_into(attempts::table).values(attempt).execute(connection)?;
    each_database!(connection, c => {
        for source in sources {
            diesel::insert_into(bank_sources::table).values(source).on_conflict_do_nothing().execute(c)?;
        }
        diesel::insert_into(items::table).values(rows).execute(c)?;
    });
    Ok(())
}

/// How many attempts a person has begun at a set.
pub(super) fn count(connection: &mut AnyConnection, user: UserId, set: &str) -> Result<i64> {
    let mine = attempts::table.filter(attempts::user_id.eq(user)).filter(attempts::set_slug.eq(set));
    Ok(mine.count().get_result(connection)?)
}

/// A person's attempts, the newest first.
pub(super) fn of_user(connection: &mut AnyConnection, user: UserId) -> Result<Vec<AttemptRow>> {
    let mine = attempts::table.filter(attempts::user_id.eq(user)).order(attempts::id.desc()).limit(LISTED);
    Ok(mine.select(AttemptRow::as_select()).load(connection)?)
}

/// A person's attempt.
pub(super) fn find(connection: &mut AnyConnection, id: AttemptId, user: UserId) -> Result<Option<AttemptRow>> {
    let mine = attempts::table.find(id).filter(attempts::user_id.eq(user)).select(AttemptRow::as_select());
    Ok(mine.first(connection).optional()?)
}

pub(super) fn items(connection: &mut AnyConnection, attempt: AttemptId) -> Result<Vec<ItemRow>> {
    let all = items::table.filter(items::attempt_id.eq(attempt)).order(items::position);
    Ok(all.select(ItemRow::as_select()).load(connection)?)
}

pub(super) fn item(connection: &mut AnyConnection, attempt: AttemptId, position: i32) -> Result<Option<ItemRow>> {
    Ok(items::table.find((attempt, position)).select(ItemRow::as_select()).first(connection).optional()?)
}

/// The text that a thing of the bank had in a version.
pub(super) fn source(connection: &mut AnyConnection, kind: &str, name: &str, version: &str) -> Result<Option<String>> {
    let row = bank_sources::table.find((kind, name, version)).select(bank_sources::source);
    Ok(row.first(connection).optional()?)
}

/// Saved answers, each with its position.
pub(super) fn responses(connection: &mut AnyConnection, attempt: AttemptId) -> Result<Vec<(i32, Response)>> {
    let rows = responses::table
        .filter(responses::attempt_id.eq(attempt))
        .order(responses::position)
        .select((responses::position, responses::answer, responses::revision, responses::saved_at))
        .load::<(i32, String, i64, Timestamp)>(connection)?;
    let response = |(position, answer, revision, saved_at): (i32, String, i64, Timestamp)| {
        let answer = serde_json::from_str(&answer).unwrap_or(Value::Null);
        (position, Response { answer, revision, saved_at })
    };
    Ok(rows.into_iter().map(response).collect())
}

pub(super) fn save_response(
    connection: &mut AnyConnection,
    attempt: AttemptId,
    position: i32,
    saved: &Response,
) -> Result<()> {
    let answer = saved.answer.to_string();
    let columns =
        (responses::answer.eq(&answer), responses::revision.eq(saved.revision), responses::saved_at.eq(saved.saved_at));
    each_database!(connection, c => diesel::insert_into(responses::table)
        .values((responses::attempt_id.eq(attempt), responses::position.eq(position), columns))
        .on_conflict((responses::attempt_id, responses::position))
        .do_update()
        .set(columns)
        .execute(c))?;
    Ok(())
}

/// Ends an attempt, if it is open; whether it was.
pub(super) fn close(connection: &mut AnyConnection, attempt: AttemptId, at: Timestamp) -> Result<bool> {
    let open = attempts::table.find(attempt).filter(attempts::state.eq(State::Open));
    let closed = diesel::update(open)
        .set((attempts::state.eq(State::Submitted), attempts::submitted_at.eq(Some(at))))
        .execute(connection)?;
    Ok(closed == 1)
}

pub(super) fn set_score(
    connection: &mut AnyConnection,
    attempt: AttemptId,
    position: i32,
    score: Points,
) -> Result<()> {
    diesel::update(items::table.find((attempt, position)))
        .set(items::score.eq(Some(thousandths(score))))
        .execute(connection)?;
    Ok(())
}

/// Counts a submission of an exercise that is on its way to be graded.
///
/// # Errors
/// Only the database's.
pub fn exercise_handed_in(connection: &mut AnyConnection, attempt: AttemptId, position: i32) -> Result<()> {
    diesel::update(items::table.find((attempt, position)))
        .set(items::grading.eq(items::grading + 1))
        .execute(connection)?;
    Ok(())
}

/// Takes in what a graded submission earned, `part` of `whole`; the best one counts. One that failed on our side earns
/// nothing and takes nothing away: `earned` is `None`.
///
/// # Errors
/// Only the database's.
pub fn exercise_graded(
    connection: &mut AnyConnection,
    attempt: AttemptId,
    position: i32,
    earned: Option<(u64, u64)>,
) -> Result<()> {
    let Some(row) = item(connection, attempt, position)? else { return Ok(()) };
    let earned = earned.map(|(part, whole)| row.max_points().share(part, whole));
    let best = earned.into_iter().chain(row.points()).max();
    diesel::update(items::table.find((attempt, position)))
        .set((items::grading.eq((row.grading - 1).max(0)), items::score.eq(best.map(thousandths))))
        .execute(connection)?;
    Ok(())
}
