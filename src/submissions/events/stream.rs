//! Events as they come: those that are there, then those that come, until `finished`.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::{Event, EventKind, store};
use crate::clock::Clock;
use crate::db::{self, AnyConnection, Db};
use crate::error::Result;
use crate::id::SubmissionId;
use crate::jobs::Wakeups;
use crate::jobs::store::place;

/// After so long a silence a sign of life is given, so that no proxy between takes the connection for dead.
const SILENCE: Duration = Duration::from_secs(15);

/// What a follower is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Something happened to the submission.
    Event(Event),
    /// It still waits, at another place; not numbered, since it is not kept.
    Place(u32),
    /// Nothing happened for a while.
    StillThere,
}

/// The events of one submission, as they come.
pub struct EventStream {
    db: Db,
    clock: Clock,
    wakeups: Wakeups<SubmissionId>,
    submission: SubmissionId,
    /// The last event that was told.
    seq: i32,
    place: Option<u32>,
    waiting: VecDeque<Event>,
    ended: bool,
    /// Whether the set of the attempt keeps tests and the verdict from its candidate.
    withheld: bool,
}

impl EventStream {
    pub(in crate::submissions) fn new(
        db: Db,
        clock: Clock,
        wakeups: Wakeups<SubmissionId>,
        submission: SubmissionId,
        after: i32,
        withheld: bool,
    ) -> Self {
        Self {
            db,
            clock,
            wakeups,
            submission,
            seq: after,
            place: None,
            waiting: VecDeque::new(),
            ended: false,
            withheld,
        }
    }

    /// What comes next; `None` after `finished`, and when this server stops.
    ///
    /// # Errors
    /// `Error::Database` when the events can't be read.
    pub async fn next(&mut self) -> Result<Option<Update>> {
        let silent_until = Instant::now() + SILENCE;
        // Watched before it is read, so that nothing falls between.
        let mut watch = self.wakeups.subscribe(self.submission);
        loop {
            if let Some(event) = self.waiting.pop_front() {
                self.seq = event.seq;
                self.ended = event.kind == EventKind::Finished;
                match self.told(event) {
                    Some(event) => return Ok(Some(Update::Event(event))),
                    None => continue,
                }
            }
            if self.ended || self.wakeups.is_closed() {
                return Ok(None);
            }
            let place = self.look().await?;
            if !self.waiting.is_empty() || self.ended {
                continue;
            }
            let moved = place.filter(|place| self.place.is_some_and(|known| known != *place));
            self.place = place;
            if let Some(place) = moved {
                return Ok(Some(Update::Place(place)));
            }
            if Instant::now() >= silent_until {
                return Ok(Some(Update::StillThere));
            }
            watch.wait(silent_until).await;
        }
    }

    /// What a candidate may know of an event.
    fn told(&self, event: Event) -> Option<Event> {
        match event.kind {
            EventKind::Test if self.withheld => None,
            EventKind::Finished if self.withheld => Some(Event { data: json!({ "withheld": true }), ..event }),
            _ => Some(event),
        }
    }

    /// Fetches what is new, and the place among those that wait.
    async fn look(&mut self) -> Result<Option<u32>> {
        let (submission, seq, now) = (self.submission, self.seq, self.clock.now());
        let look = move |c: &mut AnyConnection| {
            // Asked first: an end that comes between the two is found among the events.
            let over = store::is_over(c, submission)?;
            let events = store::after(c, submission, seq)?;
            Ok::<_, db::Error>((over && events.is_empty(), events, place(c, submission.as_str(), now)?))
        };
        let (ended, events, place) = self.db.read(look).await?;
        self.ended = ended;
        self.waiting.extend(events);
        Ok(place)
    }
}
