//! Messages that must leave for other systems: mail, webhooks, grades for an LMS.
//!
//! A message is written in the transaction that makes it necessary ([`store::put`]), and delivered later by a job (see
//! [`crate::jobs`]). So it leaves at least once if that transaction commits, whatever is killed in between, and never if it
//! does not. A receiver may get the same message twice and tells by its id.
//!
//! Messages of one channel and ordering key leave one after the other: only the first of them that has not left has a job.
//! One that can't be delivered is given up after [`LeasePolicy::failures`] deliveries and delays no other after that;
//! messages of other keys never wait for it. So is one that can't be read back, or that nobody delivers for days. Messages that
//! have left or were given up are removed after 30 days, and those about a person with the account.

mod service;
mod store;

use std::future::Future;
use std::pin::Pin;

pub use service::Outbox;
pub use store::{put, remove_of};

use crate::clock::Timestamp;
use crate::id::{MessageId, UserId};
#[cfg(doc)]
use crate::jobs::LeasePolicy;

/// A message to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'m> {
    /// How it leaves, such as `mail`.
    pub channel: &'m str,
    /// Messages of one key leave in the order in which they were written.
    pub ordering_key: &'m str,
    /// What the channel needs to deliver it, as JSON.
    pub payload: &'m serde_json::Value,
    /// The person that it's about, if it's about one: it is removed with the account.
    pub user: Option<UserId>,
    /// When it was written.
    pub now: Timestamp,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The same at every delivery.
    pub id: MessageId,
    /// What the channel needs to deliver it, as JSON.
    pub payload: serde_json::Value,
}

/// What a receiver, or the way to it, answered: for people, in a few words.
pub type Answer = String;

/// Delivers the messages of one channel.
pub trait Channel: Send + Sync {
    /// Its name in [`NewMessage::channel`].
    fn name(&self) -> &str;

    /// Delivers a message: `Ok` when the receiver has taken it, `Err` when it has to be delivered again. It is dropped, and counts
    /// as failed, when it takes longer than a minute.
    fn deliver<'a>(&'a self, message: &'a Message)
    -> Pin<Box<dyn Future<Output = Result<Answer, Answer>> + Send + 'a>>;
}
