//! The key-value store. It is shared: other processes, some of them not ours, read and write the same keys, and any of
//! their writes may come between two calls of this one. Each call by itself is atomic.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Identifies the write that a value came from. The store gives every write a new version, even if the value is the
/// same. Versions can only be compared for equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub u64);

/// A value as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// The write that it came from.
    pub version: Version,
    /// The text that was written.
    pub value: String,
}

/// The key did not hold the version that was expected, and nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// The version that the key held instead; `None` if it held nothing.
    pub found: Option<Version>,
}

/// A handle to the store.
pub trait Store {
    /// The value of the key; `None` if it was never written.
    fn get(&self, key: &str) -> Option<Versioned>;

    /// Writes the value, whatever the key holds.
    fn put(&self, key: &str, value: String);

    /// Writes the value if the key still holds what the write `expected` left there; `None` expects that the key was
    /// never written.
    fn compare_and_set(&self, key: &str, expected: Option<Version>, value: String) -> Result<Version, Conflict>;
}

/// A store in the memory of this process. Clones are handles to the same store.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    entries: Arc<Mutex<HashMap<String, Versioned>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Versioned>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &str) -> Option<Versioned> {
        self.entries().get(key).cloned()
    }

    fn put(&self, key: &str, value: String) {
        write(&mut self.entries(), key, value);
    }

    fn compare_and_set(&self, key: &str, expected: Option<Version>, value: String) -> Result<Version, Conflict> {
        let mut entries = self.entries();
        let found = entries.get(key).map(|held| held.version);
        if found == expected { Ok(write(&mut entries, key, value)) } else { Err(Conflict { found }) }
    }
}

fn write(entries: &mut HashMap<String, Versioned>, key: &str, value: String) -> Version {
    let version = Version(entries.get(key).map_or(1, |held| held.version.0 + 1));
    entries.insert(key.to_string(), Versioned { version, value });
    version
}
