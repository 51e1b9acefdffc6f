//! Keys and the answers that they stand for.

use std::time::Duration;

use diesel::dsl::{count_star, min, sum};
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
    /// How long an answer is kept.
    pub(super) kept_for: Duration,
    pub(super) abandoned_before: Timestamp,
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
    pub(super) keys: i64,
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
    /// The key stands for another request.
    AnotherRequest,
    /// The caller's keys hold all that they may until the oldest is forgotten.
    Full { until: Timestamp },
}

diesel::define_sql_function! {
    /// How many bytes there are in a blob.
    fn length(bytes: Nullable<Binary>) -> Nullable<Integer>;
}

type Row = (String, Timestamp, Option<i32>, Option<String>, Option<Vec<u8>>);

pub(super) fn claim(connection: &mut AnyConnection, claim: &Claim, room: Room) -> Result<Claimed> {
    let kept_since = claim.now - claim.kept_for;
    let found = dsl::idempotency_keys
        .find((claim.caller, &claim.key))
        .select((dsl::fingerprint, dsl::created_at, dsl::status, dsl::headers, dsl::body))
        .first::<Row>(connection)
        .optional()?;
    Ok(match found.filter(|(_, created_at, ..)| *created_at >= kept_since) {
        Some((fingerprint, ..)) if fingerprint != claim.fingerprint => Claimed::AnotherRequest,
        Some((_, _, Some(status), Some(headers), Some(body))) => Claimed::Answered(Stored { status, headers, body }),
        Some((_, created_at, ..)) if created_at >= claim.abandoned_before => Claimed::UnderWay,
        // It was abandoned, is too old to be kept, or isn't there.
        _ => match full_until(connection, claim, room)? {
            Some(until) => Claimed::Full { until },
            None => {
                give_back(connection, claim)?;
                insert(connection, claim)?;
                Claimed::Fresh
            }
        },
    })
}

/// When the caller's oldest key is forgotten, if there is no room until then.
fn full_until(connection: &mut AnyConnection, claim: &Claim, room: Room) -> Result<Option<Timestamp>> {
    let kept_since = claim.now - claim.kept_for;
    let of_caller = dsl::idempotency_keys.filter(dsl::user_id.eq(claim.caller).and(dsl::created_at.ge(kept_since)));
    let (keys, bytes, oldest) = of_caller
        .select((count_star(), sum(length(dsl::body)), min(dsl::created_at)))
        .first::<(i64, Option<i64>, Option<Timestamp>)>(connection)?;
    let is_full = keys >= room.keys || bytes.unwrap_or(0) >= room.bytes;
    Ok(oldest.filter(|_| is_full).map(|oldest| oldest + claim.kept_for))
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

pub(super) fn give_back(connection: &mut AnyConnection, claim: &Claim) -> Result<()> {
    diesel::delete(dsl::idempotency_keys.find((claim.caller, &claim.key))).execute(connection)?;
    Ok(())
}

/// Removes the keys that were claimed before a moment, and says how many there were.
pub(super) fn delete_before(connection: &mut AnyConnection, moment: Timestamp) -> Result<usize> {
    Ok(diesel::delete(dsl::idempotency_keys.filter(dsl::created_at.lt(moment))).execute(connection)?)
}
