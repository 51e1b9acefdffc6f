//! A store that remembers which messages were handled, and what came of them.
//!
//! This is the interface. What it does is written in the statement; how, in `inside.rs`.

mod inside;

/// What the store knows of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Nothing: it is to be handled now, and is in flight from here on.
    First,
    /// It is in flight: somebody handles it.
    InFlight,
    /// It was handled, with this outcome.
    Done(String),
    /// A message of this id is known that has another fingerprint.
    Mismatch,
    /// Nothing, and there is no place to remember it.
    Full,
}

/// Remembers messages by their ids.
pub struct DedupStore {
    inside: Box<dyn Inside + Send>,
}

/// What an implementation does.
trait Inside {
    fn begin(&mut self, id: &str, fingerprint: u64, now_ms: u64) -> Begin;
    fn complete(&mut self, id: &str, outcome: &str, now_ms: u64) -> bool;
    fn abandon(&mut self, id: &str) -> bool;
    fn purge(&mut self, now_ms: u64) -> usize;
    fn len(&self) -> usize;
}

impl DedupStore {
    /// An empty store that remembers an outcome for `window_ms` milliseconds, and at most `capacity` entries.
    pub fn new(window_ms: u64, capacity: usize) -> Self {
        Self { inside: inside::new(window_ms, capacity) }
    }

    /// Asks whether to handle a message, at a time in milliseconds. After [`Begin::First`] the caller handles it and calls
    /// [`DedupStore::complete`] or [`DedupStore::abandon`].
    pub fn begin(&mut self, id: &str, fingerprint: u64, now_ms: u64) -> Begin {
        self.inside.begin(id, fingerprint, now_ms)
    }

    /// Records the outcome of a message in flight. `false`: none of this id is in flight, and nothing has changed.
    pub fn complete(&mut self, id: &str, outcome: &str, now_ms: u64) -> bool {
        self.inside.complete(id, outcome, now_ms)
    }

    /// Forgets a message in flight. `false`: none of this id is in flight, and nothing has changed.
    pub fn abandon(&mut self, id: &str) -> bool {
        self.inside.abandon(id)
    }

    /// Releases the memory of what is forgotten at a time in milliseconds, and says of how many entries.
    pub fn purge(&mut self, now_ms: u64) -> usize {
        self.inside.purge(now_ms)
    }

    /// Entries that are remembered.
    pub fn len(&self) -> usize {
        self.inside.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
