//! Submissions and their files in the database. The events' statements are in `events/store.rs`.

use diesel::prelude::*;

use super::{Best, Files, Filter, Graded, Mode, NewSubmission, Report, State, Submission, Summary, Verdict};
use crate::accounts::Viewer;
use crate::attempts::AttemptItem;
use crate::clock::Timestamp;
use crate::db::schema::{jobs, submission_files, submissions};
use crate::db::{AnyConnection, Error, Result};
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
    fn summary(self, lease: Option<LeaseId>) -> Summary {
        let state = match (self.verdict, lease) {
            (Some(_), _) => State::Finished,
            (None, Some(_)) => State::Running,
            (None, None) => State::Queued,
        };
        Summary {
            id: self.id,
            exercise: self.exercise,
            mode: self.mode,
            attempt: self.attempt_id,
            position: self.position,
            state,
            verdict: self.verdict,
            score: self.score.map(points),
            max_score: self.max_score.map(points),
            withheld: false,
            created_at: self.created_at,
            finished_at: self.finished_at,
        }
    }
}

fn points(column: i32) -> u32 {
    u32::try_from(column).unwrap_or(0)
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
    let summary = row.summary(lease);
    let queue_position = if summary.state == State::Queued { place(connection, id.as_str(), now)? } else { None };
    let trace_id = traceparent.and_then(|traceparent| traceparent.split('-').nth(1).map(str::to_owned));
    let report = report.map(|text| read_report(&text)).transpose()?.unwrap_or_default();
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
    let found = submission_files::table
        .inner_join(submissions::table)
        .filter(submissions::id.eq(id))
        .select((submissions::exercise, submissions::mode, submission_files::files))
        .first::<(String, Mode, String)>(connection)
        .optional()?;
    found.map(|(exercise, mode, files)| Ok((exercise, mode, read_files(&files)?))).transpose()
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
    let item = attempt.zip(position).map(|(attempt, position)| AttemptItem { attempt, position });
    Ok(item.filter(|_| mode == Mode::Graded))
}

/// The files of a submission, if the viewer may see it.
pub(super) fn files(connection: &mut AnyConnection, id: SubmissionId, viewer: Viewer) -> Result<Option<Files>> {
    let Viewer::Person(user) = viewer;
    let files = submission_files::table
        .inner_join(submissions::table)
        .filter(submissions::id.eq(id))
        .filter(submissions::user_id.eq(user))
        .select(submission_files::files)
        .first::<String>(connection)
        .optional()?;
    files.map(|files| read_files(&files)).transpose()
}

/// A person's submissions, the newest first: at most `rows` of those that are older than `before`.
pub(super) fn list(
    connection: &mut AnyConnection,
    user: UserId,
    filter: &Filter,
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
    }
    if let Some(AttemptItem { attempt, position }) = filter.item {
        query = query.filter(submissions::attempt_id.eq(attempt)).filter(submissions::position.eq(position));
    }
    if let Some(before) = before {
        query = query.filter(submissions::id.lt(before));
    }
    let found = query.load::<(Row, Option<LeaseId>)>(connection)?;
    Ok(found.into_iter().map(|(row, lease)| row.summary(lease)).collect())
}

type GradedRow =
    (SubmissionId, String, Option<AttemptId>, Option<Verdict>, Option<i32>, Option<i32>, Option<Timestamp>);

/// A person's graded submissions, each with the attempt that it belongs to: by exercise, the oldest first.
pub(super) fn graded(connection: &mut AnyConnection, user: UserId) -> Result<Vec<(Option<AttemptId>, Best)>> {
    let rows: Vec<GradedRow> = submissions::table
        .filter(submissions::user_id.eq(user))
        .filter(submissions::mode.eq(Mode::Graded))
        .filter(submissions::verdict.ne(Verdict::InternalError))
        .order((submissions::exercise, submissions::id))
        .select((
            submissions::id,
            submissions::exercise,
            submissions::attempt_id,
            submissions::verdict,
            submissions::score,
            submissions::max_score,
            submissions::finished_at,
        ))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(best).collect())
}

fn best(row: GradedRow) -> Option<(Option<AttemptId>, Best)> {
    let (submission, exercise, attempt, verdict, score, max_score, finished_at) = row;
    let best = Best {
        exercise,
        submission,
        verdict: verdict?,
        score: points(score?),
        max_score: points(max_score?),
        submissions: 1,
        finished_at: finished_at?,
    };
    Some((attempt, best))
}
