//! The serving side, with controlled delay: a queue that was empty lately is in order, and may be patient. One that has
//! been standing for a while is not, and then nobody waits for long.

use std::collections::VecDeque;

use crate::{Millis, Request};

const PATIENT: Millis = 180;
const IMPATIENT: Millis = 20;
/// How long a queue may stand before it counts as overloaded.
const STANDING: Millis = 500;
const PLACES: usize = 400;

#[derive(Debug)]
struct Waiting {
    since: Millis,
    request: Request,
}

/// The requests that wait for a worker of inventory.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    last_empty: Millis,
}

/// What a free worker finds.
#[derive(Debug, Default)]
pub struct Taken {
    pub next: Option<Request>,
    pub turned_away: Vec<Request>,
}

impl Queue {
    pub fn new(_workers: usize) -> Self {
        Self { waiting: VecDeque::with_capacity(PLACES), last_empty: 0 }
    }

    pub fn offer(&mut self, now: Millis, request: Request) -> Vec<Request> {
        if self.waiting.is_empty() {
            self.last_empty = now;
        }
        self.waiting.push_back(Waiting { since: now, request });
        let too_many = self.waiting.len().saturating_sub(PLACES);
        self.waiting.drain(..too_many).map(|waiting| waiting.request).collect()
    }

    pub fn take(&mut self, now: Millis) -> Taken {
        let limit = if now - self.last_empty > STANDING { IMPATIENT } else { PATIENT };
        let is_late = |waiting: &Waiting| {
            now - waiting.since > limit || waiting.request.deadline.is_some_and(|deadline| now >= deadline)
        };
        let late = self.waiting.iter().take_while(|waiting| is_late(waiting)).count();
        let turned_away = self.waiting.drain(..late).map(|waiting| waiting.request).collect();
        let next = self.waiting.pop_front().map(|waiting| waiting.request);
        if self.waiting.is_empty() {
            self.last_empty = now;
        }
        Taken { next, turned_away }
    }
}
