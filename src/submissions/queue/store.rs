//! The queue's statements. A change of state is one statement that names the state, or the lease, that it needs.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::{Ended, Graded, Job, Lease, Load, Rules};
use crate::attempts;
use crate::clock::Timestamp;
use crate::db::schema::{submission_files, submissions};
use crate::db::{AnyConnection, Result, each_database};
use crate::id::{AttemptId, LeaseId, SubmissionId, UserId};
use crate::submissions::events::{self, EventKind};
use crate::submissions::{Mode, State, Verdict};

/// The turn of a person's next submission.
///
/// Turns are start tags of start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1997), where each submission counts as
/// one. Somebody new takes the turn that is served now; somebody who waits already comes a turn after their last. So one
/// with fifty waiting submissions delays one with a single one by one grading on each worker, and by one more while
/// nothing is being graded.
pub(in crate::submissions) fn next_turn(connection: &mut AnyConnection, user: UserId) -> Result<i64> {
    let running = submissions::table.filter(submissions::state.eq(State::Running));
    let queued = submissions::table.filter(submissions::state.eq(State::Queued));
    let served: Option<i64> = running.select(diesel::dsl::max(submissions::turn)).first(connection)?;
    let served = match served {
        Some(turn) => turn,
        None => queued.select(diesel::dsl::min(submissions::turn)).first::<Option<i64>>(connection)?.unwrap_or(0),
    };
    let own: Option<i64> = submissions::table
        .filter(submissions::user_id.eq(user))
        .filter(submissions::state.eq_any([State::Queued, State::Running]))
        .select(diesel::dsl::max(submissions::turn))
        .first(connection)?;
    Ok(own.map_or(served, |last| served.max(last.saturating_add(1))))
}

/// A submission's place among those that wait, from 1.
pub(in crate::submissions) fn place(connection: &mut AnyConnection, id: SubmissionId) -> Result<Option<u32>> {
    let waiting = submissions::table.filter(submissions::state.eq(State::Queued));
    let turn = waiting.filter(submissions::id.eq(id)).select(submissions::turn).first::<i64>(connection).optional()?;
    let Some(turn) = turn else { return Ok(None) };
    let earlier = submissions::turn.lt(turn).or(submissions::turn.eq(turn).and(submissions::id.lt(id)));
    let before: i64 = waiting.filter(earlier).count().get_result(connection)?;
    Ok(Some(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)))
}

/// What a worker asks for.
pub(super) struct Wanted {
    pub(super) token: LeaseId,
    pub(super) worker: String,
    /// Slugs, as a JSON array.
    pub(super) exercises: String,
    pub(super) now: Timestamp,
    pub(super) until: Timestamp,
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = Text)]
    id: SubmissionId,
    #[diesel(sql_type = Text)]
    user_id: UserId,
    #[diesel(sql_type = Text)]
    exercise: String,
    #[diesel(sql_type = Text)]
    mode: Mode,
    #[diesel(sql_type = Integer)]
    tries: i32,
    #[diesel(sql_type = BigInt)]
    created_at: Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    traceparent: Option<String>,
}

/// One statement, so that it needs no transaction. SQLite has one writer; PostgreSQL passes over what another worker is
/// claiming at this moment. (SQLite numbers `$1`… in the order in which they appear.)
fn claim_statement(connection: &AnyConnection) -> String {
    let (wanted, lock) = match connection {
        AnyConnection::Sqlite(_) => ("SELECT value FROM json_each($5)", ""),
        AnyConnection::Postgres(_) => ("SELECT jsonb_array_elements_text($5::jsonb)", "FOR UPDATE SKIP LOCKED"),
    };
    format!(
        "UPDATE submissions
         SET state = 'running', tries = tries + 1, lease_token = $1, lease_until = $2, worker = $3
         WHERE id = (
             SELECT id FROM submissions
             WHERE state = 'queued' AND ready_at <= $4 AND exercise IN ({wanted})
             ORDER BY turn, id LIMIT 1 {lock}
         )
         RETURNING id, user_id, exercise, mode, tries, created_at, traceparent"
    )
}

pub(super) fn claim(connection: &mut AnyConnection, wanted: &Wanted) -> Result<Option<Job>> {
    let statement = claim_statement(connection);
    // All rows are read, since it is then that SQLite commits.
    let claimed: Vec<Claimed> = each_database!(connection, c => diesel::sql_query(statement)
        .bind::<Text, _>(wanted.token)
        .bind::<BigInt, _>(wanted.until)
        .bind::<Text, _>(&wanted.worker)
        .bind::<BigInt, _>(wanted.now)
        .bind::<Text, _>(&wanted.exercises)
        .load(c))?;
    let Some(claimed) = claimed.into_iter().next() else { return Ok(None) };
    let files = submission_files::table.find(claimed.id).select(submission_files::files);
    let files: String = files.first(connection)?;
    Ok(Some(Job {
        lease: Lease { submission: claimed.id, token: wanted.token },
        user: claimed.user_id,
        exercise: claimed.exercise,
        mode: claimed.mode,
        tries: claimed.tries,
        created_at: claimed.created_at,
        traceparent: claimed.traceparent,
        files: serde_json::from_str(&files).unwrap_or_default(),
    }))
}

pub(super) fn prolong(connection: &mut AnyConnection, lease: Lease, until: Timestamp) -> Result<bool> {
    let own = submissions::table.find(lease.submission).filter(submissions::lease_token.eq(lease.token));
    Ok(diesel::update(own).set(submissions::lease_until.eq(Some(until))).execute(connection)? == 1)
}

/// Whether the lease is still its worker's; to be asked in the transaction that writes.
pub(super) fn holds(connection: &mut AnyConnection, lease: Lease) -> Result<bool> {
    let own = submissions::table.find(lease.submission).filter(submissions::lease_token.eq(lease.token));
    Ok(own.count().get_result::<i64>(connection)? == 1)
}

/// Writes the result of a submission whose lease is held.
pub(super) fn finish(connection: &mut AnyConnection, lease: Lease, graded: &Graded, now: Timestamp) -> Result<()> {
    let own = submissions::table.find(lease.submission).filter(submissions::lease_token.eq(lease.token));
    let report = serde_json::to_string(&graded.report).unwrap_or_default();
    diesel::update(own)
        .set((
            submissions::state.eq(State::Finished),
            submissions::verdict.eq(Some(graded.verdict)),
            submissions::score.eq(Some(points(graded.score))),
            submissions::max_score.eq(Some(points(graded.max_score))),
            submissions::package_version.eq(&graded.report.package_version),
            submissions::report.eq(Some(report)),
            submissions::finished_at.eq(Some(now)),
            submissions::lease_token.eq(None::<LeaseId>),
            submissions::lease_until.eq(None::<Timestamp>),
        ))
        .execute(connection)?;
    let data = serde_json::json!({
        "verdict": graded.verdict, "score": graded.score, "max_score": graded.max_score,
    });
    events::store::add(connection, lease.submission, [(EventKind::Finished, data)])?;
    credit(connection, lease.submission, graded)
}

fn points(points: u32) -> i32 {
    i32::try_from(points).unwrap_or(i32::MAX)
}

/// Tells the attempt that a submission answers what it earned.
fn credit(connection: &mut AnyConnection, id: SubmissionId, graded: &Graded) -> Result<()> {
    let (mode, attempt, position) = submissions::table
        .find(id)
        .select((submissions::mode, submissions::attempt_id, submissions::position))
        .first::<(Mode, Option<AttemptId>, Option<i32>)>(connection)?;
    let (Mode::Graded, Some(attempt), Some(position)) = (mode, attempt, position) else { return Ok(()) };
    let ours = graded.verdict == Verdict::InternalError;
    let earned = (!ours).then(|| (u64::from(graded.score), u64::from(graded.max_score)));
    attempts::store::exercise_graded(connection, attempt, position, earned)
}

pub(super) fn fail(connection: &mut AnyConnection, lease: Lease, now: Timestamp, rules: Rules) -> Result<Ended> {
    let own = submissions::table.find(lease.submission).filter(submissions::lease_token.eq(lease.token));
    let Some(tries) = own.select(submissions::tries).first::<i32>(connection).optional()? else {
        return Ok(Ended::Lost);
    };
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(8);
    give_up_or_wait(connection, lease, tries, now, now + rules.again_after * (1 << doublings), rules)
}

fn give_up_or_wait(
    connection: &mut AnyConnection,
    lease: Lease,
    tries: i32,
    now: Timestamp,
    ready_at: Timestamp,
    rules: Rules,
) -> Result<Ended> {
    if tries >= rules.tries {
        finish(connection, lease, &Graded::given_up(tries), now)?;
        return Ok(Ended::GivenUp);
    }
    wait_again(connection, lease, ready_at, 0)?;
    Ok(Ended::Waits)
}

fn wait_again(connection: &mut AnyConnection, lease: Lease, ready_at: Timestamp, untried: i32) -> Result<bool> {
    let own = submissions::table.find(lease.submission).filter(submissions::lease_token.eq(lease.token));
    let given = diesel::update(own)
        .set((
            submissions::state.eq(State::Queued),
            submissions::tries.eq(submissions::tries - untried),
            submissions::ready_at.eq(ready_at),
            submissions::lease_token.eq(None::<LeaseId>),
            submissions::lease_until.eq(None::<Timestamp>),
            submissions::worker.eq(None::<String>),
        ))
        .execute(connection)?;
    Ok(given == 1)
}

/// Gives a submission back as if it had not been claimed.
pub(super) fn hand_back(connection: &mut AnyConnection, lease: Lease, now: Timestamp) -> Result<bool> {
    wait_again(connection, lease, now, 1)
}

pub(super) fn reap(connection: &mut AnyConnection, now: Timestamp, rules: Rules) -> Result<Vec<(SubmissionId, Ended)>> {
    let silent: Vec<(SubmissionId, Option<LeaseId>, i32)> = submissions::table
        .filter(submissions::state.eq(State::Running))
        .filter(submissions::lease_until.lt(now))
        .select((submissions::id, submissions::lease_token, submissions::tries))
        .load(connection)?;
    let mut reaped = Vec::with_capacity(silent.len());
    for (submission, token, tries) in silent {
        let Some(token) = token else { continue };
        let ended = give_up_or_wait(connection, Lease { submission, token }, tries, now, now, rules)?;
        reaped.push((submission, ended));
    }
    Ok(reaped)
}

pub(super) fn load(connection: &mut AnyConnection, now: Timestamp) -> Result<Load> {
    let of = |state| submissions::table.filter(submissions::state.eq(state));
    let queued = of(State::Queued).count().get_result(connection)?;
    let running = of(State::Running).count().get_result(connection)?;
    let oldest: Option<Timestamp> =
        of(State::Queued).select(diesel::dsl::min(submissions::created_at)).first(connection)?;
    Ok(Load { queued, running, oldest: oldest.map_or_else(Default::default, |at| now.since(at)) })
}
