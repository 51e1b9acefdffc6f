use crate::contents::Contents;
use crate::store::Store;
use crate::{ATTEMPTS, CartError, MAX_PRODUCTS, MAX_QUANTITY};
use std::collections::BTreeMap;

/// What a caller wants done to a cart.
#[derive(Debug, Clone, Copy)]
enum Command {
    Add { product: u64, quantity: u32 },
    Change { product: u64, quantity: u32 },
    CheckOut,
}

/// What a command makes of a cart: pure, so that it can be asked as often as it takes.
impl Command {
    /// The quantity to answer, and the cart to store instead.
    fn decide(self, before: Contents) -> Result<(u32, Contents), CartError> {
        if before.checked_out {
            return Err(CartError::CheckedOut);
        }
        match self {
            Self::Add { product, quantity } => {
                let held = before.lines.get(&product).map_or(0, |held| *held);
                let total = held.saturating_add(quantity);
                Ok((total, with_line(before, product, total)?))
            }
            Self::Change { product, quantity } => match before.lines.get(&product).copied() {
                None => Err(CartError::NotInCart),
                Some(held) => Ok((held, with_line(before, product, quantity)?)),
            },
            Self::CheckOut if before.lines.is_empty() => Err(CartError::Empty),
            Self::CheckOut => Ok((0, Contents { checked_out: true, ..before })),
        }
    }
}

fn with_line(mut contents: Contents, product: u64, quantity: u32) -> Result<Contents, CartError> {
    match quantity {
        0 => contents.lines.remove(&product),
        1..=MAX_QUANTITY => contents.lines.insert(product, quantity),
        _ => return Err(CartError::TooMany),
    };
    if contents.lines.len() > MAX_PRODUCTS { Err(CartError::Full) } else { Ok(contents) }
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
        self.execute(cart, Command::Add { product, quantity }).map(|(total, _)| total)
    }

    /// Replaces the quantity of a product that is in the cart; zero takes it out. Answers the quantity before.
    pub fn change(&self, cart: u64, product: u64, quantity: u32) -> Result<u32, CartError> {
        self.execute(cart, Command::Change { product, quantity }).map(|(before, _)| before)
    }

    /// Takes a product out of the cart. Answers how many there were.
    pub fn remove(&self, cart: u64, product: u64) -> Result<u32, CartError> {
        self.change(cart, product, 0)
    }

    /// Checks the cart out: from here on it does not change. Answers what was ordered.
    pub fn check_out(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        self.execute(cart, Command::CheckOut).map(|(_, ordered)| ordered.lines)
    }

    /// What the cart holds, checked out or not: products and how many of each.
    pub fn contents(&self, cart: u64) -> Result<BTreeMap<u64, u32>, CartError> {
        let held = self.store.get(&key(cart));
        held.map_or(Ok(BTreeMap::new()), |held| Ok(Contents::parse(&held.value)?.lines))
    }

    fn execute(&self, cart: u64, command: Command) -> Result<(u32, Contents), CartError> {
        let attempts = (0..ATTEMPTS).find_map(|_| self.attempt(&key(cart), command).transpose());
        attempts.unwrap_or(Err(CartError::Contended))
    }

    /// `None` if others wrote between the read and the write.
    fn attempt(&self, key: &str, command: Command) -> Result<Option<(u32, Contents)>, CartError> {
        let (expected, before) = match self.store.get(key) {
            Some(held) => (Some(held.version), Contents::parse(&held.value)?),
            None => (None, Contents::default()),
        };
        let (answer, after) = command.decide(before)?;
        let written = self.store.compare_and_set(key, expected, after.to_text());
        Ok(written.ok().map(|_| (answer, after)))
    }
}

fn key(cart: u64) -> String {
    format!("cart/{cart}")
}
