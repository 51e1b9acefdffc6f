//! Delivering the messages of the outbox.

use super::Channel;
use super::store::{self, End};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::id::{LeaseId, MessageId};
use crate::jobs::store as jobs;
use crate::jobs::{ClaimedJob, JobKind, LeasePolicy, Setback};

/// The outbox of a database. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    clock: Clock,
    policy: LeasePolicy,
}

impl Outbox {
    /// The outbox of a database, with the patience that it has with receivers.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, policy: LeasePolicy) -> Self {
        Self { db, clock, policy }
    }

    /// Delivers the next message of a channel, if one is due; `worker` is the name of the process that does it.
    ///
    /// # Errors
    /// Ours, when the database fails. That a receiver does not answer is none: the message is delivered again later.
    pub async fn deliver_next(&self, worker: &str, channel: &dyn Channel) -> Result<bool> {
        let Some(job) = self.claim(worker, channel.name()).await? else { return Ok(false) };
        let id: MessageId = job.id.parse().map_err(|error| Error::internal("deliver a message", error))?;
        let message = self.db.read(move |c| store::find(c, id)).await?;
        let outcome = channel.deliver(&message).await;
        self.end(id, job.token, outcome).await?;
        Ok(true)
    }

    async fn claim(&self, worker: &str, channel: &str) -> Result<Option<ClaimedJob>> {
        let now = self.clock.now();
        let claim = jobs::Claim {
            kind: JobKind::Delivery,
            lanes: vec![channel.to_owned()],
            worker: worker.to_owned(),
            token: LeaseId::new(),
            now,
            until: now + self.policy.lease,
        };
        Ok(self.db.write(move |c| jobs::claim(c, &claim)).await?)
    }

    /// Writes how a delivery ended, unless the lease ran out meanwhile: then somebody else delivers the message.
    async fn end(&self, id: MessageId, token: LeaseId, outcome: Result<String, String>) -> Result<()> {
        let (now, policy) = (self.clock.now(), self.policy);
        self.db
            .write(move |c| {
                let (end, answer) = match &outcome {
                    Ok(answer) if jobs::complete(c, id.as_str(), token)? => (End::Delivered, answer),
                    Ok(_) => return Ok(()),
                    Err(answer) => match jobs::fail(c, id.as_str(), token, now, policy)? {
                        Setback::Requeued => (End::Failed, answer),
                        Setback::Abandoned { .. } => (End::Abandoned, answer),
                        Setback::LeaseLost => return Ok(()),
                    },
                };
                store::end(c, id, end, answer, now)
            })
            .await
            .map_err(Error::from)
    }

    /// Ends the leases of deliveries whose process fell silent, and says how many there were. The messages are delivered
    /// again, or given up when that happened too often.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn expire(&self) -> Result<usize> {
        let (now, policy) = (self.clock.now(), self.policy);
        self.db
            .write(move |c| {
                let expired = jobs::expire(c, JobKind::Delivery, now, policy)?;
                for (id, setback) in &expired {
                    if let Setback::Abandoned { .. } = setback {
                        let id = id.parse().map_err(|error| Error::internal("give up a message", error))?;
                        store::end(c, id, End::Abandoned, "the process that delivered it ended early", now)?;
                    }
                }
                Ok::<_, Error>(expired.len())
            })
            .await
    }
}
