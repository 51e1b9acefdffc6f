//! Two indexes: by id, and by the moment at which an outcome is to be forgotten.

use std::collections::{BTreeSet, HashMap};

use crate::{Begin, Inside};

#[derive(Clone)]
struct Outcome {
    text: String,
    forgotten_at: u64,
}

struct Ordered {
    window_ms: u64,
    capacity: usize,
    now: u64,
    in_flight: HashMap<String, u64>,
    done: HashMap<String, (u64, Outcome)>,
    /// Backwards in the alphabet, where two are forgotten at once.
    by_time: BTreeSet<(u64, std::cmp::Reverse<String>)>,
}

pub(crate) fn new(window_ms: u64, capacity: usize) -> Box<dyn Inside + Send> {
    Box::new(Ordered {
        window_ms,
        capacity,
        now: 0,
        in_flight: HashMap::new(),
        done: HashMap::new(),
        by_time: BTreeSet::new(),
    })
}

impl Ordered {
    fn advance(&mut self, now: u64) -> usize {
        self.now = self.now.max(now);
        let mut released = 0;
        while self.by_time.first().is_some_and(|(at, _)| *at <= self.now) {
            self.forget_first();
            released += 1;
        }
        released
    }

    fn forget_first(&mut self) -> bool {
        let Some((_, std::cmp::Reverse(id))) = self.by_time.pop_first() else { return false };
        self.done.remove(&id);
        true
    }
}

impl Inside for Ordered {
    fn begin(&mut self, id: &str, fingerprint: u64, now_ms: u64) -> Begin {
        self.advance(now_ms);
        if let Some(known) = self.in_flight.get(id) {
            return if *known == fingerprint { Begin::InFlight } else { Begin::Mismatch };
        }
        if let Some((known, outcome)) = self.done.get(id) {
            return if *known == fingerprint { Begin::Done(outcome.text.clone()) } else { Begin::Mismatch };
        }
        if self.len() >= self.capacity && !self.forget_first() {
            return Begin::Full;
        }
        self.in_flight.insert(id.to_owned(), fingerprint);
        Begin::First
    }

    fn complete(&mut self, id: &str, outcome: &str, now_ms: u64) -> bool {
        self.advance(now_ms);
        let Some(fingerprint) = self.in_flight.remove(id) else { return false };
        let outcome = Outcome { text: outcome.to_owned(), forgotten_at: self.now + self.window_ms };
        self.by_time.insert((outcome.forgotten_at, std::cmp::Reverse(id.to_owned())));
        self.done.insert(id.to_owned(), (fingerprint, outcome));
        true
    }

    fn abandon(&mut self, id: &str) -> bool {
        self.in_flight.remove(id).is_some()
    }

    fn purge(&mut self, now_ms: u64) -> usize {
        self.advance(now_ms)
    }

    fn len(&self) -> usize {
        self.in_flight.len() + self.done.len()
    }
}
