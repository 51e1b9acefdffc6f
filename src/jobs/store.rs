//! The statements of the queue. Every change of state is one statement that names the lease that it needs.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::lanes::store::waiting_before;
use super::{ClaimedJob, JobKind, LeasePolicy, NewJob, QueueDepth, Setback};
use crate::clock::Timestamp;
use crate::db::schema::jobs;
use crate::db::{AnyConnection, Error, Result, each_database};
use crate::id::LeaseId;

/// The time from which a job can be claimed that waits for none. It is before every clock's time: one that is ahead, and is
/// corrected later, keeps no job from being claimed meanwhile.
const AT_ONCE: Timestamp = Timestamp::from_micros(0);

/// Whether an owner has a job in a lane.
///
/// # Errors
/// The database's error when it can't be read.
pub fn has_job(connection: &mut AnyConnection, kind: JobKind, lane: &str, owner: &str) -> Result<bool> {
    let own = jobs::table.filter(jobs::owner.eq(owner)).filter(jobs::kind.eq(kind)).filter(jobs::lane.eq(lane));
    Ok(own.count().get_result::<i64>(connection)? > 0)
}

/// Adds a job, at the end of its owner's turns.
///
/// Turns are start tags of start-time fair queueing (P. Goyal, H. Vin, H. Cheng, 1997), where each job counts as one. Somebody
/// new takes the turn that is served now; somebody who waits already comes a turn after their last. So an owner with fifty
/// waiting jobs delays one with a single job by one job on each worker, and by one more while nothing is being worked on.
///
/// # Errors
/// The database's error when it can't be used, or when there is a job of this id already.
pub fn enqueue(connection: &mut AnyConnection, job: &NewJob<'_>) -> Result<()> {
    let turn = next_turn(connection, job.kind, job.owner)?;
    diesel::insert_into(jobs::table)
        .values((
            jobs::id.eq(job.id),
            jobs::kind.eq(job.kind),
            jobs::lane.eq(job.lane),
            jobs::owner.eq(job.owner),
            jobs::turn.eq(turn),
            jobs::ready_at.eq(AT_ONCE),
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

/// A job's place among those of its kind that wait, from 1; `None` for one that does not wait. Jobs in other lanes stand before
/// it only while a worker serves those lanes.
///
/// # Errors
/// The database's error when it can't be read.
pub fn place(connection: &mut AnyConnection, id: &str, now: Timestamp) -> Result<Option<u32>> {
    let one = jobs::table.find(id).filter(jobs::lease_token.is_null());
    let one = one.select((jobs::kind, jobs::lane, jobs::turn));
    let Some((kind, lane, turn)) = one.first::<(JobKind, String, i64)>(connection).optional()? else { return Ok(None) };
    let before = waiting_before(connection, (kind, &lane, turn, id), now)?;
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
    /// Whether the worker works on nothing else. One that does gets no job with which a worker was lost, and none instead of
    /// it either: so it is idle soon.
    pub is_idle: bool,
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Integer)]
    attempt: i32,
    #[diesel(sql_type = Integer)]
    failures: i32,
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
         ) AND ($7 = 1 OR attempt = failures)
         RETURNING id, attempt, failures, created_at, traceparent"
    )
}

/// Claims the job whose turn it is, if there is one that the worker may begin now.
///
/// # Errors
/// The database's error when it can't be used.
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
        .bind::<Integer, _>(i32::from(claim.is_idle))
        .load(c))?;
    Ok(claimed.into_iter().next().map(|row| ClaimedJob {
        id: row.id,
        token: claim.token,
        attempt: row.attempt,
        was_lost: row.attempt.saturating_sub(1) > row.failures,
        created_at: row.created_at,
        traceparent: row.traceparent,
    }))
}

/// Makes a lease longer; `false` when it is no longer the worker's.
///
/// # Errors
/// The database's error when it can't be used.
pub fn renew(connection: &mut AnyConnection, id: &str, token: LeaseId, until: Timestamp) -> Result<bool> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    Ok(diesel::update(own).set(jobs::lease_until.eq(Some(until))).execute(connection)? == 1)
}

/// Whether a lease is still its worker's; to be asked in the transaction that writes.
///
/// # Errors
/// The database's error when it can't be used.
pub fn holds(connection: &mut AnyConnection, id: &str, token: LeaseId) -> Result<bool> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    Ok(own.count().get_result::<i64>(connection)? == 1)
}

/// Ends a job whose outcome is written in this transaction; `false` when the lease is no longer the worker's.
///
/// # Errors
/// The database's error when it can't be used.
pub fn complete(connection: &mut AnyConnection, id: &str, token: LeaseId) -> Result<bool> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    Ok(diesel::delete(own).execute(connection)? == 1)
}

/// Removes a job, leased or not, of something that is removed in this transaction.
///
/// # Errors
/// The database's error when it can't be used.
pub fn remove(connection: &mut AnyConnection, id: &str) -> Result<()> {
    diesel::delete(jobs::table.find(id)).execute(connection)?;
    Ok(())
}

/// Takes in a failure of ours: the job is begun again, later and later, and then abandoned. It takes its turn anew, so that one
/// that fails for ever is not what a worker comes to first each time.
///
/// # Errors
/// The database's error when it can't be used.
pub fn fail(
    connection: &mut AnyConnection,
    id: &str,
    token: LeaseId,
    now: Timestamp,
    policy: LeasePolicy,
) -> Result<Setback> {
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    let columns = (jobs::attempt, jobs::failures, jobs::kind, jobs::owner);
    let Some((attempts, before, kind, owner)) =
        own.select(columns).first::<(i32, i32, JobKind, String)>(connection).optional()?
    else {
        return Ok(Setback::LeaseLost);
    };
    let failures = before.saturating_add(1);
    if failures >= policy.failures {
        complete(connection, id, token)?;
        return Ok(Setback::Abandoned { attempts });
    }
    let turn = next_turn(connection, kind, &owner)?;
    diesel::update(own).set(jobs::turn.eq(turn)).execute(connection)?;
    requeue(connection, id, token, now + policy.wait_after(failures), Ended::Failed)?;
    Ok(Setback::Requeued)
}

/// The jobs that wait for longer than they should, since the clock was ahead when they failed, each with when its wait should end at the
/// latest.
///
/// # Errors
/// The database's error when it can't be read.
pub(super) fn long_waits(
    connection: &mut AnyConnection,
    kind: JobKind,
    now: Timestamp,
    policy: LeasePolicy,
) -> Result<Vec<(String, Timestamp)>> {
    let waiting = jobs::table.filter(jobs::kind.eq(kind)).filter(jobs::lease_token.is_null());
    let waiting: Vec<(String, i32, Timestamp)> =
        waiting.filter(jobs::ready_at.gt(now)).select((jobs::id, jobs::failures, jobs::ready_at)).load(connection)?;
    let latest = |(id, failures, ready_at): (String, i32, Timestamp)| {
        let until = now + policy.wait_after(failures);
        (ready_at > until).then_some((id, until))
    };
    Ok(waiting.into_iter().filter_map(latest).collect())
}

/// Has each of these jobs wait until its moment at the latest, unless it was claimed meanwhile; says how many there were.
///
/// # Errors
/// The database's error when it can't be used.
pub(super) fn shorten(connection: &mut AnyConnection, waits: &[(String, Timestamp)]) -> Result<usize> {
    waits.iter().try_fold(0, |shortened, (id, until)| {
        let waiting = jobs::table.find(id).filter(jobs::lease_token.is_null()).filter(jobs::ready_at.gt(*until));
        Ok(shortened + diesel::update(waiting).set(jobs::ready_at.eq(*until)).execute(connection)?)
    })
}

/// How a lease ended without an outcome.
#[derive(Debug, Clone, Copy)]
enum Ended {
    /// Its worker gave the job back: it counts as not begun.
    Released,
    /// Its worker fell silent or died.
    Lost,
    /// Its worker failed, for a reason of ours.
    Failed,
}

fn requeue(
    connection: &mut AnyConnection,
    id: &str,
    token: LeaseId,
    ready_at: Timestamp,
    ended: Ended,
) -> Result<bool> {
    let (begun, failed) = match ended {
        Ended::Released => (-1, 0),
        Ended::Lost => (0, 0),
        Ended::Failed => (0, 1),
    };
    let own = jobs::table.find(id).filter(jobs::lease_token.eq(token));
    let requeued = diesel::update(own)
        .set((
            jobs::attempt.eq(jobs::attempt + begun),
            jobs::failures.eq(jobs::failures + failed),
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
/// The database's error when it can't be used.
pub fn release(connection: &mut AnyConnection, id: &str, token: LeaseId) -> Result<bool> {
    requeue(connection, id, token, AT_ONCE, Ended::Released)
}

/// Why somebody other than its worker may end a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lapse {
    /// The worker has been silent for so long that the lease ran out; see [`Lapse::ran_out`].
    RanOut {
        /// Leases that end before this moment have run out.
        now: Timestamp,
        /// No lease ends after this moment, unless the clock that it was taken by was wrong.
        latest: Timestamp,
    },
    /// The process that held the lease under this worker's name is known to be dead.
    WorkerDied(String),
}

impl Lapse {
    /// What has run out by now. A lease that would last for longer than any is given for was taken by a clock that was ahead and
    /// has been corrected: it has run out too, since a worker that lives renews it by the clock that is right now.
    #[must_use]
    pub fn ran_out(now: Timestamp, policy: LeasePolicy) -> Self {
        Self::RanOut { now, latest: now + policy.lease.saturating_mul(2) }
    }
}

/// The ids of the jobs of a kind whose leases have lapsed. Each is to be ended in a transaction of its own, by [`end_lapsed`].
///
/// # Errors
/// The database's error when it can't be read.
pub fn lapsed(connection: &mut AnyConnection, kind: JobKind, lapse: &Lapse) -> Result<Vec<String>> {
    let leased = jobs::table.filter(jobs::kind.eq(kind)).filter(jobs::lease_token.is_not_null());
    let ids = leased.order(jobs::id).select(jobs::id).into_boxed();
    Ok(match lapse {
        Lapse::RanOut { now, latest } => {
            ids.filter(jobs::lease_until.lt(*now).or(jobs::lease_until.gt(*latest))).load(connection)?
        }
        Lapse::WorkerDied(worker) => ids.filter(jobs::worker.eq(worker)).load(connection)?,
    })
}

/// Ends one lease that has lapsed: the job counts as lost, and is begun again at once or abandoned. Nothing happens, and the
/// answer is [`Setback::LeaseLost`], when the lease was renewed or ended since it was looked at.
///
/// # Errors
/// The database's error when it can't be used, and [`Error::Corrupt`] when the lease can't be read back.
pub fn end_lapsed(connection: &mut AnyConnection, id: &str, lapse: &Lapse, policy: LeasePolicy) -> Result<Setback> {
    let one = jobs::table.find(id).select((jobs::lease_token, jobs::attempt, jobs::failures)).into_boxed();
    let one = match lapse {
        Lapse::RanOut { now, latest } => one.filter(jobs::lease_until.lt(*now).or(jobs::lease_until.gt(*latest))),
        Lapse::WorkerDied(worker) => one.filter(jobs::worker.eq(worker)),
    };
    let Some((Some(token), attempts, failures)) = one.first::<(Option<LeaseId>, i32, i32)>(connection).optional()?
    else {
        return Ok(Setback::LeaseLost);
    };
    if attempts.saturating_sub(failures) >= policy.losses {
        complete(connection, id, token)?;
        return Ok(Setback::Abandoned { attempts });
    }
    requeue(connection, id, token, AT_ONCE, Ended::Lost)?;
    Ok(Setback::Requeued)
}

/// Removes an owner's jobs of one kind, with their leases: the result of a worker that holds one is discarded.
///
/// # Errors
/// The database's error when it can't be used.
pub fn remove_of_owner(connection: &mut AnyConnection, kind: JobKind, owner: &str) -> Result<usize> {
    Ok(diesel::delete(jobs::table.filter(jobs::kind.eq(kind).and(jobs::owner.eq(owner)))).execute(connection)?)
}

/// How much waits, and for how long.
///
/// # Errors
/// The database's error when it can't be used.
pub fn depth(connection: &mut AnyConnection, kind: JobKind, now: Timestamp) -> Result<QueueDepth> {
    let of_kind = jobs::table.filter(jobs::kind.eq(kind));
    let queued = of_kind.filter(jobs::lease_token.is_null()).count().get_result(connection)?;
    let leased = of_kind.filter(jobs::lease_token.is_not_null()).count().get_result(connection)?;
    let waiting = of_kind.filter(jobs::lease_token.is_null());
    let oldest: Option<Timestamp> = waiting.select(diesel::dsl::min(jobs::created_at)).first(connection)?;
    Ok(QueueDepth { queued, leased, oldest: oldest.map_or_else(Default::default, |at| now.since(at)) })
}
