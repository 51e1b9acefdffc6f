use crate::contents::Contents;
use crate::store::Store;
use crate::{CartError, MAX_PRODUCTS, MAX_QUANTITY};
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

    /// Adds a quantity of a product. Returns the quantity that the cart then holds.
    pub fn add(&self, cart: u64, product: u64, quantity: u32) -> Result<u32, CartError> {
        if quantity == 0 {
            return Err(CartError::NoQuantity);
        }
        let total = self.held(cart, product)?.saturating_add(quantity);
        self.set(cart, product, total)?;
        Ok(total)
    }

    /// Replaces the quantity of a product in the cart; zero removes it. Returns the previous quantity.
    pub fn change(&self, cart: u64, product: u64, quantity: u32) -> Result<u32, CartError> {
        let before = self.held(cart, product)?;
        if before == 0 {
            return Err(CartError::NotInCart);
        }
        self.set(cart, product, quantity)?;
        Ok(before)
    }

    /// Removes a product from the cart. Returns the quantity that was there.
    pub fn remove(&self, cart: u64, product: u64) -> Result<u32, CartError> {
        self.change(cart, product, 0)
    }

    /// Checks the cart out; it doesn't change after that. Returns the order.
    pub fn check_out(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        let order = self.contents(cart)?;
        let mut contents = self.load_open(cart)?;
        if order.is_empty() {
            return Err(CartError::Empty);
        }
        contents.checked_out = true;
        self.save(cart, &contents);
        Ok(order)
    }

    /// The contents of the cart, checked out or not: products and the quantity of each.
    pub fn contents(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        Ok(self.load(cart)?.lines)
    }

    fn held(&self, cart: u64, product: u64) -> Result<u32, CartError> {
        Ok(self.load_open(cart)?.lines.get(&product).copied().unwrap_or(0))
    }

    fn set(&self, cart: u64, product: u64, quantity: u32) -> Result<(), CartError> {
        let mut contents = self.load_open(cart)?;
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
        self.save(cart, &contents);
        Ok(())
    }

    fn load_open(&self, cart: u64) -> Result<Contents, CartError> {
        let contents = self.load(cart)?;
        if contents.checked_out { Err(CartError::CheckedOut) } else { Ok(contents) }
    }

    fn load(&self, cart: u64) -> Result<Contents, CartError> {
        match self.store.get(&key(cart)) {
            Some(held) => Contents::parse(&held.value),
            None => Ok(Contents::default()),
        }
    }

    fn save(&self, cart: u64, contents: &Contents) {
        self.store.put(&key(cart), contents.to_text());
    }
}

fn key(cart: u64) -> String {
    format!("cart/{cart}")
}
