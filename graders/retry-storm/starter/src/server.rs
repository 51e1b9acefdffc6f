//! The serving side: which requests wait for a worker, and which one is served next.

use std::collections::VecDeque;

use crate::{Millis, Request};

/// The requests that wait for a worker of inventory.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<Request>,
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
    pub fn new(_workers: usize) -> Self {
        Self { waiting: VecDeque::new() }
    }

    /// A request arrives. Returns the requests that are turned away because of it: none, this one, or ones that were
    /// waiting.
    pub fn offer(&mut self, _now: Millis, request: Request) -> Vec<Request> {
        self.waiting.push_back(request);
        Vec::new()
    }

    /// A worker is free. This is called after each request that a worker finishes and after each arrival.
    pub fn take(&mut self, _now: Millis) -> Taken {
        Taken { next: self.waiting.pop_front(), turned_away: Vec::new() }
    }
}
