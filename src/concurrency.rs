//! How many of something one key may hold at the same time, such as connections of an address.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts what each key holds, up to a limit. Clones share the counts.
#[derive(Debug, Clone)]
pub(crate) struct Concurrency<K> {
    most: usize,
    held: Arc<Mutex<HashMap<K, usize>>>,
}

/// One place that a key holds; it's free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Hash + Eq + Clone> {
    key: K,
    held: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Hash + Eq + Clone> Concurrency<K> {
    /// A limit of `most` places for each key.
    #[must_use]
    pub(crate) fn new(most: usize) -> Self {
        Self { most, held: Arc::default() }
    }

    /// Takes a place; `None` when the key holds all of its places.
    #[must_use]
    pub(crate) fn take(&self, key: K) -> Option<Place<K>> {
        let mut held = lock(&self.held);
        let count = held.entry(key.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { key, held: Arc::clone(&self.held) })
    }
}

impl<K: Hash + Eq + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        let mut held = lock(&self.held);
        if let Some(count) = held.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

fn lock<K>(held: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    // Nothing panics in the middle of a change.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_is_dropped_and_nothing_is_left_of_its_key() {
        let places = Concurrency::new(2);
        let (first, second) = (places.take("a").unwrap(), places.take("a").unwrap());
        assert!(places.take("a").is_none() && places.take("b").is_some());
        drop(first);
        assert!(places.take("a").is_some());
        drop(second);
        assert!(lock(&places.held).is_empty());
    }
}
