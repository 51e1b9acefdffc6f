use crate::contents::Contents;
use crate::store::Store;
use crate::{ATTEMPTS, CartError, MAX_PRODUCTS, MAX_QUANTITY};
use std::collections::BTreeMap;

/// What is done to a cart.
enum Operation {
    Add(u64, u32),
    Change(u64, u32),
    CheckOut,
}

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
    pub fn add(&self, cart: u64, product: u64, quantity: u32) -> Result<u32, CartError> {
        if quantity == 0 {
            return Err(CartError::NoQuantity);
        }
        let (total, _) = self.run(cart, Operation::Add(product, quantity))?;
        Ok(total)
    }

    /// Replaces the quantity of a product that is in the cart; zero takes it out. Answers the quantity before.
    pub fn change(&self, cart: u64, product: u64, quantity: u32) -> Result<u32, CartError> {
        let (before, _) = self.run(cart, Operation::Change(product, quantity))?;
        Ok(before)
    }

    /// Takes a product out of the cart. Answers how many there were.
    pub fn remove(&self, cart: u64, product: u64) -> Result<u32, CartError> {
        self.change(cart, product, 0)
    }

    /// Checks the cart out: from here on it does not change. Answers what was ordered.
    pub fn check_out(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        let (_, order) = self.run(cart, Operation::CheckOut)?;
        Ok(order)
    }

    /// What the cart holds, checked out or not: products and how many of each.
    pub fn contents(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        match self.store.get(&key(cart)) {
            Some(held) => Ok(Contents::parse(&held.value)?.lines),
            None => Ok(BTreeMap::new()),
        }
    }

    /// Answers the quantity that an operation is about, and what the cart then holds.
    fn run(&self, cart: u64, operation: Operation) -> Result<(u32, BTreeMap<u64, u32>), CartError> {
        for _ in 0..ATTEMPTS {
            let held = self.store.get(&key(cart));
            let mut contents = match &held {
                Some(held) => Contents::parse(&held.value)?,
                None => Contents::default(),
            };
            if contents.checked_out {
                return Err(CartError::CheckedOut);
            }
            let answer = match operation {
                Operation::Add(product, quantity) => {
                    let total = contents.lines.get(&product).copied().unwrap_or(0).saturating_add(quantity);
                    if total > MAX_QUANTITY {
                        return Err(CartError::TooMany);
                    }
                    contents.lines.insert(product, total);
                    if contents.lines.len() > MAX_PRODUCTS {
                        return Err(CartError::Full);
                    }
                    total
                }
                Operation::Change(product, quantity) => {
                    let before = contents.lines.get(&product).copied().ok_or(CartError::NotInCart)?;
                    if quantity > MAX_QUANTITY {
                        return Err(CartError::TooMany);
                    }
                    if quantity == 0 {
                        contents.lines.remove(&product);
                    } else {
                        contents.lines.insert(product, quantity);
                    }
                    before
                }
                Operation::CheckOut => {
                    if contents.lines.is_empty() {
                        return Err(CartError::Empty);
                    }
                    contents.checked_out = true;
                    0
                }
            };
            let expected = held.map(|held| held.version);
            if self.store.compare_and_set(&key(cart), expected, contents.to_text()).is_ok() {
                return Ok((answer, contents.lines));
            }
        }
        Err(CartError::Contended)
    }
}

fn key(cart: u64) -> String {
    format!("cart/{cart}")
}
