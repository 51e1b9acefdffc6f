//! A store that remembers which messages were handled, and with what outcome.
//!
//! This is the interface. The statement says what it does, and `inside.rs` contains one implementation.

mod inside;

/// What the store knows about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Nothing. The caller handles it now, and from now on it is in flight.
    First,
    /// It is in flight: another caller is handling it.
    InFlight,
    /// It was handled, with this outcome.
    Done(String),
    /// The store knows a message with this id and a different fingerprint.
    Mismatch,
    /// Nothing, and there is no room for it.
    Full,
}

/// Remembers messages by id.
pub struct DedupStore {
    inside: Box<dyn Inside + Send>,
}

/// The operations of a deduplication store.
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

    /// Asks whether to handle a message, at a time in milliseconds. After [`Begin::First`] the caller handles it and
    /// calls [`DedupStore::complete`] or [`DedupStore::abandon`].
    pub fn begin(&mut self, id: &str, fingerprint: u64, now_ms: u64) -> Begin {
        self.inside.begin(id, fingerprint, now_ms)
    }

    /// Records the outcome of a message in flight. Returns `false` if none with this id is in flight; then nothing
    /// changes.
    pub fn complete(&mut self, id: &str, outcome: &str, now_ms: u64) -> bool {
        self.inside.complete(id, outcome, now_ms)
    }

    /// Forgets a message in flight. Returns `false` if none with this id is in flight; then nothing changes.
    pub fn abandon(&mut self, id: &str) -> bool {
        self.inside.abandon(id)
    }

    /// Drops the entries that are forgotten at a time in milliseconds, and returns their number.
    pub fn purge(&mut self, now_ms: u64) -> usize {
        self.inside.purge(now_ms)
    }

    /// The number of remembered entries.
    pub fn len(&self) -> usize {
        self.inside.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
