//! The serving side, with admission by the expected wait: a request that would have to wait for too long is told so
//! when it arrives, which is the cheapest moment for both sides. What is let in is served in order.

use std::collections::VecDeque;

use crate::{Millis, Request};

/// The longest wait that is promised.
const LONGEST: Millis = 120;

/// The requests that wait for a worker of inventory.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<Request>,
    /// Microseconds from one take to the next, as far as all workers are busy; a moving average.
    interval: u64,
    last_take: Option<Millis>,
}

/// What a free worker finds.
#[derive(Debug, Default)]
pub struct Taken {
    pub next: Option<Request>,
    pub turned_away: Vec<Request>,
}

impl Queue {
    pub fn new(workers: usize) -> Self {
        // Until it is measured: 50 ms for a request.
        Self { waiting: VecDeque::new(), interval: 50_000 / workers.max(1) as u64, last_take: None }
    }

    pub fn offer(&mut self, now: Millis, request: Request) -> Vec<Request> {
        let wait = (self.waiting.len() as u64 + 1) * self.interval / 1_000;
        let too_late = request.deadline.is_some_and(|deadline| deadline <= now + wait);
        if !self.waiting.is_empty() && (wait > LONGEST || too_late) {
            return vec![request];
        }
        self.waiting.push_back(request);
        Vec::new()
    }

    pub fn take(&mut self, now: Millis) -> Taken {
        let mut turned_away = Vec::new();
        while let Some(request) = self.waiting.pop_front() {
            if request.deadline.is_some_and(|deadline| deadline <= now) {
                turned_away.push(request);
                continue;
            }
            // Somebody is left to wait: the time since the last take is what a place in the queue costs.
            if let Some(last) = self.last_take.replace(now).filter(|_| !self.waiting.is_empty()) {
                let measured = (now - last).min(1_000) * 1_000;
                self.interval = (self.interval * 15 + measured) / 16;
            }
            return Taken { next: Some(request), turned_away };
        }
        Taken { next: None, turned_away }
    }
}
