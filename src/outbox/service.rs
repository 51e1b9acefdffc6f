//! Delivering the messages of the outbox.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, interval_at, timeout};

use super::store::{self, End};
use super::{Answer, Channel, Message};
use crate::clock::Clock;
use crate::db::{self, Db};
use crate::error::{Error, Result};
use crate::id::{LeaseId, MessageId};
use crate::jobs::lanes::{ABANDONED_AFTER_HOURS, Grace, SAID_EVERY, store as lanes};
use crate::jobs::store::{self as jobs, Lapse};
use crate::jobs::{ClaimedJob, JobKind, LeasePolicy, Setback, shorten_waits};

/// How long one delivery may take; then it counts as failed.
const DELIVERY_MAX: Duration = Duration::from_secs(60);
/// How often, in the length of a lease, a delivery says that it's alive.
const HEARTBEATS_PER_LEASE: u32 = 4;
/// How long a message is kept after it was delivered or given up.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The outbox of a database. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    clock: Clock,
    policy: LeasePolicy,
    grace: Grace,
    /// When this process last said that it delivers the messages of a channel, by channel: by the clock's uptime, so that a clock
    /// which is set back keeps it from nothing.
    said_at: Arc<Mutex<BTreeMap<String, Duration>>>,
}

/// A delivery under way.
#[derive(Debug, Clone, Copy)]
struct Delivery {
    message: MessageId,
    token: LeaseId,
}

/// Whether a message may have reached its receiver.
#[derive(Debug, Clone, Copy)]
enum Begun {
    /// It was not even read.
    No,
    /// It was handed to its channel.
    Yes,
}

/// How a delivery ended for the process that did it.
enum Outcome {
    /// The receiver has taken the message.
    Delivered(Answer),
    /// The receiver has not taken it: it's delivered again.
    Failed(Answer),
    /// It can't be delivered at all, however often.
    Impossible(Answer),
}

impl Outbox {
    /// The outbox of a database, with the patience that it has with receivers.
    #[must_use]
    pub fn new(db: Db, clock: Clock, policy: LeasePolicy) -> Self {
        let grace = Grace::new(clock.clone());
        Self { db, clock, policy, grace, said_at: Arc::default() }
    }

    /// Delivers the next message of a channel, if one is due; `worker` is the name of the process that does it. `false` when none
    /// was due. Says now and then that the channel is served, so a process calls this at least once a minute for each channel
    /// whose messages it delivers.
    ///
    /// # Errors
    /// `Error::Database` when the outbox can't be used, and the message is given back then, as far as that can be written;
    /// `Error::Internal` when a job names no message; that job is removed.
    /// A receiver that refuses, or a message that can't be read back, is no error here: that is written to the message.
    pub async fn deliver_next(&self, worker: &str, channel: &dyn Channel) -> Result<bool> {
        self.say_served(channel.name()).await?;
        let Some(ClaimedJob { id, token, .. }) = self.claim(worker, channel.name()).await? else { return Ok(false) };
        let message = match id.parse() {
            Ok(message) => message,
            Err(error) => {
                self.db.write(move |c| jobs::complete(c, &id, token)).await?;
                return Err(Error::internal("read the id of a job", error));
            }
        };
        let delivery = Delivery { message, token };
        let outcome = match self.db.read(move |c| store::find(c, message)).await {
            Ok(Some(message)) => self.deliver(delivery, channel, &message).await,
            Ok(None) => Some(Outcome::Impossible("it was removed".to_owned())),
            Err(error @ db::Error::Corrupt { .. }) => {
                tracing::error!(%message, %error, "a message can't be read back: it's given up");
                Some(Outcome::Impossible("it could not be read back".to_owned()))
            }
            Err(error) => {
                self.give_back(delivery, Begun::No).await;
                return Err(error.into());
            }
        };
        if let Some(outcome) = outcome
            && let Err(error) = self.end(delivery, outcome).await
        {
            self.give_back(delivery, Begun::Yes).await;
            return Err(error);
        }
        Ok(true)
    }

    /// Gives a message back whose row could not be read or written, so that it doesn't wait for the lease to run out.
    async fn give_back(&self, Delivery { message, token }: Delivery, begun: Begun) {
        let (now, policy) = (self.clock.now(), self.policy);
        let given_back = self.db.write(move |c| match begun {
            Begun::No => jobs::release(c, message.as_str(), token).map(drop),
            // A receiver may have it. It waits as after any failure, so that it isn't sent again and again.
            Begun::Yes => match jobs::fail(c, message.as_str(), token, now, policy)? {
                Setback::Requeued | Setback::LeaseLost => Ok(()),
                Setback::Abandoned { .. } => {
                    store::end(c, message, End::Abandoned, "its delivery could not be noted", now)
                }
            },
        });
        if let Err(error) = given_back.await {
            tracing::error!(%message, %error, "a message was not given back: its lease will run out");
        }
    }

    /// Says that messages of a channel are delivered here, unless that was said a moment ago.
    async fn say_served(&self, channel: &str) -> Result<()> {
        let (now, uptime, lanes) = (self.clock.now(), self.clock.uptime(), [channel.to_owned()]);
        let said_at = self.said_at.lock().unwrap_or_else(PoisonError::into_inner).get(channel).copied();
        if said_at.is_some_and(|at| uptime.saturating_sub(at) < SAID_EVERY) {
            return Ok(());
        }
        self.db.write(move |c| lanes::serve(c, JobKind::Delivery, &lanes, now)).await?;
        self.said_at.lock().unwrap_or_else(PoisonError::into_inner).insert(channel.to_owned(), uptime);
        Ok(())
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
            // A delivery does nothing to its process.
            is_idle: true,
        };
        Ok(self.db.write(move |c| jobs::claim(c, &claim)).await?)
    }

    /// Delivers a message and keeps the lease meanwhile; `None` when the lease was lost, since somebody else delivers it then.
    async fn deliver(&self, delivery: Delivery, channel: &dyn Channel, message: &Message) -> Option<Outcome> {
        let every = self.policy.lease / HEARTBEATS_PER_LEASE;
        let mut beat = interval_at(Instant::now() + every, every);
        let mut delivered = std::pin::pin!(timeout(DELIVERY_MAX, channel.deliver(message)));
        loop {
            tokio::select! {
                outcome = &mut delivered => return Some(match outcome {
                    Ok(Ok(answer)) => Outcome::Delivered(answer),
                    Ok(Err(answer)) => Outcome::Failed(answer),
                    Err(_) => Outcome::Failed(format!("no answer within {} s", DELIVERY_MAX.as_secs())),
                }),
                _ = beat.tick() => match self.renew(delivery).await {
                    Ok(true) => {}
                    Ok(false) => return None,
                    // The lease is longer than a few beats: the next one may reach the database.
                    Err(error) => tracing::warn!(message = %delivery.message, %error, "the lease of a delivery was not renewed"),
                },
            }
        }
    }

    async fn renew(&self, Delivery { message, token }: Delivery) -> Result<bool> {
        let until = self.clock.now() + self.policy.lease;
        Ok(self.db.read(move |c| jobs::renew(c, message.as_str(), token, until)).await?)
    }

    /// Writes how a delivery ended, unless the lease ran out meanwhile: then somebody else delivers the message.
    async fn end(&self, Delivery { message, token }: Delivery, outcome: Outcome) -> Result<()> {
        let (now, policy, id) = (self.clock.now(), self.policy, message);
        self.db
            .write(move |c| {
                let (end, answer) = match &outcome {
                    Outcome::Delivered(answer) if jobs::complete(c, id.as_str(), token)? => (End::Delivered, answer),
                    Outcome::Impossible(answer) if jobs::complete(c, id.as_str(), token)? => (End::Abandoned, answer),
                    Outcome::Delivered(_) | Outcome::Impossible(_) => return Ok(()),
                    Outcome::Failed(answer) => match jobs::fail(c, id.as_str(), token, now, policy)? {
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
    /// again, or given up when that happened too often. Waits that a wrong clock has made too long are made as long as they should
    /// be.
    ///
    /// # Errors
    /// `Error::Database` when the outbox can't be read. A lease that can't be ended is logged, and tried again at the next call.
    pub async fn expire(&self) -> Result<usize> {
        shorten_waits(&self.db, JobKind::Delivery, self.clock.now(), self.policy).await?;
        let lapse = Lapse::ran_out(self.clock.now(), self.policy);
        let looked_for = lapse.clone();
        let ids = self.db.read(move |c| jobs::lapsed(c, JobKind::Delivery, &looked_for)).await?;
        let mut ended = 0;
        for id in ids {
            match self.end_lease(&id, lapse.clone()).await {
                Ok(Setback::LeaseLost) => {}
                Ok(_) => ended += 1,
                Err(error) => tracing::error!(job = id, %error, "the lease of a delivery could not be ended"),
            }
        }
        Ok(ended)
    }

    async fn end_lease(&self, id: &str, lapse: Lapse) -> Result<Setback> {
        let message: MessageId = id.parse().map_err(|error| Error::internal("read the id of a job", error))?;
        let (now, policy) = (self.clock.now(), self.policy);
        self.db
            .write(move |c| {
                let setback = jobs::end_lapsed(c, message.as_str(), &lapse, policy)?;
                if let Setback::Abandoned { .. } = setback {
                    store::end(c, message, End::Abandoned, "the process that delivered it ended early", now)?;
                }
                Ok(setback)
            })
            .await
            .map_err(|error: db::Error| error.into())
    }
}

/// What maintenance does with the outbox.
impl Outbox {
    /// Gives up messages that nobody has delivered for [`ABANDONED_AFTER`](crate::jobs::lanes::ABANDONED_AFTER), as when
    /// their channel was switched off; says how many there were.
    ///
    /// # Errors
    /// `Error::Database` when the outbox can't be used.
    pub async fn abandon_unserved(&self) -> Result<usize> {
        let now = self.clock.now();
        if !self.grace.is_over() {
            return Ok(0);
        }
        let unserved = self.db.read(move |c| lanes::unserved(c, JobKind::Delivery, now)).await?;
        let mut abandoned = 0;
        for (id, channel) in unserved {
            let Ok(message) = id.parse::<MessageId>() else {
                tracing::error!(job = id, "a job of the outbox names no message");
                continue;
            };
            let answer = format!("nobody delivered messages of this channel for {ABANDONED_AFTER_HOURS} hours");
            let give_up = move |c: &mut db::AnyConnection| {
                let waited = lanes::abandon(c, message.as_str())?;
                if waited {
                    store::end(c, message, End::Abandoned, &answer, now)?;
                }
                Ok::<_, db::Error>(waited)
            };
            if self.db.write(give_up).await? {
                abandoned += 1;
                tracing::error!(%message, channel, "nobody has delivered messages of this channel for \
                    {ABANDONED_AFTER_HOURS} hours: this one is given up");
            }
        }
        self.db.write(move |c| lanes::forget_unserved(c, JobKind::Delivery, now)).await?;
        Ok(abandoned)
    }

    /// Removes messages that were delivered or given up 30 days ago, and says how many there were.
    ///
    /// # Errors
    /// `Error::Database` when the outbox can't be used.
    pub async fn remove_old(&self) -> Result<usize> {
        let ended_before = self.clock.now() - KEPT;
        let mut removed = 0;
        loop {
            let old = self.db.read(move |c| store::ended_before(c, ended_before)).await?;
            if old.is_empty() {
                return Ok(removed);
            }
            removed += self.db.write(move |c| store::delete(c, &old)).await?;
        }
    }
}
