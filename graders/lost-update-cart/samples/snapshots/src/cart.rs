use crate::snapshot::{Outdated, Snapshot};
use crate::store::Store;
use crate::{ATTEMPTS, CartError};
use std::collections::BTreeMap;

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
        retry(ATTEMPTS, || {
            let mut snapshot = Snapshot::take_open(&self.store, cart)?;
            let total = snapshot.held(product).unwrap_or(0).saturating_add(quantity);
            snapshot.set(product, total)?;
            snapshot.commit()?;
            Ok(total)
        })
    }

    /// Replaces the quantity of a product that is in the cart; zero takes it out. Answers the quantity before.
    pub fn change(&self, cart: u64, product: u64, quantity: u32) -> Result<u32, CartError> {
        retry(ATTEMPTS, || {
            let mut snapshot = Snapshot::take_open(&self.store, cart)?;
            let before = snapshot.held(product).ok_or(CartError::NotInCart)?;
            if before != quantity {
                snapshot.set(product, quantity)?;
                snapshot.commit()?;
            }
            Ok(before)
        })
    }

    /// Takes a product out of the cart. Answers how many there were.
    pub fn remove(&self, cart: u64, product: u64) -> Result<u32, CartError> {
        self.change(cart, product, 0)
    }

    /// Checks the cart out: from here on it does not change. Answers what was ordered.
    pub fn check_out(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        retry(ATTEMPTS, || {
            let mut snapshot = Snapshot::take_open(&self.store, cart)?;
            snapshot.close();
            if snapshot.is_empty() {
                return Err(Failure::Refused(CartError::Empty));
            }
            snapshot.commit()?;
            Ok(snapshot.into_lines())
        })
    }

    /// What the cart holds, checked out or not: products and how many of each.
    pub fn contents(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        Snapshot::take(&self.store, cart).map(Snapshot::into_lines)
    }
}

/// Why an attempt came to nothing.
enum Failure {
    Refused(CartError),
    Outdated,
}

impl From<CartError> for Failure {
    fn from(error: CartError) -> Self {
        Self::Refused(error)
    }
}

impl From<Outdated> for Failure {
    fn from(_: Outdated) -> Self {
        Self::Outdated
    }
}

/// Calls `attempt` until it is not outdated, so many times at most.
fn retry<T>(times: u32, attempt: impl Fn() -> Result<T, Failure>) -> Result<T, CartError> {
    if times == 0 {
        return Err(CartError::Contended);
    }
    match attempt() {
        Ok(reply) => Ok(reply),
        Err(Failure::Refused(error)) => Err(error),
        Err(Failure::Outdated) => retry(times - 1, attempt),
    }
}
