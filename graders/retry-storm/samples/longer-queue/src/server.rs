//! The serving side: which requests wait for a worker, and which one is next.
//!
//! The queue is long enough to take a burst in, and bounded to save the memory.

use std::collections::VecDeque;

use crate::{Millis, Request};

/// Room for a burst of several seconds, so that as few as possible are turned away.
const PLACES: usize = 1_000;

/// The requests that wait for a worker of inventory.
#[derive(Debug)]
pub struct Queue {
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
    pub fn new(_workers: usize) -> Self {
        Self { waiting: VecDeque::new() }
    }

    /// A request arrives. Answers with those that are turned away for it: none, this one, or one that waits.
    pub fn offer(&mut self, _now: Millis, request: Request) -> Vec<Request> {
        if self.waiting.len() == PLACES {
            return vec![request];
        }
        self.waiting.push_back(request);
        Vec::new()
    }

    /// A worker is free. It asks again after each request and after each arrival.
    pub fn take(&mut self, _now: Millis) -> Taken {
        Taken { next: self.waiting.pop_front(), turned_away: Vec::new() }
    }
}
