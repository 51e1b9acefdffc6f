//! Done entries queue up in the order of their completion, and leave by themselves when time moves on.

use std::collections::{HashMap, VecDeque};

use crate::{Begin, Inside};

struct Entry {
    fingerprint: u64,
    outcome: Option<String>,
}

struct Queue {
    window_ms: u64,
    capacity: usize,
    now: u64,
    entries: HashMap<String, Entry>,
    /// When, and which: the first is the oldest, as the time of the store never goes back.
    completed: VecDeque<(u64, String)>,
}

pub(crate) fn new(window_ms: u64, capacity: usize) -> Box<dyn Inside + Send> {
    let (entries, completed) = (HashMap::new(), VecDeque::new());
    Box::new(Queue { window_ms, capacity, now: 0, entries, completed })
}

impl Queue {
    fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
        while self.completed.front().is_some_and(|(at, _)| at + self.window_ms <= self.now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) -> bool {
        let Some((_, id)) = self.completed.pop_front() else { return false };
        self.entries.remove(&id);
        true
    }
}

impl Inside for Queue {
    fn begin(&mut self, id: &str, fingerprint: u64, now_ms: u64) -> Begin {
        self.advance(now_ms);
        match self.entries.get(id) {
            Some(entry) if entry.fingerprint != fingerprint => return Begin::Mismatch,
            Some(Entry { outcome: Some(outcome), .. }) => return Begin::Done(outcome.clone()),
            Some(_) => return Begin::InFlight,
            None => {}
        }
        if self.entries.len() >= self.capacity && !self.forget_oldest() {
            return Begin::Full;
        }
        self.entries.insert(id.to_owned(), Entry { fingerprint, outcome: None });
        Begin::First
    }

    fn complete(&mut self, id: &str, outcome: &str, now_ms: u64) -> bool {
        self.advance(now_ms);
        match self.entries.get_mut(id) {
            Some(entry) if entry.outcome.is_none() => {
                entry.outcome = Some(outcome.to_owned());
                self.completed.push_back((self.now, id.to_owned()));
                true
            }
            _ => false,
        }
    }

    fn abandon(&mut self, id: &str) -> bool {
        let in_flight = self.entries.get(id).is_some_and(|entry| entry.outcome.is_none());
        if in_flight {
            self.entries.remove(id);
        }
        in_flight
    }

    fn purge(&mut self, now_ms: u64) -> usize {
        // Nothing is ever left for it to do.
        self.advance(now_ms);
        0
    }

    fn len(&self) -> usize {
        self.entries.len()
    }
}
