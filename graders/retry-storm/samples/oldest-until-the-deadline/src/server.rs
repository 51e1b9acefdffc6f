//! The serving side: which requests wait for a worker, and which one is next.
//!
//! Who comes first is served first, unless the caller has gone: then serving would be in vain.

use std::collections::VecDeque;

use crate::{Millis, Request};

/// Places in the queue for each worker.
const PLACES_PER_WORKER: usize = 50;

/// The requests that wait for a worker of inventory, the oldest first.
#[derive(Debug)]
pub struct Queue {
    places: usize,
    waiting: VecDeque<Request>,
}

/// What a free worker finds.
#[derive(Debug, Default)]
pub struct Taken {
    /// The request to serve; `None` if the worker stays free for now.
    pub next: Option<Request>,
    /// Requests that are turned away instead of waiting on.
    pub turned_away: Vec<Request>,
}

impl Queue {
    /// An empty queue in front of this many workers.
    pub fn new(workers: usize) -> Self {
        Self { places: (workers * PLACES_PER_WORKER).clamp(1, 1_000), waiting: VecDeque::new() }
    }

    /// A request arrives. Answers with those that are turned away for it: none, this one, or one that waits.
    pub fn offer(&mut self, _now: Millis, request: Request) -> Vec<Request> {
        if self.waiting.len() == self.places {
            return vec![request];
        }
        self.waiting.push_back(request);
        Vec::new()
    }

    /// A worker is free. It asks again after each request and after each arrival.
    pub fn take(&mut self, now: Millis) -> Taken {
        let mut taken = Taken::default();
        while let Some(request) = self.waiting.pop_front() {
            let has_gone = request.deadline.is_some_and(|deadline| deadline <= now);
            if has_gone {
                taken.turned_away.push(request);
            } else {
                taken.next = Some(request);
                break;
            }
        }
        taken
    }
}
