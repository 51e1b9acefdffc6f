//! The serving side: which requests wait for a worker, and which one is next.
//!
//! A queue is there to smooth what comes unevenly, which is over after a moment. Whoever has waited for longer than
//! that is told so, early enough to do something else; whoever has gone is not served at all.

use std::collections::VecDeque;

use crate::{Millis, Request};

/// The longest that a request waits. It is short against any time-out, so that there is time left for serving it, even
/// slowly.
const LONGEST_WAIT: Millis = 100;

/// Places in the queue for each worker: more than can be served within [`LONGEST_WAIT`].
const PLACES_PER_WORKER: usize = 20;

/// The requests that wait for a worker of inventory, the oldest first.
#[derive(Debug)]
pub struct Queue {
    places: usize,
    waiting: VecDeque<(Millis, Request)>,
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
    pub fn offer(&mut self, now: Millis, request: Request) -> Vec<Request> {
        if self.waiting.len() == self.places {
            return vec![request];
        }
        self.waiting.push_back((now, request));
        Vec::new()
    }

    /// A worker is free. It asks again after each request and after each arrival.
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
