//! Messages in the database.

use diesel::prelude::*;

use super::{Message, NewMessage};
use crate::clock::Timestamp;
use crate::db::schema::outbox;
use crate::db::{AnyConnection, Error, Result};
use crate::id::MessageId;
use crate::jobs::store::enqueue;
use crate::jobs::{JobKind, NewJob};

/// Longest part of an answer that is kept, in characters.
const ANSWER_MAX_CHARS: usize = 500;

/// Writes a message, in the transaction that makes it necessary.
///
/// # Errors
/// When the database fails.
pub fn put(connection: &mut AnyConnection, message: &NewMessage<'_>) -> Result<MessageId> {
    let id = MessageId::new();
    let is_first = first_waiting(connection, message.channel, message.ordering_key)?.is_none();
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::channel.eq(message.channel),
            outbox::ordering_key.eq(message.ordering_key),
            outbox::payload.eq(message.payload.to_string()),
            outbox::created_at.eq(message.now),
        ))
        .execute(connection)?;
    if is_first {
        add_job(connection, id, message.channel, message.ordering_key, message.now)?;
    }
    Ok(id)
}

fn first_waiting(connection: &mut AnyConnection, channel: &str, key: &str) -> Result<Option<MessageId>> {
    Ok(outbox::table
        .filter(outbox::channel.eq(channel))
        .filter(outbox::ordering_key.eq(key))
        .filter(outbox::delivered_at.is_null())
        .filter(outbox::abandoned_at.is_null())
        .order(outbox::id)
        .select(outbox::id)
        .first(connection)
        .optional()?)
}

fn add_job(connection: &mut AnyConnection, id: MessageId, channel: &str, key: &str, now: Timestamp) -> Result<()> {
    let (kind, lane) = (JobKind::Delivery, channel);
    enqueue(connection, &NewJob { id: id.as_str(), kind, lane, owner: key, traceparent: None, now })
}

/// A message that is to be delivered.
pub(super) fn find(connection: &mut AnyConnection, id: MessageId) -> Result<Message> {
    let payload: String = outbox::table.find(id).select(outbox::payload).first(connection)?;
    let payload = serde_json::from_str(&payload).map_err(|error| Error::corrupt("a message of the outbox", error))?;
    Ok(Message { id, payload })
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
    let answer: String = answer.chars().take(ANSWER_MAX_CHARS).collect();
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
    let (channel, key): (String, String) =
        outbox::table.find(id).select((outbox::channel, outbox::ordering_key)).first(connection)?;
    match first_waiting(connection, &channel, &key)? {
        Some(next) => add_job(connection, next, &channel, &key, now),
        None => Ok(()),
    }
}
