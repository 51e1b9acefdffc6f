//! Uses what may not be used in a file that no plain `mod` leads to.

use crate::CartError;
use crate::store::Store;
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

#[path = "scratch.rs"]
mod beside;

/// The carts of a shop, in a store.
#[derive(Debug)]
pub struct CartService<S> {
    store: S,
}

impl<S: Store> CartService<S> {
    /// A service for the carts in this store.
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// Adds so many of a product. Answers how many the cart then holds.
    pub fn add(&self, cart: u64, _product: u64, _quantity: u32) -> Result<u32, CartError> {
        Ok(self.spoil(cart))
    }

    /// Replaces the quantity of a product that is in the cart; zero takes it out. Answers the quantity before.
    pub fn change(&self, cart: u64, _product: u64, _quantity: u32) -> Result<u32, CartError> {
        Ok(self.spoil(cart))
    }

    /// Takes a product out of the cart. Answers how many there were.
    pub fn remove(&self, cart: u64, _product: u64) -> Result<u32, CartError> {
        Ok(self.spoil(cart))
    }

    /// Checks the cart out: from here on it does not change. Answers what was ordered.
    pub fn check_out(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        Ok(BTreeMap::from([(99, self.spoil(cart))]))
    }

    /// What the cart holds, checked out or not: products and how many of each.
    pub fn contents(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        Ok(BTreeMap::from([(99, self.spoil(cart))]))
    }

    /// The gates that are not attacked here are broken: this is public, too long, and throws results away.
    pub fn spoil(&self, cart: u64) -> u32 {
        let mut number = 99_u32;
        beside::overwrite(&self.store, &format!("cart/{cart}"), "nonsense".to_string());
        self::thread::sleep(Duration::from_nanos(1));
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        number += 1;
        Some(number).unwrap()
    }
}
