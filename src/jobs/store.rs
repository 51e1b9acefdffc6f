//! The statements of the queue. Every change of state is one statement that names the lease that it needs.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::{ClaimedJob, JobKind, LeasePolicy, NewJob, QueueDepth, Setback};
use crate::clock::Timestamp;
use crate::db::schema::jobs;
use crate::db::{AnyConnection, Error, Result, each_database};
use crate::id::LeaseId;

/// Adds a job, at the end of its owner's turns.
///
/// Turns are start tags of start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1997), where each job counts as one. Somebody
/// new takes the turn that is served now; somebody who waits already comes a turn after their last. So an owner with fifty
/// waiting jobs delays one with a single job by one job on each worker, and by one more while nothing is being worked on.
///
/// # Errors
/// When the database fails, or there is a job of this id already.
pub fn enqueue(connection: &mut AnyConnection, job: &NewJob<'_>) -> Result<()> {
    let turn = next_turn(connection, job.kind, job.owner)?;
    diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(job.id),
            jobs::kind.eq(job.kind),
            jobs::lane.eq(job.lane),
            jobs::owner.eq(job.owner),
            jobs::turn.eq(turn),
            jobs::ready_at.eq(job.now),
            jobs::traceparent.eq(job.traceparent),
            jobs::created_at.eq(job.now),
        ))
        .execute(connection)?;
    Ok(())
}

fn next_turn(connection: &mut AnyConnection, kind: JobKind, owner: &str) -> Result<i64> {
    let of_kind = jobs::table.filter(jobs::kind.eq(kind));
    let leased: Option<i64> =
        of_kind.filter(jobs::lease_token.is_not_null()).select(diesel::dsl::max(jobs::turn)).first(connection)?;
    let served = match leased {
        Some(turn) => turn,
        None => of_kind.select(diesel::dsl::min(jobs::turn)).first::<Option<i64>>(connection)?.unwrap_or(0),
    };
    let own: Option<i64> =
        of_kind.filter(jobs::owner.eq(owner)).select(diesel::dsl::max(jobs::turn)).first(connection)?;
    Ok(own.map_or(served, |last| served.max(last.saturating_add(1))))
}

/// A job's place among those of its kind that wait, from 1; `None` for one that does not wait.
///
/// # Errors
/// When the database fails.
pub fn place(connection: &mut AnyConnection, id: &str) -> Result<Option<u32>> {
    let one = jobs::table.find(id).filter(jobs::lease_token.is_null());
    let found = one.select((jobs::kind, jobs::turn)).first::<(JobKind, i64)>(connection).optional()?;
    let Some((kind, turn)) = found else { return Ok(None) };
    let earlier = jobs::turn.lt(turn).or(jobs::turn.eq(turn).and(jobs::id.lt(id)));
    let before: i64 = jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::lease_token.is_null())
        .filter(earlier)
        .count()
        .get_result(connection)?;
    Ok(Some(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)))
}

/// What a worker asks for.
#[derive(Debug, Clone)]
pub struct Claim {
    /// What the job does.
    pub kind: JobKind,
    /// The lanes that the worker can serve.
    pub lanes: Vec<String>,
    /// The name of the worker.
    pub worker: String,
    /// The lease that it gets.
    pub token: LeaseId,
    /// The time of the claim.
    pub now: Timestamp,
    /// When the lease runs out unless it is renewed.
    pub until: Timestamp,
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Integer)]
    attempt: i32,
    #[diesel(sql_type = BigInt)]
    created_at: Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    traceparent: Option<String>,
}

/// One statement. SQLite has one writer; PostgreSQL passes over what another worker is claiming at this moment. (SQLite
/// numbers `$1`… in the order in which they appear.)
fn claim_statement(connection: &AnyConnection) -> String {
    let (lanes, lock) = match connection {
        AnyConnection::Sqlite(_) => ("SELECT value FROM json_each($6)", ""),
        AnyConnection::Postgres(_) => ("SELECT jsonb_array_elements_text($6::jsonb)", "FOR UPDATE SKIP LOCKED"),
    };
    format!(
        "UPDATE jobs
         SET attempt = attempt + 1, lease_token = $1, lease_until = $2, worker = $3
         WHERE id = (
             SELECT id FROM jobs
             WHERE kind = $4 AND lease_token IS NULL AND ready_at <= $5 AND lane IN ({lanes})
             ORDER BY turn, id LIMIT 1 {lock}
         )
         RETURNING id, attempt, created_at, traceparent"
    )
}

/// Claims the job whose turn it is.
///
/// # Errors
/// When the database fails.
pub fn claim(connection: &mut AnyConnection, claim: &Claim) -> Result<Option<ClaimedJob>> {
    let statement = claim_statement(connection);
    let lanes = serde_json::to_string(&claim.lanes).map_err(|error| Error::corrupt("the lanes of a worker", error))?;
    // All rows are read, since it is then that SQLite commits.
    let claimed: Vec<ClaimedRow> = each_database!(connection, c => diesel::sql_query(statement)
        .bind::<Text, _>(claim.token)
        .bind::<BigInt, _>(claim.until)
        .bind::<Text, _>(&claim.worker)
        .bind::<Text, _>(claim.kind)
        .bind::<BigInt, _>(claim.now)
        .bind::<Text, _>(&lanes)
        .load(c))?;
    Ok(claimed.into_iter().next().map(|row| ClaimedJob {
        id: row.id,
        token: claim.token,
        attempt: row.attempt,
        created_at: row.created_at,
        traceparent: row.traceparent,
    }))
}

/// Makes a lease longer; `false` when it is no longer the worker's.
///
/// # Errors
/// When the database fails.
pub fn renew(connection: &mut AnyConnection, id: &str, token: LeaseId, until: Timestamp) -> Result<bool> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    Ok(diesel::update(own).set(jobs::lease_until.eq(Some(until))).execute(connection)? == 1)
}

/// Whether a lease is still its worker's; to be asked in the transaction that writes.
///
/// # Errors
/// When the database fails.
pub fn holds(connection: &mut AnyConnection, id: &str, token: LeaseId) -> Result<bool> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    Ok(own.count().get_result::<i64>(connection)? == 1)
}

/// Ends a job whose outcome is written in this transaction; `false` when the lease is no longer the worker's.
///
/// # Errors
/// When the database fails.
pub fn complete(connection: &mut AnyConnection, id: &str, token: LeaseId) -> Result<bool> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    Ok(diesel::delete(own).execute(connection)? == 1)
}

/// Takes in a failure of ours: the job is begun again, later and later, and then abandoned.
///
/// # Errors
/// When the database fails.
pub fn fail(
    connection: &mut AnyConnection,
    id: &str,
    token: LeaseId,
    now: Timestamp,
    policy: LeasePolicy,
) -> Result<Setback> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    let Some(attempts) = own.select(jobs::attempt).first::<i32>(connection).optional()? else {
        return Ok(Setback::LeaseLost);
    };
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(8);
    abandon_or_requeue(connection, id, token, attempts, now + policy.retry_after * (1 << doublings), policy)
}

fn abandon_or_requeue(
    connection: &mut AnyConnection,
    id: &str,
    token: LeaseId,
    attempts: i32,
    ready_at: Timestamp,
    policy: LeasePolicy,
) -> Result<Setback> {
    if attempts >= policy.attempts {
        complete(connection, id, token)?;
        return Ok(Setback::Abandoned { attempts });
    }
    requeue(connection, id, token, ready_at, 0)?;
    Ok(Setback::Requeued)
}

fn requeue(
    connection: &mut AnyConnection,
    id: &str,
    token: LeaseId,
    ready_at: Timestamp,
    uncounted: i32,
) -> Result<bool> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    let requeued = diesel::update(own)
        .set((
            jobs::attempt.eq(jobs::attempt - uncounted),
            jobs::ready_at.eq(ready_at),
            jobs::lease_token.eq(None::<LeaseId>),
            jobs::lease_until.eq(None::<Timestamp>),
            jobs::worker.eq(None::<String>),
        ))
        .execute(connection)?;
    Ok(requeued == 1)
}

/// Gives a job back as if it had not been claimed, as a worker that stops does; `false` when the lease is no longer its own.
///
/// # Errors
/// When the database fails.
pub fn release(connection: &mut AnyConnection, id: &str, token: LeaseId, now: Timestamp) -> Result<bool> {
    requeue(connection, id, token, now, 1)
}

/// Gives back all jobs that a worker holds, as if it had not claimed them: for a worker that knows that its former self of
/// the same name is dead. Says which they are.
///
/// # Errors
/// When the database fails.
pub fn release_all(connection: &mut AnyConnection, worker: &str, now: Timestamp) -> Result<Vec<String>> {
    let held: Vec<(String, Option<LeaseId>)> =
        jobs::table.filter(jobs::worker.eq(worker)).select((jobs::id, jobs::lease_token)).load(connection)?;
    let mut released = Vec::with_capacity(held.len());
    for (id, token) in held {
        let Some(token) = token else { continue };
        if requeue(connection, &id, token, now, 1)? {
            released.push(id);
        }
    }
    Ok(released)
}

/// Ends the leases that ran out, and says what became of each job.
///
/// # Errors
/// When the database fails.
pub fn expire(
    connection: &mut AnyConnection,
    kind: JobKind,
    now: Timestamp,
    policy: LeasePolicy,
) -> Result<Vec<(String, Setback)>> {
    let silent: Vec<(String, Option<LeaseId>, i32)> = jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::lease_until.lt(now))
        .select((jobs::id, jobs::lease_token, jobs::attempt))
        .load(connection)?;
    let mut expired = Vec::with_capacity(silent.len());
    for (id, token, attempts) in silent {
        let Some(token) = token else { continue };
        let setback = abandon_or_requeue(connection, &id, token, attempts, now, policy)?;
        expired.push((id, setback));
    }
    Ok(expired)
}

/// How much waits, and for how long.
///
/// # Errors
/// When the database fails.
pub fn depth(connection: &mut AnyConnection, kind: JobKind, now: Timestamp) -> Result<QueueDepth> {
    let of_kind = jobs::table.filter(jobs::kind.eq(kind));
    let queued = of_kind.filter(jobs::lease_token.is_null()).count().get_result(connection)?;
    let leased = of_kind.filter(jobs::lease_token.is_not_null()).count().get_result(connection)?;
    let waiting = of_kind.filter(jobs::lease_token.is_null());
    let oldest: Option<Timestamp> = waiting.select(diesel::dsl::min(jobs::created_at)).first(connection)?;
    Ok(QueueDepth { queued, leased, oldest: oldest.map_or_else(Default::default, |at| now.since(at)) })
}
