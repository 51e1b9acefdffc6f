//! A cart as it was read, together with the right to replace exactly that.

use crate::contents::Contents;
use crate::store::{Store, Version};
use crate::{CartError, MAX_PRODUCTS, MAX_QUANTITY};
use std::collections::BTreeMap;

/// A cart, and the version of it that [`commit`](Self::commit) replaces.
#[derive(Debug)]
pub(crate) struct Snapshot<'a, S> {
    store: &'a S,
    key: String,
    version: Option<Version>,
    contents: Contents,
}

/// Others wrote since the snapshot was taken.
#[derive(Debug)]
pub(crate) struct Outdated;

impl<'a, S: Store> Snapshot<'a, S> {
    pub(crate) fn take(store: &'a S, cart: u64) -> Result<Self, CartError> {
        let key = format!("cart/{cart}");
        let held = store.get(&key);
        let version = held.as_ref().map(|held| held.version);
        let contents = held.map_or(Ok(Contents::default()), |held| Contents::parse(&held.value))?;
        Ok(Self { store, key, version, contents })
    }

    pub(crate) fn take_open(store: &'a S, cart: u64) -> Result<Self, CartError> {
        let snapshot = Self::take(store, cart)?;
        if snapshot.contents.checked_out { Err(CartError::CheckedOut) } else { Ok(snapshot) }
    }

    pub(crate) fn held(&self, product: u64) -> Option<u32> {
        self.contents.lines.get(&product).copied()
    }

    pub(crate) fn set(&mut self, product: u64, quantity: u32) -> Result<(), CartError> {
        if quantity > MAX_QUANTITY {
            return Err(CartError::TooMany);
        }
        self.contents.lines.insert(product, quantity);
        self.contents.lines.retain(|_, quantity| *quantity > 0);
        if self.contents.lines.len() > MAX_PRODUCTS { Err(CartError::Full) } else { Ok(()) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.contents.lines.is_empty()
    }

    pub(crate) fn close(&mut self) {
        self.contents.checked_out = true;
    }

    pub(crate) fn into_lines(self) -> BTreeMap<u64, u32> {
        self.contents.lines
    }

    pub(crate) fn commit(&self) -> Result<(), Outdated> {
        match self.store.compare_and_set(&self.key, self.version, self.contents.to_text()) {
            Ok(_) => Ok(()),
            Err(_) => Err(Outdated),
        }
    }
}
