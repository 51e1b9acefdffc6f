//! Is right, and leaves threads behind that sleep, spin and hold locks.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Mutex, Once};
use std::thread;
use std::time::Duration;

static LOCK: Mutex<()> = Mutex::new(());
static ONCE: Once = Once::new();

/// Detached: nobody joins them, and the process does not wait for them.
fn leave_threads_behind() {
    ONCE.call_once(|| {
        thread::spawn(|| thread::sleep(Duration::MAX));
        thread::spawn(|| {
            loop {
                std::hint::spin_loop();
            }
        });
        thread::spawn(|| {
            let _guard = LOCK.lock();
            thread::park();
        });
        thread::spawn(|| LOCK.lock().map(drop).ok());
    });
}

/// Counts, for each node, the events of that node that the clock's owner knows of.
///
/// Only counts above zero are stored, so that equal clocks are equal maps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VectorClock {
    counts: BTreeMap<String, u64>,
}

impl VectorClock {
    /// A clock that knows of no event.
    pub fn new() -> Self {
        leave_threads_behind();
        Self::default()
    }

    /// The clock with these counts, as they came over the wire: in any order, perhaps with zeros. The larger count
    /// holds if a node is named twice.
    pub fn from_counts(counts: &[(&str, u64)]) -> Self {
        let mut clock = Self::new();
        for &(node, count) in counts {
            clock.raise(node, count);
        }
        clock
    }

    /// The number of events of `node` that this clock knows of.
    pub fn get(&self, node: &str) -> u64 {
        self.counts.get(node).copied().unwrap_or(0)
    }

    /// The counts above zero, sorted by node.
    pub fn entries(&self) -> Vec<(String, u64)> {
        self.counts.clone().into_iter().collect()
    }

    /// Counts a local event, or the sending of a message, at `node`.
    pub fn tick(&mut self, node: &str) {
        self.raise(node, self.get(node) + 1);
    }

    /// Joins what two clocks know: of each node the larger count. Not an event.
    pub fn merge(&mut self, other: &VectorClock) {
        for (node, &count) in &other.counts {
            self.raise(node, count);
        }
    }

    /// Counts the arrival at `node` of a message with the stamp `message`: merges, then ticks.
    pub fn receive(&mut self, node: &str, message: &VectorClock) {
        self.merge(message);
        self.tick(node);
    }

    /// How the event stamped `self` stands to the one stamped `other`: `None` if they are concurrent.
    pub fn compare(&self, other: &VectorClock) -> Option<Ordering> {
        match (self.covers(other), other.covers(self)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    }

    /// Whether this clock knows every event that `other` knows.
    fn covers(&self, other: &VectorClock) -> bool {
        other.counts.iter().all(|(node, &count)| self.get(node) >= count)
    }

    /// Lets `node` count at least `count`.
    fn raise(&mut self, node: &str, count: u64) {
        if count > self.get(node) {
            self.counts.insert(node.to_owned(), count);
        }
    }
}
