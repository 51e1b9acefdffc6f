//! Accounts, sessions and refresh tokens in the database. Tokens are kept as hashes: a copy of the data signs nobody in.

use diesel::prelude::*;

use super::{Email, User};
use crate::clock::Timestamp;
use crate::db::schema::{refresh_tokens, sessions, users};
use crate::db::{AnyConnection, Result, is_unique_violation};
use crate::id::{FamilyId, SessionId, UserId};

#[derive(Queryable)]
struct UserRow {
    id: UserId,
    email: String,
    display_name: String,
    created_at: Timestamp,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self { id: row.id, email: row.email, display_name: row.display_name, created_at: row.created_at }
    }
}

const USER: (users::id, users::email, users::display_name, users::created_at) =
    (users::id, users::email, users::display_name, users::created_at);

/// Adds an account; `false` when the address has one.
pub(super) fn insert_user(connection: &mut AnyConnection, user: &User, password_hash: &str) -> Result<bool> {
    let inserted = diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id),
            users::email.eq(&user.email),
            users::display_name.eq(&user.display_name),
            users::password_hash.eq(password_hash),
            users::created_at.eq(user.created_at),
        ))
        .execute(connection);
    match inserted {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn user(connection: &mut AnyConnection, id: UserId) -> Result<Option<User>> {
    let row = users::table.find(id).select(USER).first::<UserRow>(connection).optional()?;
    Ok(row.map(User::from))
}

/// An account by address, with its password's hash.
pub(super) fn user_by_email(connection: &mut AnyConnection, email: &Email) -> Result<Option<(User, String)>> {
    let row = users::table
        .filter(users::email.eq(email.as_str()))
        .select((USER, users::password_hash))
        .first::<(UserRow, String)>(connection)
        .optional()?;
    Ok(row.map(|(user, hash)| (user.into(), hash)))
}

/// Sets another password and ends everything that the old one opened; `false` when there is no such account.
pub(super) fn set_password(connection: &mut AnyConnection, email: &Email, password_hash: &str) -> Result<bool> {
    let account = users::table.filter(users::email.eq(email.as_str())).select(users::id);
    let Some(id) = account.first::<UserId>(connection).optional()? else { return Ok(false) };
    diesel::update(users::table.find(id)).set(users::password_hash.eq(password_hash)).execute(connection)?;
    diesel::delete(sessions::table.filter(sessions::user_id.eq(id))).execute(connection)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::user_id.eq(id))).execute(connection)?;
    Ok(true)
}

pub(super) fn insert_session(
    connection: &mut AnyConnection,
    id: SessionId,
    user: UserId,
    token_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::user_id.eq(user),
            sessions::token_hash.eq(token_hash),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

pub(super) fn session_user(connection: &mut AnyConnection, token_hash: &str, now: Timestamp) -> Result<Option<User>> {
    let row = sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token_hash))
        .filter(sessions::expires_at.gt(now))
        .select(USER)
        .first::<UserRow>(connection)
        .optional()?;
    Ok(row.map(User::from))
}

pub(super) fn delete_session(connection: &mut AnyConnection, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash))).execute(connection)?;
    Ok(())
}

/// A refresh token as it is kept.
pub(super) struct RefreshToken {
    pub(super) token_hash: String,
    pub(super) family: FamilyId,
    pub(super) user: UserId,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

pub(super) fn insert_refresh_token(connection: &mut AnyConnection, token: &RefreshToken) -> Result<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(&token.token_hash),
            refresh_tokens::family.eq(token.family),
            refresh_tokens::user_id.eq(token.user),
            refresh_tokens::created_at.eq(token.created_at),
            refresh_tokens::expires_at.eq(token.expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// What became of a refresh token that somebody showed.
pub(super) enum Shown {
    /// Good, and used up by this.
    Fresh(FamilyId, UserId),
    /// Used before: somebody has a copy. Its whole family is gone now.
    Reused,
    /// Not ours, or too old.
    Unknown,
}

pub(super) fn use_refresh_token(connection: &mut AnyConnection, token_hash: &str, now: Timestamp) -> Result<Shown> {
    let found = refresh_tokens::table
        .find(token_hash)
        .select((refresh_tokens::family, refresh_tokens::user_id, refresh_tokens::expires_at, refresh_tokens::used_at))
        .first::<(FamilyId, UserId, Timestamp, Option<Timestamp>)>(connection)
        .optional()?;
    match found {
        Some((family, _, _, Some(_))) => {
            delete_family(connection, family)?;
            Ok(Shown::Reused)
        }
        Some((family, user, expires_at, None)) if expires_at > now => {
            diesel::update(refresh_tokens::table.find(token_hash))
                .set(refresh_tokens::used_at.eq(now))
                .execute(connection)?;
            Ok(Shown::Fresh(family, user))
        }
        _ => Ok(Shown::Unknown),
    }
}

pub(super) fn delete_family(connection: &mut AnyConnection, family: FamilyId) -> Result<()> {
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::family.eq(family))).execute(connection)?;
    Ok(())
}

/// Ends the family that a token belongs to.
pub(super) fn delete_family_of(connection: &mut AnyConnection, token_hash: &str) -> Result<()> {
    let family = refresh_tokens::table.find(token_hash).select(refresh_tokens::family);
    if let Some(family) = family.first::<FamilyId>(connection).optional()? {
        delete_family(connection, family)?;
    }
    Ok(())
}

/// Removes the sessions and refresh tokens that have expired, and says how many there were.
pub(super) fn delete_expired(connection: &mut AnyConnection, now: Timestamp) -> Result<usize> {
    let sessions = diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(connection)?;
    let tokens =
        diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.le(now))).execute(connection)?;
    Ok(sessions + tokens)
}
