//! The serving side: which requests wait for a worker, and which one is served next.
//!
//! A queue is there to absorb short bursts. A request that has waited longer than a burst lasts is turned away, early
//! enough for its caller to do something else. A request whose caller has gone isn't served at all.

use std::collections::VecDeque;

use crate::{Millis, Request};

/// The longest that a request waits. It is much shorter than any time-out, so that enough time is left to serve the
/// request, even slowly.
const LONGEST_WAIT: Millis = 100;

/// The places in the queue for each worker: more than can be served within [`LONGEST_WAIT`].
const PLACES_PER_WORKER: usize = 20;

/// The requests that wait for a worker of inventory, the oldest first.
#[derive(Debug)]
pub struct Queue {
    places: usize,
    waiting: VecDeque<(Millis, Request)>,
}

/// What the queue gives a free worker.
#[derive(Debug, Default)]
pub struct Taken {
    /// The request to serve; `None` if the worker stays free for now.
    pub next: Option<Request>,
    /// Requests that are turned away instead of waiting any longer.
    pub turned_away: Vec<Request>,
}

impl Queue {
    /// Creates an empty queue in front of this many workers.
    pub fn new(workers: usize) -> Self {
        Self { places: (workers * PLACES_PER_WORKER).clamp(1, 1_000), waiting: VecDeque::new() }
    }

    /// A request arrives. Returns the requests that are turned away because of it: none, this one, or ones that were
    /// waiting.
    pub fn offer(&mut self, now: Millis, request: Request) -> Vec<Request> {
        if self.waiting.len() == self.places {
            return vec![request];
        }
        self.waiting.push_back((now, request));
        Vec::new()
    }

    /// A worker is free. This is called after each request that a worker finishes and after each arrival.
    pub fn take(&mut self, now: Millis) -> Taken {
        let mut taken = Taken::default();
        while let Some((since, request)) = self.waiting.pop_front() {
            let has_gone = request.deadline.is_some_and(|deadline| deadline <= now);
            if has_gone || now - since > LONGEST_WAIT {
                taken.turned_away.push(request);
            } else {
                taken.next = Some(request);
                break;
            }
        }
        taken
    }
}
