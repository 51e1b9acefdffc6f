//! Sign-ins in the database. Tokens are kept as hashes: a copy of the data signs nobody in.

use diesel::prelude::*;

use super::{SessionKind, SessionSummary};
use crate::accounts::User;
use crate::accounts::store::{USER, UserRow};
use crate::clock::Timestamp;
use crate::db::schema::{sessions, users};
use crate::db::{AnyConnection, Result};
use crate::id::{SessionId, UserId};

/// A new sign-in, as it is kept.
#[derive(Clone)]
pub(in crate::accounts) struct NewSession {
    pub(in crate::accounts) id: SessionId,
    pub(in crate::accounts) user: UserId,
    pub(in crate::accounts) kind: SessionKind,
    pub(in crate::accounts) token_hash: String,
    pub(in crate::accounts) agent: String,
    pub(in crate::accounts) now: Timestamp,
    pub(in crate::accounts) expires_at: Timestamp,
}

/// Adds a sign-in, and ends those of the same kind that were used longest ago beyond the `most` that a person may have.
pub(super) fn insert(connection: &mut AnyConnection, new: &NewSession, most: i64) -> Result<()> {
    let kept = most.saturating_sub(1).max(0);
    let surplus: Vec<SessionId> = sessions::table
        .filter(sessions::user_id.eq(new.user))
        .filter(sessions::kind.eq(new.kind))
        .order((sessions::used_at.desc(), sessions::id.desc()))
        .offset(kept)
        .limit(i64::from(i32::MAX))
        .select(sessions::id)
        .load(connection)?;
    if !surplus.is_empty() {
        diesel::delete(sessions::table.filter(sessions::id.eq_any(surplus))).execute(connection)?;
    }
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id),
            sessions::user_id.eq(new.user),
            sessions::kind.eq(new.kind),
            sessions::token_hash.eq(&new.token_hash),
            sessions::agent.eq(&new.agent),
            sessions::created_at.eq(new.now),
            sessions::used_at.eq(new.now),
            sessions::expires_at.eq(new.expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// A browser's session that is open.
pub(super) struct Open {
    pub(super) id: SessionId,
    pub(super) user: User,
    pub(super) used_at: Timestamp,
}

/// The browser's session with this token, unless it is past its end or was last used before `idle_since`.
pub(super) fn open(
    connection: &mut AnyConnection,
    token_hash: &str,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<Open>> {
    let row = sessions::table
        .inner_join(users::table)
        .filter(sessions::token_hash.eq(token_hash))
        .filter(sessions::kind.eq(SessionKind::Browser))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::used_at.gt(idle_since))
        .select((sessions::id, USER, sessions::used_at))
        .first::<(SessionId, UserRow, Timestamp)>(connection)
        .optional()?;
    Ok(row.map(|(id, user, used_at)| Open { id, user: user.into(), used_at }))
}

/// Notes that a session was used.
pub(super) fn touch(connection: &mut AnyConnection, id: SessionId, now: Timestamp) -> Result<()> {
    let older = sessions::table.find(id).filter(sessions::used_at.lt(now));
    diesel::update(older).set(sessions::used_at.eq(now)).execute(connection)?;
    Ok(())
}

/// A client's sign-in as it is kept.
#[derive(Queryable)]
pub(super) struct Client {
    pub(super) id: SessionId,
    pub(super) user: UserId,
    pub(super) token_hash: String,
    pub(super) previous_hash: Option<String>,
    pub(super) used_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// The client's sign-in whose latest refresh token has this hash, else the one with this id.
pub(super) fn client(
    connection: &mut AnyConnection,
    token_hash: &str,
    id: Option<SessionId>,
) -> Result<Option<Client>> {
    let columns = (
        sessions::id,
        sessions::user_id,
        sessions::token_hash,
        sessions::previous_hash,
        sessions::used_at,
        sessions::expires_at,
    );
    let clients = sessions::table.filter(sessions::kind.eq(SessionKind::Client)).select(columns);
    let latest = clients.filter(sessions::token_hash.eq(token_hash)).first::<Client>(connection).optional()?;
    match (latest, id) {
        (None, Some(id)) => Ok(clients.filter(sessions::id.eq(id)).first::<Client>(connection).optional()?),
        (latest, _) => Ok(latest),
    }
}

/// Puts the next refresh token in the place of the latest.
pub(super) fn rotate(
    connection: &mut AnyConnection,
    client: &Client,
    next_hash: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    diesel::update(sessions::table.find(client.id))
        .set((
            sessions::previous_hash.eq(Some(&client.token_hash)),
            sessions::token_hash.eq(next_hash),
            sessions::used_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether a sign-in of a person goes on.
pub(in crate::accounts) fn goes_on(
    connection: &mut AnyConnection,
    user: UserId,
    id: SessionId,
    now: Timestamp,
) -> Result<bool> {
    let own = sessions::table.find(id).filter(sessions::user_id.eq(user)).filter(sessions::expires_at.gt(now));
    Ok(own.count().get_result::<i64>(connection)? == 1)
}

/// Ends a sign-in of a person; `false` when the person has no such sign-in.
pub(super) fn delete(connection: &mut AnyConnection, user: UserId, id: SessionId) -> Result<bool> {
    let own = sessions::table.find(id).filter(sessions::user_id.eq(user));
    Ok(diesel::delete(own).execute(connection)? > 0)
}

/// Ends all sign-ins of a person but one.
pub(in crate::accounts) fn delete_all_but(
    connection: &mut AnyConnection,
    user: UserId,
    kept: Option<SessionId>,
) -> Result<()> {
    let all = sessions::table.filter(sessions::user_id.eq(user));
    match kept {
        Some(kept) => diesel::delete(all.filter(sessions::id.ne(kept))).execute(connection)?,
        None => diesel::delete(all).execute(connection)?,
    };
    Ok(())
}

/// A person's sign-ins that are good, the newest first.
pub(super) fn list(
    connection: &mut AnyConnection,
    user: UserId,
    now: Timestamp,
    idle_since: Timestamp,
    current: Option<SessionId>,
) -> Result<Vec<SessionSummary>> {
    type Row = (SessionId, SessionKind, String, Timestamp, Timestamp, Timestamp);
    let rows: Vec<Row> = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::expires_at.gt(now))
        .order(sessions::id.desc())
        .select((
            sessions::id,
            sessions::kind,
            sessions::agent,
            sessions::created_at,
            sessions::used_at,
            sessions::expires_at,
        ))
        .load(connection)?;
    let rows =
        rows.into_iter().filter(|(_, kind, _, _, used_at, _)| *kind == SessionKind::Client || *used_at > idle_since);
    let summary = |(id, kind, agent, created_at, used_at, expires_at): Row| SessionSummary {
        id,
        kind,
        agent,
        created_at,
        used_at,
        expires_at,
        current: current == Some(id),
    };
    Ok(rows.map(summary).collect())
}

/// Removes the sign-ins that have expired and the browsers' that nobody used since a moment; says how many there were.
pub(in crate::accounts) fn delete_expired(
    connection: &mut AnyConnection,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<usize> {
    let expired = diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(connection)?;
    let idle = sessions::table.filter(sessions::kind.eq(SessionKind::Browser)).filter(sessions::used_at.le(idle_since));
    Ok(expired + diesel::delete(idle).execute(connection)?)
}
