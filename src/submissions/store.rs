//! Submissions in the database. The queue's statements are in `queue/store.rs`, the events' in `events/store.rs`.

use diesel::prelude::*;

use super::{Best, Files, HandedIn, Mode, Report, State, Submission, Summary, Verdict, queue};
use crate::clock::Timestamp;
use crate::db::schema::{submission_files, submissions};
use crate::db::{AnyConnection, Result};
use crate::id::{AttemptId, SubmissionId, UserId};

/// What a list can be narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// An exercise's slug.
    pub exercise: Option<String>,
    /// A verdict.
    pub verdict: Option<Verdict>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = submissions)]
struct Row {
    id: SubmissionId,
    exercise: String,
    mode: Mode,
    attempt_id: Option<AttemptId>,
    position: Option<i32>,
    state: State,
    verdict: Option<Verdict>,
    score: Option<i32>,
    max_score: Option<i32>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl From<Row> for Summary {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            exercise: row.exercise,
            mode: row.mode,
            attempt: row.attempt_id,
            position: row.position,
            state: row.state,
            verdict: row.verdict,
            score: row.score.map(points),
            max_score: row.max_score.map(points),
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

fn points(column: i32) -> u32 {
    u32::try_from(column).unwrap_or(0)
}

/// Adds a submission with its files, at the end of its person's turns.
pub(super) fn insert(
    connection: &mut AnyConnection,
    id: SubmissionId,
    handed_in: &HandedIn,
    traceparent: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let turn = queue::next_turn(connection, handed_in.user)?;
    diesel::insert_into(submissions::table)
        .values((
            submissions::id.eq(id),
            submissions::user_id.eq(handed_in.user),
            submissions::exercise.eq(&handed_in.exercise),
            submissions::mode.eq(handed_in.mode),
            submissions::attempt_id.eq(handed_in.answers.map(|answers| answers.attempt)),
            submissions::position.eq(handed_in.answers.map(|answers| answers.position)),
            submissions::state.eq(State::Queued),
            submissions::turn.eq(turn),
            submissions::ready_at.eq(now),
            submissions::traceparent.eq(traceparent),
            submissions::created_at.eq(now),
        ))
        .execute(connection)?;
    let files = serde_json::to_string(&handed_in.files).unwrap_or_default();
    diesel::insert_into(submission_files::table)
        .values((submission_files::submission_id.eq(id), submission_files::files.eq(files)))
        .execute(connection)?;
    Ok(())
}

/// A person's submission with its report.
pub(super) fn find(connection: &mut AnyConnection, id: SubmissionId, user: UserId) -> Result<Option<Submission>> {
    let row = submissions::table
        .find(id)
        .filter(submissions::user_id.eq(user))
        .select((Row::as_select(), submissions::report, submissions::traceparent))
        .first::<(Row, Option<String>, Option<String>)>(connection)
        .optional()?;
    let Some((row, report, traceparent)) = row else { return Ok(None) };
    let summary = Summary::from(row);
    let queue_position = if summary.state == State::Queued { queue::place(connection, id)? } else { None };
    let report: Option<Report> = report.and_then(|text| serde_json::from_str(&text).ok());
    let trace_id = traceparent.and_then(|traceparent| traceparent.split('-').nth(1).map(str::to_owned));
    Ok(Some(Submission { summary, queue_position, trace_id, report: report.unwrap_or_default() }))
}

/// The files of a person's submission.
pub(super) fn files(connection: &mut AnyConnection, id: SubmissionId, user: UserId) -> Result<Option<Files>> {
    let files = submission_files::table
        .inner_join(submissions::table)
        .filter(submissions::id.eq(id))
        .filter(submissions::user_id.eq(user))
        .select(submission_files::files)
        .first::<String>(connection)
        .optional()?;
    Ok(files.map(|files| serde_json::from_str(&files).unwrap_or_default()))
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
        .filter(submissions::user_id.eq(user))
        .order(submissions::id.desc())
        .limit(rows)
        .select(Row::as_select())
        .into_boxed();
    if let Some(exercise) = &filter.exercise {
        query = query.filter(submissions::exercise.eq(exercise));
    }
    if let Some(verdict) = filter.verdict {
        query = query.filter(submissions::verdict.eq(verdict));
    }
    if let Some(before) = before {
        query = query.filter(submissions::id.lt(before));
    }
    Ok(query.load::<Row>(connection)?.into_iter().map(Summary::from).collect())
}

type Graded = (SubmissionId, String, Option<Verdict>, Option<i32>, Option<i32>, Option<Timestamp>);

/// The best of a person at each exercise, by slug.
pub(super) fn best(connection: &mut AnyConnection, user: UserId) -> Result<Vec<Best>> {
    let rows: Vec<Graded> = submissions::table
        .filter(submissions::user_id.eq(user))
        .filter(submissions::mode.eq(Mode::Graded))
        .filter(submissions::state.eq(State::Finished))
        .filter(submissions::verdict.ne(Verdict::InternalError))
        .order((submissions::exercise, submissions::id))
        .select((
            submissions::id,
            submissions::exercise,
            submissions::verdict,
            submissions::score,
            submissions::max_score,
            submissions::finished_at,
        ))
        .load(connection)?;
    let mut best: Vec<Best> = Vec::new();
    for row in rows.into_iter().filter_map(graded) {
        match best.last_mut().filter(|best| best.exercise == row.exercise) {
            Some(known) => known.meet(row),
            None => best.push(row),
        }
    }
    Ok(best)
}

fn graded((submission, exercise, verdict, score, max_score, finished_at): Graded) -> Option<Best> {
    Some(Best {
        exercise,
        submission,
        verdict: verdict?,
        score: points(score?),
        max_score: points(max_score?),
        submissions: 1,
        finished_at: finished_at?,
    })
}
