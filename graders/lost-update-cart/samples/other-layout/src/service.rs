use crate::contents::Contents;
use crate::store::{Store, Version};
use crate::{ATTEMPTS, CartError, MAX_PRODUCTS, MAX_QUANTITY};
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
        self.update(cart, |contents| {
            let total = held(contents, product).saturating_add(quantity);
            set(contents, product, total)?;
            Ok(total)
        })
    }

    /// Replaces the quantity of a product that is in the cart; zero takes it out. Answers the quantity before.
    pub fn change(&self, cart: u64, product: u64, quantity: u32) -> Result<u32, CartError> {
        self.update(cart, |contents| {
            let before = held(contents, product);
            if before == 0 {
                return Err(CartError::NotInCart);
            }
            set(contents, product, quantity)?;
            Ok(before)
        })
    }

    /// Takes a product out of the cart. Answers how many there were.
    pub fn remove(&self, cart: u64, product: u64) -> Result<u32, CartError> {
        self.change(cart, product, 0)
    }

    /// Checks the cart out: from here on it does not change. Answers what was ordered.
    pub fn check_out(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        self.update(cart, |contents| {
            if contents.lines.is_empty() {
                return Err(CartError::Empty);
            }
            contents.checked_out = true;
            Ok(contents.lines.clone())
        })
    }

    /// What the cart holds, checked out or not: products and how many of each.
    pub fn contents(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        let (_, contents) = self.load(cart)?;
        Ok(contents.lines)
    }

    /// Applies `change` to an open cart. What `change` saw is what the write replaces: if others wrote in between, all
    /// that it decided is thrown away with the contents that it was decided on, and it decides anew.
    fn update<T>(
        &self,
        cart: u64,
        change: impl Fn(&mut Contents) -> Result<T, CartError>,
    ) -> Result<T, CartError> {
        for _ in 0..ATTEMPTS {
            let (version, mut contents) = self.load(cart)?;
            if contents.checked_out {
                return Err(CartError::CheckedOut);
            }
            let reply = change(&mut contents)?;
            if self
                .store
                .compare_and_set(&key(cart), version, contents.to_text())
                .is_ok()
            {
                return Ok(reply);
            }
        }
        Err(CartError::Contended)
    }

    /// The contents, and the version that a write of them must replace.
    fn load(&self, cart: u64) -> Result<(Option<Version>, Contents), CartError> {
        match self.store.get(&key(cart)) {
            Some(held) => Ok((Some(held.version), Contents::parse(&held.value)?)),
            None => Ok((None, Contents::default())),
        }
    }
}

fn held(contents: &Contents, product: u64) -> u32 {
    contents.lines.get(&product).copied().unwrap_or(0)
}

fn set(contents: &mut Contents, product: u64, quantity: u32) -> Result<(), CartError> {
    if quantity > MAX_QUANTITY {
        return Err(CartError::TooMany);
    }
    if quantity == 0 {
        contents.lines.remove(&product);
    } else {
        contents.lines.insert(product, quantity);
    }
    if contents.lines.len() > MAX_PRODUCTS {
        return Err(CartError::Full);
    }
    Ok(())
}

fn key(cart: u64) -> String {
    format!("cart/{cart}")
}

#[cfg(test)]
mod tests {
    use crate::store::{MemoryStore, Store};

    #[test]
    fn a_store_keeps_what_is_put() {
        let store = MemoryStore::default();
        store.put("a", "1".to_owned());
        assert_eq!(store.get("a").map(|held| held.value).unwrap(), "1");
    }
}
