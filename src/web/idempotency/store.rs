//! Keys and the answers that they stand for.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable};

use crate::clock::Timestamp;
use crate::db::schema::idempotency_keys::{self, dsl};
use crate::db::{AnyConnection, Result};
use crate::id::UserId;

/// A request that comes with a key.
#[derive(Clone)]
pub(super) struct Claim {
    pub(super) caller: UserId,
    pub(super) key: String,
    pub(super) fingerprint: String,
    pub(super) now: Timestamp,
    /// How long a key is kept.
    pub(super) kept_for: Duration,
    /// A claim from before this moment that has no answer won't get one.
    pub(super) lapsed_before: Timestamp,
}

/// An answer, to be given again.
#[derive(Queryable)]
pub(super) struct Stored {
    pub(super) status: i32,
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

/// What one person's keys may hold at a time.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) keys: usize,
    pub(super) bytes: i64,
}

/// What a claim found.
pub(super) enum Claimed {
    /// The key is new, and the caller's now.
    Fresh,
    /// The same request was answered.
    Answered(Stored),
    /// The same request is being carried out.
    UnderWay,
    /// The same request failed, or the server stopped meanwhile. Nobody knows whether it was carried out.
    Unknown,
    /// The key stands for another request.
    AnotherRequest,
    /// The caller's keys hold all that they may until this moment.
    Full { until: Timestamp },
}

diesel::define_sql_function! {
    /// How many bytes there are in a blob.
    fn length(bytes: Nullable<Binary>) -> Nullable<Integer>;
}

type Row = (String, Timestamp, Option<i32>, Option<String>, Option<Vec<u8>>);

/// Claims the key for the request, unless it was claimed before or there is no room for it.
pub(super) fn claim(connection: &mut AnyConnection, claim: &Claim, room: Room) -> Result<Claimed> {
    let kept_since = claim.now - claim.kept_for;
    let found = dsl::idempotency_keys
        .find((claim.caller, &claim.key))
        .select((dsl::fingerprint, dsl::created_at, dsl::status, dsl::headers, dsl::body))
        .first::<Row>(connection)
        .optional()?;
    Ok(match found.filter(|(_, created_at, ..)| *created_at > kept_since) {
        Some((fingerprint, ..)) if fingerprint != claim.fingerprint => Claimed::AnotherRequest,
        Some((_, _, Some(status), Some(headers), Some(body))) => Claimed::Answered(Stored { status, headers, body }),
        Some((_, created_at, None, ..)) if created_at >= claim.lapsed_before => Claimed::UnderWay,
        Some(_) => Claimed::Unknown,
        None => match room.is_free_after(&kept(connection, claim, kept_since)?) {
            Some(oldest) => Claimed::Full { until: oldest + claim.kept_for },
            None => {
                give_back(connection, claim)?;
                insert(connection, claim)?;
                Claimed::Fresh
            }
        },
    })
}

/// When each of the caller's keys was claimed, the oldest first, and how many bytes its answer has.
fn kept(connection: &mut AnyConnection, claim: &Claim, since: Timestamp) -> Result<Vec<(Timestamp, i64)>> {
    let rows: Vec<(Timestamp, Option<i32>)> = dsl::idempotency_keys
        .filter(dsl::user_id.eq(claim.caller).and(dsl::created_at.gt(since)))
        .order(dsl::created_at)
        .select((dsl::created_at, length(dsl::body)))
        .load(connection)?;
    Ok(rows.into_iter().map(|(created_at, bytes)| (created_at, bytes.unwrap_or(0).into())).collect())
}

impl Room {
    /// The key that has to be forgotten before there is room for another, by when it was claimed; `None` if there is room now.
    /// `kept` is what there is, the oldest first, with the bytes of each.
    fn is_free_after(self, kept: &[(Timestamp, i64)]) -> Option<Timestamp> {
        let (mut keys, mut bytes) = (kept.len(), kept.iter().map(|(_, bytes)| bytes).sum::<i64>());
        let mut last = None;
        for (claimed_at, size) in kept {
            if keys < self.keys && bytes < self.bytes {
                break;
            }
            keys -= 1;
            bytes -= size;
            last = Some(*claimed_at);
        }
        last
    }
}

fn insert(connection: &mut AnyConnection, claim: &Claim) -> Result<()> {
    diesel::insert_into(idempotency_keys::table)
        .values((
            dsl::user_id.eq(claim.caller),
            dsl::key.eq(&claim.key),
            dsl::fingerprint.eq(&claim.fingerprint),
            dsl::created_at.eq(claim.now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Stores the answer of a request that was carried out.
pub(super) fn answer(connection: &mut AnyConnection, claim: &Claim, stored: &Stored) -> Result<()> {
    diesel::update(dsl::idempotency_keys.find((claim.caller, &claim.key)))
        .set((
            dsl::status.eq(Some(stored.status)),
            dsl::headers.eq(Some(&stored.headers)),
            dsl::body.eq(Some(&stored.body)),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes that a request failed, so that nobody waits for its answer. A status without a body is no answer.
pub(super) fn fail(connection: &mut AnyConnection, claim: &Claim) -> Result<()> {
    diesel::update(dsl::idempotency_keys.find((claim.caller, &claim.key)))
        .set(dsl::status.eq(Some(500)))
        .execute(connection)?;
    Ok(())
}

/// Frees the key of a request that changed nothing.
pub(super) fn give_back(connection: &mut AnyConnection, claim: &Claim) -> Result<()> {
    diesel::delete(dsl::idempotency_keys.find((claim.caller, &claim.key))).execute(connection)?;
    Ok(())
}

/// Removes the keys that were claimed at a moment or before, and says how many there were.
pub(super) fn delete_until(connection: &mut AnyConnection, moment: Timestamp) -> Result<usize> {
    Ok(diesel::delete(dsl::idempotency_keys.filter(dsl::created_at.le(moment))).execute(connection)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { keys: 3, bytes: 100 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn there_is_room_again_when_enough_keys_and_enough_bytes_are_forgotten() {
        assert_eq!(ROOM.is_free_after(&[]), None);
        assert_eq!(ROOM.is_free_after(&[(at(1), 49), (at(2), 50)]), None);
        // The oldest key alone makes room for a key, but not for bytes.
        assert_eq!(ROOM.is_free_after(&[(at(1), 0), (at(2), 0), (at(3), 0)]), Some(at(1)));
        assert_eq!(ROOM.is_free_after(&[(at(1), 0), (at(2), 60), (at(3), 60)]), Some(at(2)));
        assert_eq!(ROOM.is_free_after(&[(at(1), 0), (at(2), 200)]), Some(at(2)));
    }
}
