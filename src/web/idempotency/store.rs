//! Keys and the answers that they stand for.

use diesel::prelude::*;

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
    pub(super) kept_since: Timestamp,
    pub(super) abandoned_before: Timestamp,
}

/// An answer, to be given again.
#[derive(Queryable)]
pub(super) struct Stored {
    pub(super) status: i32,
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
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
}

type Row = (String, Timestamp, Option<i32>, Option<String>, Option<Vec<u8>>);

pub(super) fn claim(connection: &mut AnyConnection, claim: &Claim) -> Result<Claimed> {
    let found = dsl::idempotency_keys
        .find((claim.caller, &claim.key))
        .select((dsl::fingerprint, dsl::created_at, dsl::status, dsl::headers, dsl::body))
        .first::<Row>(connection)
        .optional()?;
    Ok(match found.filter(|(_, created_at, ..)| *created_at >= claim.kept_since) {
        Some((fingerprint, ..)) if fingerprint != claim.fingerprint => Claimed::AnotherRequest,
        Some((_, _, Some(status), Some(headers), Some(body))) => Claimed::Answered(Stored { status, headers, body }),
        Some((_, created_at, ..)) if created_at >= claim.abandoned_before => Claimed::UnderWay,
        Some(_) => {
            give_back(connection, claim)?;
            insert(connection, claim)?;
            Claimed::Fresh
        }
        None => {
            // One that is too old to be kept may still be there.
            give_back(connection, claim)?;
            insert(connection, claim)?;
            Claimed::Fresh
        }
    })
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
