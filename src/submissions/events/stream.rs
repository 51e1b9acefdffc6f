//! Events as they come: those that are there, then those that come, until `finished`.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::{Event, EventKind, store};
use crate::db::{self, AnyConnection, Db};
use crate::error::Result;
use crate::id::SubmissionId;
use crate::submissions::queue::{self, Bell};

/// After so long a silence a sign of life is given, so that no proxy between takes the connection for dead.
const SILENCE: Duration = Duration::from_secs(15);

/// What a follower is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Something happened.
    Event(Event),
    /// It still waits, at another place; not numbered, since it is not kept.
    Place(u32),
    /// Nothing happened for a while.
    Nothing,
}

/// Follows one submission.
pub struct Follow {
    db: Db,
    bell: Bell,
    submission: SubmissionId,
    /// The last event that was told.
    seq: i32,
    place: Option<u32>,
    waiting: VecDeque<Event>,
    ended: bool,
}

impl Follow {
    pub(in crate::submissions) fn new(db: Db, bell: Bell, submission: SubmissionId, after: i32) -> Self {
        Self { db, bell, submission, seq: after, place: None, waiting: VecDeque::new(), ended: false }
    }

    /// What comes next; `None` after `finished`, and when this server stops.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn next(&mut self) -> Result<Option<Told>> {
        let silent_until = Instant::now() + SILENCE;
        // Watched before it is read, so that nothing falls between.
        let mut watch = self.bell.watch(self.submission);
        loop {
            if let Some(event) = self.waiting.pop_front() {
                self.seq = event.seq;
                self.ended = event.kind == EventKind::Finished;
                return Ok(Some(Told::Event(event)));
            }
            if self.ended || self.bell.is_closed() {
                return Ok(None);
            }
            let place = self.look().await?;
            if !self.waiting.is_empty() || self.ended {
                continue;
            }
            let moved = place.filter(|place| self.place.is_some_and(|known| known != *place));
            self.place = place;
            if let Some(place) = moved {
                return Ok(Some(Told::Place(place)));
            }
            if Instant::now() >= silent_until {
                return Ok(Some(Told::Nothing));
            }
            watch.news(silent_until).await;
        }
    }

    /// Fetches what is new, and the place among those that wait.
    async fn look(&mut self) -> Result<Option<u32>> {
        let (submission, seq) = (self.submission, self.seq);
        let look = move |c: &mut AnyConnection| {
            // Asked first: an end that comes between the two is found among the events.
            let over = store::is_over(c, submission)?;
            let events = store::after(c, submission, seq)?;
            Ok::<_, db::Error>((over && events.is_empty(), events, queue::place(c, submission)?))
        };
        let (ended, events, place) = self.db.read(look).await?;
        self.ended = ended;
        self.waiting.extend(events);
        Ok(place)
    }
}
