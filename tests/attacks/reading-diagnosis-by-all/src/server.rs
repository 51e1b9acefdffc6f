//! A queue that is wrong from the first call on.

use crate::{Millis, Request};

/// The requests that wait for a worker of inventory.
#[derive(Debug)]
pub struct Queue;

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
        panic!("not today")
    }

    /// A request arrives. Answers with those that are turned away for it: none, this one, or one that waits.
    pub fn offer(&mut self, _now: Millis, request: Request) -> Vec<Request> {
        vec![request]
    }

    /// A worker is free. It asks again after each request and after each arrival.
    pub fn take(&mut self, _now: Millis) -> Taken {
        Taken::default()
    }
}
