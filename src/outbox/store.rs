//! Messages in the database.

use diesel::prelude::*;

use super::{Message, NewMessage};
use crate::clock::Timestamp;
use crate::db::schema::outbox;
use crate::db::{AnyConnection, Error, Result};
use crate::id::{MessageId, UserId};
use crate::jobs::store as jobs;
use crate::jobs::{JobKind, NewJob};

/// Longest part of an answer that is kept, in characters.
const ANSWER_MAX_CHARS: usize = 500;
/// Messages that are removed in one transaction.
const BATCH: i64 = 200;

/// Writes a message, in the transaction that makes it necessary.
///
/// # Errors
/// The database's error when it can't be written.
pub fn put(connection: &mut AnyConnection, message: &NewMessage<'_>) -> Result<MessageId> {
    let id = MessageId::new();
    let seq = next_place(connection, message.channel, message.ordering_key)?;
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::channel.eq(message.channel),
            outbox::ordering_key.eq(message.ordering_key),
            outbox::payload.eq(message.payload.to_string()),
            outbox::created_at.eq(message.now),
            outbox::user_id.eq(message.user),
            outbox::seq.eq(seq),
        ))
        .execute(connection)?;
    schedule(connection, message.channel, message.ordering_key, message.now)?;
    Ok(id)
}

/// Removes the messages about a person, delivered or not, in the transaction that erases the account. Those of others that waited
/// for one of them wait no longer.
///
/// # Errors
/// The database's error when it can't be written.
pub fn remove_of(connection: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<()> {
    let own = outbox::table.filter(outbox::user_id.eq(user));
    let rows: Vec<(MessageId, String, String)> =
        own.order(outbox::id).select((outbox::id, outbox::channel, outbox::ordering_key)).load(connection)?;
    for (id, _, _) in &rows {
        jobs::remove(connection, id.as_str())?;
    }
    diesel::delete(own).execute(connection)?;
    for (_, channel, key) in &rows {
        schedule(connection, channel, key, now)?;
    }
    Ok(())
}

/// The place after those of a channel and key that are there. It follows no clock, which may be set back.
fn next_place(connection: &mut AnyConnection, channel: &str, key: &str) -> Result<i64> {
    let last: Option<i64> = outbox::table
        .filter(outbox::channel.eq(channel))
        .filter(outbox::ordering_key.eq(key))
        .select(diesel::dsl::max(outbox::seq))
        .first(connection)?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

fn first_waiting(connection: &mut AnyConnection, channel: &str, key: &str) -> Result<Option<MessageId>> {
    Ok(outbox::table
        .filter(outbox::channel.eq(channel))
        .filter(outbox::ordering_key.eq(key))
        .filter(outbox::delivered_at.is_null())
        .filter(outbox::abandoned_at.is_null())
        .order(outbox::seq)
        .select(outbox::id)
        .first(connection)
        .optional()?)
}

/// Gives the first message of a key that has not left its job, unless one of the key has a job already.
fn schedule(connection: &mut AnyConnection, channel: &str, key: &str, now: Timestamp) -> Result<()> {
    let (kind, lane, owner) = (JobKind::Delivery, channel, key);
    if jobs::has_job(connection, kind, lane, owner)? {
        return Ok(());
    }
    match first_waiting(connection, channel, key)? {
        Some(id) => jobs::enqueue(connection, &NewJob { id: id.as_str(), kind, lane, owner, traceparent: None, now }),
        None => Ok(()),
    }
}

/// A message that is to be delivered; `None` when it was removed meanwhile.
pub(super) fn find(connection: &mut AnyConnection, id: MessageId) -> Result<Option<Message>> {
    let payload: Option<String> = outbox::table.find(id).select(outbox::payload).first(connection).optional()?;
    let Some(payload) = payload else { return Ok(None) };
    let payload = serde_json::from_str(&payload).map_err(|error| Error::corrupt("a message of the outbox", error))?;
    Ok(Some(Message { id, payload }))
}

/// How a delivery ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Delivered,
    /// It will be delivered again.
    Failed,
    /// It was delivered often enough, and is given up.
    Abandoned,
}

/// Writes how a delivery ended. After the last one of a message, the next of its key gets its job.
pub(super) fn end(connection: &mut AnyConnection, id: MessageId, end: End, answer: &str, now: Timestamp) -> Result<()> {
    // PostgreSQL stores no NUL in a text.
    let answer: String = answer.chars().filter(|character| *character != '\0').take(ANSWER_MAX_CHARS).collect();
    let at = |wanted| (end == wanted).then_some(now);
    diesel::update(outbox::table.find(id))
        .set((
            outbox::deliveries.eq(outbox::deliveries + 1),
            outbox::answer.eq(Some(answer)),
            outbox::delivered_at.eq(at(End::Delivered)),
            outbox::abandoned_at.eq(at(End::Abandoned)),
        ))
        .execute(connection)?;
    if end == End::Failed {
        return Ok(());
    }
    let of_message = outbox::table.find(id).select((outbox::channel, outbox::ordering_key));
    match of_message.first::<(String, String)>(connection).optional()? {
        Some((channel, key)) => schedule(connection, &channel, &key, now),
        // It was removed meanwhile, and what waited for it was scheduled then.
        None => Ok(()),
    }
}

/// Some messages that were delivered or given up before a moment.
pub(super) fn ended_before(connection: &mut AnyConnection, moment: Timestamp) -> Result<Vec<MessageId>> {
    Ok(outbox::table
        .filter(outbox::delivered_at.lt(moment).or(outbox::abandoned_at.lt(moment)))
        .limit(BATCH)
        .select(outbox::id)
        .load(connection)?)
}

/// Removes messages that have left or were given up, and says how many there were.
pub(super) fn delete(connection: &mut AnyConnection, messages: &[MessageId]) -> Result<usize> {
    Ok(diesel::delete(outbox::table.filter(outbox::id.eq_any(messages))).execute(connection)?)
}
