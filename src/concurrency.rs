//! How many of something one key may hold at the same time, such as connections of an address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::network::{client_key, site_key};

/// How many clients' worth of places all clients of one site share: a customer may have all networks of a /48.
const CLIENTS_OF_A_SITE: usize = 4;

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

/// Counts what each client holds by its address, and what all clients of a site hold together. Clones share the counts.
#[derive(Debug, Clone)]
pub(crate) struct ClientConcurrency {
    clients: Concurrency<IpAddr>,
    sites: Concurrency<IpAddr>,
}

/// One place that a client holds; it's free again when this is dropped.
#[derive(Debug)]
pub(crate) struct ClientPlace {
    _client: Place<IpAddr>,
    _site: Option<Place<IpAddr>>,
}

impl ClientConcurrency {
    /// A limit of `most` places for each client.
    #[must_use]
    pub(crate) fn new(most: usize) -> Self {
        Self { clients: Concurrency::new(most), sites: Concurrency::new(most.saturating_mul(CLIENTS_OF_A_SITE)) }
    }

    /// Takes a place; `None` when the client, or all of its site together, hold all of theirs.
    #[must_use]
    pub(crate) fn take(&self, address: IpAddr) -> Option<ClientPlace> {
        let client = self.clients.take(client_key(address))?;
        let site = match site_key(address) {
            Some(site) => Some(self.sites.take(site)?),
            None => None,
        };
        Some(ClientPlace { _client: client, _site: site })
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

    #[test]
    fn many_networks_of_one_site_share_their_places() {
        let places = ClientConcurrency::new(1);
        let taken: Vec<_> = (0..6).map(|net| places.take(format!("2001:db8:1:{net}::1").parse().unwrap())).collect();
        assert_eq!(taken.iter().flatten().count(), 4);
        assert!(places.take("2001:db8:2::1".parse().unwrap()).is_some());
        drop(taken);
        assert!(places.take("2001:db8:1:5::1".parse().unwrap()).is_some());
        let one = places.take("192.0.2.1".parse().unwrap());
        assert!(places.take("192.0.2.1".parse().unwrap()).is_none() && one.is_some());
    }
}
