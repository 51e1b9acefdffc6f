//! The serving side, newest first: if not all can be served, those who came last still have their whole time before
//! them. The oldest ones make room.

use std::collections::BTreeMap;

use crate::{Millis, Request};

const PLACES: usize = 256;

/// The requests that wait for a worker of inventory, by their order of arrival.
#[derive(Debug)]
pub struct Queue {
    arrivals: u64,
    waiting: BTreeMap<u64, Request>,
}

/// What a free worker finds.
#[derive(Debug, Default)]
pub struct Taken {
    pub next: Option<Request>,
    pub turned_away: Vec<Request>,
}

impl Queue {
    pub fn new(_workers: usize) -> Self {
        Self { arrivals: 0, waiting: BTreeMap::new() }
    }

    pub fn offer(&mut self, _now: Millis, request: Request) -> Vec<Request> {
        self.arrivals += 1;
        self.waiting.insert(self.arrivals, request);
        if self.waiting.len() <= PLACES {
            return Vec::new();
        }
        self.waiting.pop_first().map(|(_, oldest)| oldest).into_iter().collect()
    }

    pub fn take(&mut self, now: Millis) -> Taken {
        let is_over = |_: &u64, request: &mut Request| request.deadline.is_some_and(|deadline| deadline <= now);
        let turned_away = self.waiting.extract_if(.., is_over).map(|(_, request)| request).collect();
        let next = self.waiting.pop_last().map(|(_, newest)| newest);
        Taken { next, turned_away }
    }
}
