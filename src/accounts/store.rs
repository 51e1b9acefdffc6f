//! Accounts in the database.

use diesel::prelude::*;

use super::{Email, User};
use crate::clock::Timestamp;
use crate::db::schema::users;
use crate::db::{AnyConnection, Result, is_unique_violation};
use crate::id::UserId;

#[derive(Queryable)]
pub(super) struct UserRow {
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

pub(super) const USER: (users::id, users::email, users::display_name, users::created_at) =
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

/// Sets the hash of another password.
pub(super) fn set_password(connection: &mut AnyConnection, id: UserId, password_hash: &str) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(password_hash)).execute(connection)?;
    Ok(())
}

/// The hash of an account's password; `None` when the account is gone.
pub(super) fn password_hash(connection: &mut AnyConnection, id: UserId) -> Result<Option<String>> {
    Ok(users::table.find(id).select(users::password_hash).first(connection).optional()?)
}

/// Removes an account. Every table that holds something of a person refers to the account and is cleared with it.
pub(super) fn delete_user(connection: &mut AnyConnection, id: UserId) -> Result<()> {
    diesel::delete(users::table.find(id)).execute(connection)?;
    Ok(())
}
