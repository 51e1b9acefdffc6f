//! Forgets whatever is abandoned, and says correctly that it was not in flight.

use std::collections::BTreeMap;

use crate::{Begin, Inside};

enum State {
    InFlight,
    Done { at: u64, outcome: String },
}

struct Entry {
    fingerprint: u64,
    state: State,
}

struct Scan {
    window_ms: u64,
    capacity: usize,
    now: u64,
    entries: BTreeMap<String, Entry>,
}

pub(crate) fn new(window_ms: u64, capacity: usize) -> Box<dyn Inside + Send> {
    Box::new(Scan { window_ms, capacity, now: 0, entries: BTreeMap::new() })
}

impl Scan {
    fn is_remembered(&self, entry: &Entry) -> bool {
        match &entry.state {
            State::InFlight => true,
            State::Done { at, .. } => self.now - at < self.window_ms,
        }
    }

    /// Makes room for one entry; `false` if there is none to be had.
    fn make_room(&mut self) -> bool {
        if self.len() < self.capacity {
            return true;
        }
        let done = self.entries.iter().filter_map(|(id, entry)| match &entry.state {
            State::Done { at, .. } if self.is_remembered(entry) => Some((*at, id.clone())),
            _ => None,
        });
        let Some((_, oldest)) = done.min_by_key(|(at, _)| *at) else { return false };
        self.entries.remove(&oldest);
        true
    }
}

impl Inside for Scan {
    fn begin(&mut self, id: &str, fingerprint: u64, now_ms: u64) -> Begin {
        self.now = self.now.max(now_ms);
        if let Some(entry) = self.entries.get(id).filter(|entry| self.is_remembered(entry)) {
            return match &entry.state {
                _ if entry.fingerprint != fingerprint => Begin::Mismatch,
                State::InFlight => Begin::InFlight,
                State::Done { outcome, .. } => Begin::Done(outcome.clone()),
            };
        }
        if !self.make_room() {
            return Begin::Full;
        }
        self.entries.insert(id.to_owned(), Entry { fingerprint, state: State::InFlight });
        Begin::First
    }

    fn complete(&mut self, id: &str, outcome: &str, now_ms: u64) -> bool {
        self.now = self.now.max(now_ms);
        match self.entries.get_mut(id) {
            Some(entry) if matches!(entry.state, State::InFlight) => {
                entry.state = State::Done { at: self.now, outcome: outcome.to_owned() };
                true
            }
            _ => false,
        }
    }

    fn abandon(&mut self, id: &str) -> bool {
        let in_flight = self.entries.get(id).is_some_and(|entry| matches!(entry.state, State::InFlight));
        self.entries.remove(id);
        in_flight
    }

    fn purge(&mut self, now_ms: u64) -> usize {
        self.now = self.now.max(now_ms);
        let (now, window, before) = (self.now, self.window_ms, self.entries.len());
        self.entries.retain(|_, entry| match &entry.state {
            State::InFlight => true,
            State::Done { at, .. } => now - at < window,
        });
        before - self.entries.len()
    }

    fn len(&self) -> usize {
        self.entries.values().filter(|entry| self.is_remembered(entry)).count()
    }
}
