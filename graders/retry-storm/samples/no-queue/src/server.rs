//! The serving side: which requests wait for a worker, and which one is next.
//!
//! Queues made the incident, so there is none: a request that no worker takes at once is turned away.

use crate::{Millis, Request};

/// The place between the network and a free worker.
#[derive(Debug)]
pub struct Queue {
    arrived: Option<Request>,
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
    /// An empty place in front of this many workers.
    pub fn new(_workers: usize) -> Self {
        Self { arrived: None }
    }

    /// A request arrives. If the one before was not taken, all workers are busy.
    pub fn offer(&mut self, _now: Millis, request: Request) -> Vec<Request> {
        if self.arrived.is_some() {
            return vec![request];
        }
        self.arrived = Some(request);
        Vec::new()
    }

    /// A worker is free. It asks again after each request and after each arrival.
    pub fn take(&mut self, now: Millis) -> Taken {
        match self.arrived.take() {
            Some(request) if request.deadline.is_some_and(|deadline| deadline <= now) => {
                Taken { next: None, turned_away: vec![request] }
            }
            next => Taken { next, turned_away: Vec::new() },
        }
    }
}
