//! Attempts, their items and the saved answers in the database.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not, sum};
use diesel::prelude::*;

use super::{EndedBy, Graded, ItemKind, Response, State, Summary};
use crate::accounts::Viewer;
use crate::bank::{Points, Seed};
use crate::clock::Timestamp;
use crate::db::schema::{attempt_items as items, attempts, bank_sources, responses};
use crate::db::{AnyConnection, Error, Result, each_database};
use crate::id::{AttemptId, SubmissionId, UserId};

/// An attempt as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = attempts)]
pub(super) struct AttemptRow {
    pub(super) id: AttemptId,
    pub(super) user_id: UserId,
    pub(super) set_slug: String,
    pub(super) set_version: String,
    /// As it was last written: see [`AttemptRow::state_at`].
    state: State,
    pub(super) started_at: Timestamp,
    pub(super) deadline: Option<Timestamp>,
    submitted_at: Option<Timestamp>,
    ended_by: Option<EndedBy>,
    /// The last position that was answered or handed in for, 0 before the first; emptying an answer takes nothing back.
    pub(super) furthest: i32,
}

impl AttemptRow {
    /// An attempt that begins now.
    pub(super) fn new(
        user: UserId,
        set: (&crate::bank::Slug, &crate::bank::Version),
        started_at: Timestamp,
        deadline: Option<Timestamp>,
    ) -> Self {
        Self {
            id: AttemptId::new(),
            user_id: user,
            set_slug: set.0.to_string(),
            set_version: set.1.to_string(),
            state: State::Open,
            started_at,
            deadline,
            submitted_at: None,
            ended_by: None,
            furthest: 0,
        }
    }

    /// Whether the deadline has passed and the attempt has not been closed yet.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.state == State::Open && self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// Where the attempt stands at a moment, whether or not its end has been written down yet.
    pub(super) fn state_at(&self, now: Timestamp) -> State {
        if self.is_due(now) { State::Submitted } else { self.state }
    }

    /// The attempt in a list, as it stands at a moment.
    pub(super) fn summary(&self, now: Timestamp) -> Summary {
        Summary {
            id: self.id,
            set: self.set_slug.clone(),
            state: self.state_at(now),
            started_at: self.started_at,
            deadline: self.deadline,
            submitted_at: self.end_at(now).map(|(at, _)| at),
        }
    }

    /// When the attempt was closed; `None` while that has not been written down.
    pub(super) const fn closed_at(&self) -> Option<Timestamp> {
        self.submitted_at
    }

    /// When and how the attempt ended, if it has ended by `now`.
    pub(super) fn end_at(&self, now: Timestamp) -> Option<(Timestamp, EndedBy)> {
        match (self.submitted_at, self.ended_by, self.deadline) {
            (Some(at), Some(by), _) => Some((at, by)),
            (_, _, Some(deadline)) if self.is_due(now) => Some((deadline, EndedBy::Deadline)),
            _ => None,
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
    pub(super) submissions: i32,
    /// The hash of a question's words; nothing for other kinds, and for attempts that began before words were kept.
    pub(super) wording: Option<String>,
    /// The id of the submission that an exercise's score comes from: see [`ItemRow::counted`].
    pub(super) counted_submission: Option<String>,
    /// The version of the package that graded it.
    pub(super) counted_version: Option<String>,
}

impl ItemRow {
    /// The largest score of the item.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is negative.
    pub(super) fn max_points(&self) -> Result<Points> {
        points(self.max_score)
    }

    /// What the item has earned, as far as that is known.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is negative.
    pub(super) fn points(&self) -> Result<Option<Points>> {
        self.score.map(points).transpose()
    }

    /// The seed of a question's variant.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when no seed is that small or that large.
    pub(super) fn seed(&self) -> Result<Seed> {
        let seed = u64::try_from(self.seed).ok().and_then(Seed::new);
        seed.ok_or_else(|| Error::corrupt("the seed of an item", format!("{} is none", self.seed)))
    }

    /// The submission that an exercise's score comes from.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it is no id of a submission.
    pub(super) fn counted(&self) -> Result<Option<SubmissionId>> {
        let id = self.counted_submission.as_deref().map(str::parse).transpose();
        id.map_err(|error| Error::corrupt("the submission that counts", error))
    }

    /// Whether something of a closed attempt is still to be graded or reviewed. A question is marked when the attempt ends, and
    /// a prompt waits for a person. An exercise waits for what is being graded; and where something was handed in and nothing
    /// could be graded, the grading is owed, since that is a fault of ours. [`super::score::store::sums`] says the same in SQL.
    pub(super) const fn is_pending(&self) -> bool {
        match self.kind {
            ItemKind::Exercise => self.grading > 0 || (self.submissions > 0 && self.score.is_none()),
            ItemKind::Question | ItemKind::Prompt => self.score.is_none(),
        }
    }
}

/// Points as a column holds them, or as a sum of them is.
///
/// # Errors
/// [`Error::Corrupt`] when they are negative.
pub(super) fn points<T>(thousandths: T) -> Result<Points>
where
    u32: TryFrom<T>,
    T: Copy + std::fmt::Display,
{
    let points = u32::try_from(thousandths).map(Points::from_thousandths);
    points.map_err(|_| Error::corrupt("the points of an item", format!("{thousandths} thousandths can't be points")))
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

/// A person's attempts, the newest first: at most `rows` of those that are older than `before` (an id).
pub(super) fn list(
    connection: &mut AnyConnection,
    user: UserId,
    before: Option<&str>,
    rows: i64,
) -> Result<Vec<AttemptRow>> {
    let mut mine = attempts::table
        .filter(attempts::user_id.eq(user))
        .order(attempts::id.desc())
        .limit(rows)
        .select(AttemptRow::as_select())
        .into_boxed();
    if let Some(before) = before {
        mine = mine.filter(attempts::id.lt(before));
    }
    Ok(mine.load(connection)?)
}

/// A person's attempts that have not been closed, the newest first; those whose deadline has passed are among them.
pub(super) fn not_closed(connection: &mut AnyConnection, user: UserId) -> Result<Vec<AttemptRow>> {
    let mine = attempts::table.filter(attempts::user_id.eq(user)).filter(attempts::state.eq(State::Open));
    Ok(mine.order(attempts::id.desc()).select(AttemptRow::as_select()).load(connection)?)
}

/// An attempt that is due to be closed, as a place in the list of all that are: its deadline, and its id as it is stored, so
/// that one that is no id hides no other.
pub(super) type Due = (Option<Timestamp>, String);

/// Attempts of all people whose deadline has passed and that have not been closed, at most `most` of those that come after a
/// place in their list.
pub(super) fn due(connection: &mut AnyConnection, now: Timestamp, after: Option<&Due>, most: i64) -> Result<Vec<Due>> {
    let mut due = attempts::table
        .filter(attempts::state.eq(State::Open))
        .filter(attempts::deadline.le(now))
        .order((attempts::deadline, attempts::id))
        .limit(most)
        .select((attempts::deadline, attempts::id))
        .into_boxed();
    if let Some((deadline, id)) = after {
        let same = attempts::deadline.eq(*deadline).and(attempts::id.gt(id));
        due = due.filter(attempts::deadline.gt(*deadline).or(same));
    }
    Ok(due.load(connection)?)
}

/// Attempts that have been closed and in which something has no score that could have one: a question, or what wasn't
/// answered. What is being graded or waits for a review is not among them.
pub(super) fn unscored(connection: &mut AnyConnection) -> Result<Vec<AttemptId>> {
    let answer = responses::table
        .filter(responses::attempt_id.eq(items::attempt_id))
        .filter(responses::position.eq(items::position))
        .filter(responses::answer.ne("null"));
    let unanswered = items::submissions.eq(0).and(not(exists(answer)));
    let owed = items::table
        .inner_join(attempts::table)
        .filter(attempts::state.eq(State::Submitted))
        .filter(items::score.is_null())
        .filter(items::kind.eq(ItemKind::Question).or(unanswered))
        .select(items::attempt_id)
        .distinct();
    Ok(owed.load(connection)?)
}

/// An attempt that the viewer may see.
pub(super) fn find(connection: &mut AnyConnection, id: AttemptId, viewer: Viewer) -> Result<Option<AttemptRow>> {
    let one = attempts::table.find(id);
    let found = match viewer {
        Viewer::Person(user) => {
            one.filter(attempts::user_id.eq(user)).select(AttemptRow::as_select()).first(connection)
        }
    };
    Ok(found.optional()?)
}

/// An attempt, whoever it belongs to.
pub(super) fn by_id(connection: &mut AnyConnection, id: AttemptId) -> Result<Option<AttemptRow>> {
    Ok(attempts::table.find(id).select(AttemptRow::as_select()).first(connection).optional()?)
}

/// How many characters a person's saved answers have together, in all attempts.
pub(super) fn saved_chars(connection: &mut AnyConnection, user: UserId) -> Result<i64> {
    let mine = attempts::table.filter(attempts::user_id.eq(user)).select(attempts::id);
    let saved = responses::table.filter(responses::attempt_id.eq_any(mine)).select(sum(length(responses::answer)));
    Ok(saved.first::<Option<i64>>(connection)?.unwrap_or(0))
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The characters of a text.
    fn length(text: diesel::sql_types::Text) -> diesel::sql_types::Integer;
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

type ResponseColumns = (i32, String, i64, Timestamp);

fn response((_, answer, revision, saved_at): ResponseColumns) -> Result<Response> {
    let answer = serde_json::from_str(&answer).map_err(|error| Error::corrupt("a saved answer", error))?;
    Ok(Response { answer, revision, saved_at })
}

/// Saved answers, each with its position; one that can't be read back is an error in its place.
pub(super) fn responses(connection: &mut AnyConnection, attempt: AttemptId) -> Result<BTreeMap<i32, Result<Response>>> {
    let rows = responses::table
        .filter(responses::attempt_id.eq(attempt))
        .select((responses::position, responses::answer, responses::revision, responses::saved_at))
        .load::<ResponseColumns>(connection)?;
    Ok(rows.into_iter().map(|row| (row.0, response(row))).collect())
}

/// The saved answer of one item.
pub(super) fn saved(connection: &mut AnyConnection, attempt: AttemptId, position: i32) -> Result<Option<Response>> {
    let row = responses::table
        .find((attempt, position))
        .select((responses::position, responses::answer, responses::revision, responses::saved_at))
        .first::<ResponseColumns>(connection)
        .optional()?;
    row.map(response).transpose()
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

/// Writes down that a candidate has come as far as this item.
pub(super) fn advance(connection: &mut AnyConnection, attempt: AttemptId, position: i32) -> Result<()> {
    let behind = attempts::table.find(attempt).filter(attempts::furthest.lt(position));
    diesel::update(behind).set(attempts::furthest.eq(position)).execute(connection)?;
    Ok(())
}

/// Ends an attempt as of its deadline if it is open and that has passed, and says whether it did. It reads nothing of the
/// attempt, so nothing that is unreadable keeps the attempt from ending.
pub(super) fn close_if_due(connection: &mut AnyConnection, attempt: AttemptId, now: Timestamp) -> Result<bool> {
    let due = attempts::table.find(attempt).filter(attempts::state.eq(State::Open)).filter(attempts::deadline.le(now));
    let closed = diesel::update(due)
        .set((
            attempts::state.eq(State::Submitted),
            attempts::submitted_at.eq(attempts::deadline),
            attempts::ended_by.eq(Some(EndedBy::Deadline)),
        ))
        .execute(connection)?;
    Ok(closed == 1)
}

/// Ends an attempt if it is open, and says whether it was.
pub(super) fn close(connection: &mut AnyConnection, attempt: AttemptId, at: Timestamp, by: EndedBy) -> Result<bool> {
    let open = attempts::table.find(attempt).filter(attempts::state.eq(State::Open));
    let closed = diesel::update(open)
        .set((
            attempts::state.eq(State::Submitted),
            attempts::submitted_at.eq(Some(at)),
            attempts::ended_by.eq(Some(by)),
        ))
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
pub(super) fn add_submission(connection: &mut AnyConnection, attempt: AttemptId, position: i32) -> Result<()> {
    diesel::update(items::table.find((attempt, position)))
        .set((items::grading.eq(items::grading + 1), items::submissions.eq(items::submissions + 1)))
        .execute(connection)?;
    Ok(())
}

/// Counts a submission that was counted as handed in before and is graded again.
pub(super) fn begin_grading(connection: &mut AnyConnection, attempt: AttemptId, position: i32) -> Result<()> {
    diesel::update(items::table.find((attempt, position)))
        .set(items::grading.eq(items::grading + 1))
        .execute(connection)?;
    Ok(())
}

/// Writes down that one submission fewer is being graded.
pub(super) fn end_grading(connection: &mut AnyConnection, row: &ItemRow) -> Result<()> {
    diesel::update(items::table.find((row.attempt_id, row.position)))
        .set(items::grading.eq((row.grading - 1).max(0)))
        .execute(connection)?;
    Ok(())
}

/// Writes down what an exercise has earned, and by which submission.
pub(super) fn count_submission(
    connection: &mut AnyConnection,
    row: &ItemRow,
    graded: &Graded,
    score: Points,
) -> Result<()> {
    diesel::update(items::table.find((row.attempt_id, row.position)))
        .set((
            items::score.eq(Some(thousandths(score))),
            items::counted_submission.eq(Some(graded.submission)),
            items::counted_version.eq(&graded.package_version),
        ))
        .execute(connection)?;
    Ok(())
}
