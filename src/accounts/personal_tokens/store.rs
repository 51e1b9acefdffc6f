//! Personal tokens in the database, each as its hash.

use diesel::prelude::*;

use super::{PersonalToken, TokenScope};
use crate::clock::Timestamp;
use crate::db::schema::personal_tokens;
use crate::db::{AnyConnection, Result};
use crate::id::{TokenId, UserId};

#[derive(Queryable)]
struct Row {
    id: TokenId,
    name: String,
    scope: TokenScope,
    created_at: Timestamp,
    used_at: Option<Timestamp>,
    expires_at: Timestamp,
}

impl From<Row> for PersonalToken {
    fn from(row: Row) -> Self {
        let Row { id, name, scope, created_at, used_at, expires_at } = row;
        Self { id, name, scope, created_at, used_at, expires_at }
    }
}

/// How many tokens of a person are good.
pub(super) fn count(connection: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<i64> {
    let good = personal_tokens::table.filter(personal_tokens::user_id.eq(user));
    Ok(good.filter(personal_tokens::expires_at.gt(now)).count().get_result(connection)?)
}

/// Whether there is a token of this id, whoever it belongs to.
pub(super) fn exists(connection: &mut AnyConnection, id: TokenId) -> Result<bool> {
    Ok(personal_tokens::table.find(id).count().get_result::<i64>(connection)? > 0)
}

/// Adds a token of a person.
pub(super) fn insert(connection: &mut AnyConnection, user: UserId, token: &PersonalToken, hash: &str) -> Result<()> {
    diesel::insert_into(personal_tokens::table)
        .values((
            personal_tokens::id.eq(token.id),
            personal_tokens::user_id.eq(user),
            personal_tokens::name.eq(&token.name),
            personal_tokens::scope.eq(token.scope),
            personal_tokens::token_hash.eq(hash),
            personal_tokens::created_at.eq(token.created_at),
            personal_tokens::expires_at.eq(token.expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// A person's tokens that are good, the newest first.
pub(super) fn list(connection: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<Vec<PersonalToken>> {
    let rows: Vec<Row> = personal_tokens::table
        .filter(personal_tokens::user_id.eq(user))
        .filter(personal_tokens::expires_at.gt(now))
        .order(personal_tokens::id.desc())
        .select((
            personal_tokens::id,
            personal_tokens::name,
            personal_tokens::scope,
            personal_tokens::created_at,
            personal_tokens::used_at,
            personal_tokens::expires_at,
        ))
        .load(connection)?;
    Ok(rows.into_iter().map(PersonalToken::from).collect())
}

/// A token that is good, and for whom.
#[derive(Queryable)]
pub(super) struct Good {
    pub(super) id: TokenId,
    pub(super) user: UserId,
    pub(super) scope: TokenScope,
    pub(super) used_at: Option<Timestamp>,
}

/// The token with this hash, unless it has ended.
pub(super) fn good(connection: &mut AnyConnection, hash: &str, now: Timestamp) -> Result<Option<Good>> {
    let found = personal_tokens::table
        .filter(personal_tokens::token_hash.eq(hash))
        .filter(personal_tokens::expires_at.gt(now))
        .select((personal_tokens::id, personal_tokens::user_id, personal_tokens::scope, personal_tokens::used_at))
        .first(connection)
        .optional()?;
    Ok(found)
}

/// Notes that a token was used.
pub(super) fn touch(connection: &mut AnyConnection, id: TokenId, now: Timestamp) -> Result<()> {
    diesel::update(personal_tokens::table.find(id)).set(personal_tokens::used_at.eq(Some(now))).execute(connection)?;
    Ok(())
}

/// Revokes a token of a person; `false` when the person has no such token.
pub(super) fn delete(connection: &mut AnyConnection, user: UserId, id: TokenId) -> Result<bool> {
    let own = personal_tokens::table.find(id).filter(personal_tokens::user_id.eq(user));
    Ok(diesel::delete(own).execute(connection)? > 0)
}

/// Revokes all tokens of a person.
pub(in crate::accounts) fn delete_all(connection: &mut AnyConnection, user: UserId) -> Result<()> {
    diesel::delete(personal_tokens::table.filter(personal_tokens::user_id.eq(user))).execute(connection)?;
    Ok(())
}

/// Removes the tokens that have ended, and says how many there were.
pub(in crate::accounts) fn delete_expired(connection: &mut AnyConnection, now: Timestamp) -> Result<usize> {
    Ok(diesel::delete(personal_tokens::table.filter(personal_tokens::expires_at.le(now))).execute(connection)?)
}
