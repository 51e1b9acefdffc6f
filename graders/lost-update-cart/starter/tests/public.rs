//! The public tests are a start. The hidden tests check more.

use lost_update_cart::store::{Conflict, MemoryStore, Store, Version, Versioned};
use lost_update_cart::{CartError, CartService};
use std::cell::Cell;

const CART: u64 = 7;

#[test]
fn adding_counts_up() {
    let service = CartService::new(MemoryStore::new());
    assert_eq!(service.add(CART, 17, 2), Ok(2));
    assert_eq!(service.add(CART, 17, 3), Ok(5));
    assert_eq!(service.add(CART, 17, 6), Err(CartError::TooMany));
    assert_eq!(service.contents(CART), Ok([(17, 5)].into()));
}

#[test]
fn what_is_not_there_cannot_be_removed() {
    let service = CartService::new(MemoryStore::new());
    assert_eq!(service.remove(CART, 17), Err(CartError::NotInCart));
}

#[test]
fn what_was_checked_out_stays() {
    let service = CartService::new(MemoryStore::new());
    assert_eq!(service.check_out(CART), Err(CartError::Empty));
    assert_eq!(service.add(CART, 17, 2), Ok(2));
    assert_eq!(service.check_out(CART), Ok([(17, 2)].into()));
    assert_eq!(service.remove(CART, 17), Err(CartError::CheckedOut));
}

/// A store in which another process writes once, right before the first write of the service.
struct Visited {
    store: MemoryStore,
    theirs: Cell<Option<&'static str>>,
}

impl Visited {
    fn let_them_write(&self, key: &str) {
        if let Some(text) = self.theirs.take() {
            self.store.put(key, text.to_string());
        }
    }
}

impl Store for Visited {
    fn get(&self, key: &str) -> Option<Versioned> {
        self.store.get(key)
    }

    fn put(&self, key: &str, value: String) {
        self.let_them_write(key);
        self.store.put(key, value);
    }

    fn compare_and_set(&self, key: &str, expected: Option<Version>, value: String) -> Result<Version, Conflict> {
        self.let_them_write(key);
        self.store.compare_and_set(key, expected, value)
    }
}

#[test]
fn what_another_process_added_meanwhile_stays() {
    let service = CartService::new(Visited { store: MemoryStore::new(), theirs: Cell::new(Some("open 40x1")) });
    assert_eq!(service.add(CART, 17, 2), Ok(2));
    assert_eq!(service.contents(CART), Ok([(17, 2), (40, 1)].into()));
}
