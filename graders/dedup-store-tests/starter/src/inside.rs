//! An implementation with a list that is searched from end to end: slow, but easy to check against the statement.

use crate::{Begin, Inside};

struct Entry {
    id: String,
    fingerprint: u64,
    /// When it was completed, and the outcome; `None` while it is in flight.
    done: Option<(u64, String)>,
}

struct List {
    window_ms: u64,
    capacity: usize,
    /// The time of the store.
    now: u64,
    entries: Vec<Entry>,
}

pub(crate) fn new(window_ms: u64, capacity: usize) -> Box<dyn Inside + Send> {
    Box::new(List { window_ms, capacity, now: 0, entries: Vec::new() })
}

impl List {
    /// Advances the time, drops the entries that are forgotten by then, and returns their number.
    fn advance(&mut self, now: u64) -> usize {
        self.now = self.now.max(now);
        let (now, window) = (self.now, self.window_ms);
        let before = self.entries.len();
        self.entries.retain(|entry| entry.done.as_ref().is_none_or(|(at, _)| now < at + window));
        before - self.entries.len()
    }

    fn in_flight(&mut self, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id && entry.done.is_none())
    }
}

impl Inside for List {
    fn begin(&mut self, id: &str, fingerprint: u64, now_ms: u64) -> Begin {
        self.advance(now_ms);
        if let Some(entry) = self.entries.iter().find(|entry| entry.id == id) {
            return match &entry.done {
                _ if entry.fingerprint != fingerprint => Begin::Mismatch,
                Some((_, outcome)) => Begin::Done(outcome.clone()),
                None => Begin::InFlight,
            };
        }
        if self.entries.len() == self.capacity {
            let done = self.entries.iter().enumerate().filter_map(|(at, entry)| Some((entry.done.as_ref()?.0, at)));
            let Some((_, oldest)) = done.min() else { return Begin::Full };
            self.entries.remove(oldest);
        }
        self.entries.push(Entry { id: id.to_owned(), fingerprint, done: None });
        Begin::First
    }

    fn complete(&mut self, id: &str, outcome: &str, now_ms: u64) -> bool {
        self.advance(now_ms);
        let now = self.now;
        let Some(at) = self.in_flight(id) else { return false };
        self.entries[at].done = Some((now, outcome.to_owned()));
        true
    }

    fn abandon(&mut self, id: &str) -> bool {
        let Some(at) = self.in_flight(id) else { return false };
        self.entries.remove(at);
        true
    }

    fn purge(&mut self, now_ms: u64) -> usize {
        self.advance(now_ms)
    }

    fn len(&self) -> usize {
        self.entries.len()
    }
}
