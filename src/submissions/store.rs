//! Submissions and their files in the database. The events' statements are in `events/store.rs`.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use super::{Best, Files, Filter, Graded, Mode, NewSubmission, Report, State, Submission, Summary, Verdict};
use crate::accounts::Viewer;
use crate::attempts::AttemptItem;
use crate::clock::Timestamp;
use crate::db::schema::{jobs, submission_files, submissions};
use crate::db::{AnyConnection, Error, Result, each_database};
use crate::id::{AttemptId, LeaseId, SubmissionId, UserId};
use crate::jobs::store::place;

#[derive(Queryable, Selectable)]
#[diesel(table_name = submissions)]
struct Row {
    id: SubmissionId,
    exercise: String,
    mode: Mode,
    attempt_id: Option<AttemptId>,
    position: Option<i32>,
    verdict: Option<Verdict>,
    score: Option<i32>,
    max_score: Option<i32>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl Row {
    /// The summary of a submission, with the lease of its job if that has one.
    fn summary(self, lease: Option<LeaseId>) -> Result<Summary> {
        let state = match (self.verdict, lease) {
            (Some(_), _) => State::Finished,
            (None, Some(_)) => State::Running,
            (None, None) => State::Queued,
        };
        Ok(Summary {
            id: self.id,
            exercise: self.exercise,
            mode: self.mode,
            attempt: self.attempt_id,
            position: self.position,
            state,
            verdict: self.verdict,
            score: self.score.map(points).transpose()?,
            max_score: self.max_score.map(points).transpose()?,
            withheld: false,
            created_at: self.created_at,
            finished_at: self.finished_at,
        })
    }
}

fn points(column: i32) -> Result<u32> {
    u32::try_from(column).map_err(|error| Error::corrupt("the points of a submission", error))
}

fn column(points: u32) -> i32 {
    i32::try_from(points).unwrap_or(i32::MAX)
}

/// Adds a submission with its files.
pub(super) fn insert(
    connection: &mut AnyConnection,
    id: SubmissionId,
    new: &NewSubmission,
    traceparent: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    diesel::insert_into(submissions::table)
        .values((
            submissions::id.eq(id),
            submissions::user_id.eq(new.user),
            submissions::exercise.eq(&new.exercise),
            submissions::mode.eq(new.mode),
            submissions::attempt_id.eq(new.item.map(|item| item.attempt)),
            submissions::position.eq(new.item.map(|item| item.position)),
            submissions::traceparent.eq(traceparent),
            submissions::created_at.eq(now),
        ))
        .execute(connection)?;
    diesel::insert_into(submission_files::table)
        .values((submission_files::submission_id.eq(id), submission_files::files.eq(written(&new.files)?)))
        .execute(connection)?;
    Ok(())
}

/// A submission with its report, if the viewer may see it.
pub(super) fn find(
    connection: &mut AnyConnection,
    id: SubmissionId,
    viewer: Viewer,
    now: Timestamp,
) -> Result<Option<Submission>> {
    let Viewer::Person(user) = viewer;
    let found = submissions::table
        .left_join(jobs::table.on(jobs::id.eq(submissions::id)))
        .filter(submissions::id.eq(id))
        .filter(submissions::user_id.eq(user))
        .select((Row::as_select(), submissions::report, submissions::traceparent, jobs::lease_token.nullable()))
        .first::<(Row, Option<String>, Option<String>, Option<LeaseId>)>(connection)
        .optional()?;
    let Some((row, report, traceparent, lease)) = found else { return Ok(None) };
    let summary = row.summary(lease)?;
    let queue_position = if summary.state == State::Queued { place(connection, id.as_str(), now)? } else { None };
    let trace_id = traceparent.and_then(|traceparent| traceparent.split('-').nth(1).map(str::to_owned));
    let report = match report {
        Some(text) => read_report(&text)?,
        None if summary.state == State::Finished => {
            return Err(Error::corrupt("the report of a submission", "it has a verdict and no report"));
        }
        None => Report::default(),
    };
    Ok(Some(Submission { summary, queue_position, trace_id, report }))
}

/// A submission of the same files by the same person for the same purpose, since a moment.
pub(super) fn repeated(
    connection: &mut AnyConnection,
    new: &NewSubmission,
    since: Timestamp,
) -> Result<Option<SubmissionId>> {
    let mut query = submissions::table
        .inner_join(submission_files::table)
        .filter(submissions::user_id.eq(new.user))
        .filter(submissions::exercise.eq(&new.exercise))
        .filter(submissions::mode.eq(new.mode))
        .filter(submissions::created_at.ge(since))
        .filter(submission_files::files.eq(written(&new.files)?))
        .order(submissions::id)
        .select(submissions::id)
        .into_boxed();
    query = match new.item {
        Some(AttemptItem { attempt, position }) => {
            query.filter(submissions::attempt_id.eq(attempt)).filter(submissions::position.eq(position))
        }
        None => query.filter(submissions::attempt_id.is_null()),
    };
    Ok(query.first(connection).optional()?)
}

fn written(files: &Files) -> Result<String> {
    serde_json::to_string(files).map_err(|error| Error::corrupt("the files of a submission", error))
}

fn read_report(text: &str) -> Result<Report> {
    serde_json::from_str(text).map_err(|error| Error::corrupt("the report of a submission", error))
}

fn read_files(text: &str) -> Result<Files> {
    serde_json::from_str(text).map_err(|error| Error::corrupt("the files of a submission", error))
}

/// What a worker needs to grade a submission: the exercise, the mode, the files. `None` when it was erased meanwhile.
pub(super) fn to_be_graded(connection: &mut AnyConnection, id: SubmissionId) -> Result<Option<(String, Mode, Files)>> {
    let found = submissions::table
        .left_join(submission_files::table)
        .filter(submissions::id.eq(id))
        .select((submissions::exercise, submissions::mode, submission_files::files.nullable()))
        .first::<(String, Mode, Option<String>)>(connection)
        .optional()?;
    let Some((exercise, mode, files)) = found else { return Ok(None) };
    let files = files.ok_or_else(files_are_gone)?;
    Ok(Some((exercise, mode, read_files(&files)?)))
}

/// A submission as it was handed in.
pub(super) struct HandedIn {
    /// All but its files, which are left out.
    pub(super) new: NewSubmission,
    /// The trace that it belongs to.
    pub(super) traceparent: Option<String>,
    /// Its verdict, if it has one by now.
    pub(super) verdict: Option<Verdict>,
}

type HandedInColumns = (UserId, String, Mode, Option<AttemptId>, Option<i32>, Option<String>, Option<Verdict>);

/// A submission as it was handed in, and its verdict.
pub(super) fn handed_in(connection: &mut AnyConnection, id: SubmissionId) -> Result<Option<HandedIn>> {
    let found = submissions::table
        .find(id)
        .select((
            submissions::user_id,
            submissions::exercise,
            submissions::mode,
            submissions::attempt_id,
            submissions::position,
            submissions::traceparent,
            submissions::verdict,
        ))
        .first::<HandedInColumns>(connection)
        .optional()?;
    let Some((user, exercise, mode, attempt, position, traceparent, verdict)) = found else { return Ok(None) };
    let new = NewSubmission { user, exercise, mode, item: item(attempt, position)?, files: Files::new() };
    Ok(Some(HandedIn { new, traceparent, verdict }))
}

/// The item of an attempt that a submission answers, if it's not for practice.
fn item(attempt: Option<AttemptId>, position: Option<i32>) -> Result<Option<AttemptItem>> {
    match (attempt, position) {
        (Some(attempt), Some(position)) => Ok(Some(AttemptItem { attempt, position })),
        (None, None) => Ok(None),
        _ => Err(Error::corrupt("the item that a submission answers", "it is half there")),
    }
}

/// Takes the result off a submission, which waits to be graded again.
pub(super) fn forget_result(connection: &mut AnyConnection, id: SubmissionId) -> Result<()> {
    diesel::update(submissions::table.find(id))
        .set((
            submissions::verdict.eq(None::<Verdict>),
            submissions::score.eq(None::<i32>),
            submissions::max_score.eq(None::<i32>),
            submissions::package_version.eq(None::<String>),
            submissions::report.eq(None::<String>),
            submissions::finished_at.eq(None::<Timestamp>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether there is a submission of this id: one may be erased while it is graded.
pub(super) fn exists(connection: &mut AnyConnection, id: SubmissionId) -> Result<bool> {
    Ok(submissions::table.find(id).count().get_result::<i64>(connection)? == 1)
}

/// Writes a result, and says which item of an attempt it counts for.
pub(super) fn finish(
    connection: &mut AnyConnection,
    id: SubmissionId,
    graded: &Graded,
    now: Timestamp,
) -> Result<Option<AttemptItem>> {
    let report =
        serde_json::to_string(&graded.report).map_err(|error| Error::corrupt("the report of a submission", error))?;
    diesel::update(submissions::table.find(id))
        .set((
            submissions::verdict.eq(Some(graded.verdict)),
            submissions::score.eq(Some(column(graded.score))),
            submissions::max_score.eq(Some(column(graded.max_score))),
            submissions::package_version.eq(&graded.report.package_version),
            submissions::report.eq(Some(report)),
            submissions::finished_at.eq(Some(now)),
        ))
        .execute(connection)?;
    let (mode, attempt, position) = submissions::table
        .find(id)
        .select((submissions::mode, submissions::attempt_id, submissions::position))
        .first::<(Mode, Option<AttemptId>, Option<i32>)>(connection)?;
    Ok(item(attempt, position)?.filter(|_| mode == Mode::Graded))
}

/// The files of a submission, if the viewer may see it.
pub(super) fn files(connection: &mut AnyConnection, id: SubmissionId, viewer: Viewer) -> Result<Option<Files>> {
    let Viewer::Person(user) = viewer;
    let files = submissions::table
        .left_join(submission_files::table)
        .filter(submissions::id.eq(id))
        .filter(submissions::user_id.eq(user))
        .select(submission_files::files.nullable())
        .first::<Option<String>>(connection)
        .optional()?;
    files.map(|files| read_files(&files.ok_or_else(files_are_gone)?)).transpose()
}

fn files_are_gone() -> Error {
    Error::corrupt("the files of a submission", "they are gone")
}

/// A person's submissions, the newest first: at most `rows` of those that are older than `before`. Where they are asked for by
/// their verdict, what a set keeps back is not among them; `silent` are the attempts at such sets.
pub(super) fn list(
    connection: &mut AnyConnection,
    user: UserId,
    filter: &Filter,
    silent: &BTreeSet<AttemptId>,
    before: Option<&str>,
    rows: i64,
) -> Result<Vec<Summary>> {
    let mut query = submissions::table
        .left_join(jobs::table.on(jobs::id.eq(submissions::id)))
        .filter(submissions::user_id.eq(user))
        .order(submissions::id.desc())
        .limit(rows)
        .select((Row::as_select(), jobs::lease_token.nullable()))
        .into_boxed();
    if let Some(exercise) = &filter.exercise {
        query = query.filter(submissions::exercise.eq(exercise));
    }
    if let Some(verdict) = filter.verdict {
        query = query.filter(submissions::verdict.eq(verdict));
        if !verdict.is_always_told() {
            let told = submissions::attempt_id.is_null().or(submissions::attempt_id.ne_all(silent.iter().copied()));
            query = query.filter(submissions::mode.eq(Mode::Public).or(told.assume_not_null()));
        }
    }
    if let Some(AttemptItem { attempt, position }) = filter.item {
        query = query.filter(submissions::attempt_id.eq(attempt)).filter(submissions::position.eq(position));
    }
    if let Some(before) = before {
        query = query.filter(submissions::id.lt(before));
    }
    let found = query.load::<(Row, Option<LeaseId>)>(connection)?;
    found.into_iter().map(|(row, lease)| row.summary(lease)).collect()
}

#[derive(QueryableByName)]
struct BestRow {
    #[diesel(sql_type = Text)]
    id: SubmissionId,
    #[diesel(sql_type = Text)]
    exercise: String,
    #[diesel(sql_type = Text)]
    verdict: Verdict,
    #[diesel(sql_type = Integer)]
    score: i32,
    #[diesel(sql_type = Integer)]
    max_score: i32,
    #[diesel(sql_type = BigInt)]
    submissions: i64,
    #[diesel(sql_type = BigInt)]
    finished_at: Timestamp,
}

/// The best graded submission of a person at each exercise, by slug, and of equals the first. Shares are compared, in
/// billionths, since what there is to earn may change. `silent` are the attempts at sets that keep results back, whose
/// submissions are left out. (SQLite numbers `$1`… in the order in which they appear.)
pub(super) fn best(connection: &mut AnyConnection, user: UserId, silent: &BTreeSet<AttemptId>) -> Result<Vec<Best>> {
    let silent = serde_json::to_string(silent).map_err(|error| Error::corrupt("the attempts of a person", error))?;
    let ids = match connection {
        AnyConnection::Sqlite(_) => "SELECT value FROM json_each($3)",
        AnyConnection::Postgres(_) => "SELECT jsonb_array_elements_text($3::jsonb)",
    };
    let statement = format!(
        "SELECT id, exercise, verdict, score, max_score, submissions, finished_at FROM (
             SELECT id, exercise, verdict, score, max_score, finished_at,
                 count(*) OVER (PARTITION BY exercise) AS submissions,
                 row_number() OVER (
                     PARTITION BY exercise
                     ORDER BY CASE WHEN max_score > 0 THEN CAST(score AS BIGINT) * 1000000000 / max_score ELSE 0 END DESC, id
                 ) AS place
             FROM submissions
             WHERE user_id = $1 AND mode = 'graded' AND verdict <> $2
                 AND (attempt_id IS NULL OR attempt_id NOT IN ({ids}))
         ) AS graded
         WHERE place = 1 ORDER BY exercise"
    );
    let rows: Vec<BestRow> = each_database!(connection, c => diesel::sql_query(statement)
        .bind::<Text, _>(user)
        .bind::<Text, _>(Verdict::InternalError)
        .bind::<Text, _>(&silent)
        .load(c))?;
    let best = |row: BestRow| -> Result<Best> {
        Ok(Best {
            exercise: row.exercise,
            submission: row.id,
            verdict: row.verdict,
            score: points(row.score)?,
            max_score: points(row.max_score)?,
            submissions: u32::try_from(row.submissions).unwrap_or(u32::MAX),
            finished_at: row.finished_at,
        })
    };
    rows.into_iter().map(best).collect()
}
