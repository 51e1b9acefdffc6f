//! The statements on lanes and on the jobs that wait in them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{ABANDONED_AFTER, SERVED_FOR};
use crate::clock::Timestamp;
use crate::db::schema::{jobs, served_lanes};
use crate::db::{AnyConnection, Error, Result, each_database};
use crate::jobs::JobKind;

/// Most jobs that are given up in one round of maintenance.
const UNSERVED_MAX: i64 = 500;

/// Writes down that a worker serves these lanes at this moment.
///
/// # Errors
/// The database's error when it can't be used.
pub fn serve(connection: &mut AnyConnection, kind: JobKind, lanes: &[String], now: Timestamp) -> Result<()> {
    // In one order, so that two workers don't wait for each other's rows.
    let lanes: std::collections::BTreeSet<&String> = lanes.iter().collect();
    let lanes = serde_json::to_string(&lanes).map_err(|error| Error::corrupt("the lanes of a worker", error))?;
    let each = match connection {
        AnyConnection::Sqlite(_) => "SELECT $1, value, $2 FROM json_each($3)",
        AnyConnection::Postgres(_) => "SELECT $1, value, $2 FROM jsonb_array_elements_text($3::jsonb)",
    };
    // Without WHERE, SQLite takes the ON for a join's.
    let statement = format!(
        "INSERT INTO served_lanes (kind, lane, served_at) {each} WHERE true
         ON CONFLICT (kind, lane) DO UPDATE SET served_at = excluded.served_at"
    );
    each_database!(connection, c => diesel::sql_query(statement)
        .bind::<Text, _>(kind)
        .bind::<BigInt, _>(now)
        .bind::<Text, _>(&lanes)
        .execute(c))?;
    Ok(())
}

/// How many jobs of a kind wait before the job of this `turn` and `id`, in its own lane and in those that are served.
pub(in crate::jobs) fn waiting_before(
    connection: &mut AnyConnection,
    (kind, lane, turn, id): (JobKind, &str, i64, &str),
    now: Timestamp,
) -> Result<i64> {
    let served = served_lanes::table
        .filter(served_lanes::kind.eq(kind))
        .filter(served_lanes::served_at.gt(now - SERVED_FOR))
        .select(served_lanes::lane);
    let earlier = jobs::turn.lt(turn).or(jobs::turn.eq(turn).and(jobs::id.lt(id)));
    Ok(jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::lease_token.is_null())
        .filter(earlier)
        .filter(jobs::lane.eq(lane).or(jobs::lane.eq_any(served)))
        .count()
        .get_result(connection)?)
}

/// Jobs of a kind that have waited for [`ABANDONED_AFTER`] in lanes that no worker has served for as long: the id and the lane
/// of each.
///
/// # Errors
/// The database's error when it can't be read.
pub fn unserved(connection: &mut AnyConnection, kind: JobKind, now: Timestamp) -> Result<Vec<(String, String)>> {
    let since = now - ABANDONED_AFTER;
    let served = served_lanes::table
        .filter(served_lanes::kind.eq(kind))
        .filter(served_lanes::served_at.gt(since))
        .select(served_lanes::lane);
    Ok(jobs::table
        .filter(jobs::kind.eq(kind))
        .filter(jobs::lease_token.is_null())
        .filter(jobs::created_at.lt(since))
        .filter(jobs::lane.ne_all(served))
        .order(jobs::id)
        .limit(UNSERVED_MAX)
        .select((jobs::id, jobs::lane))
        .load(connection)?)
}

/// Gives up a job that waits; `false` when it doesn't wait any more. Its feature says in the same transaction what that means.
///
/// # Errors
/// The database's error when it can't be used.
pub fn abandon(connection: &mut AnyConnection, id: &str) -> Result<bool> {
    let waiting = jobs::table.find(id).filter(jobs::lease_token.is_null());
    Ok(diesel::delete(waiting).execute(connection)? == 1)
}

/// Forgets the lanes of a kind that no worker has served for [`ABANDONED_AFTER`]; says how many there were.
///
/// # Errors
/// The database's error when it can't be used.
pub fn forget_unserved(connection: &mut AnyConnection, kind: JobKind, now: Timestamp) -> Result<usize> {
    let old = served_lanes::table
        .filter(served_lanes::kind.eq(kind))
        .filter(served_lanes::served_at.le(now - ABANDONED_AFTER));
    Ok(diesel::delete(old).execute(connection)?)
}
