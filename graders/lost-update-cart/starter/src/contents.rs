//! The stored form of a cart: one line of text such as `open 17x2 40x1` or `ordered 17x2`, products in ascending order.
//! The warehouse and older releases of this service read and write it as well, so it stays as it is.

use crate::CartError;
use std::collections::BTreeMap;

/// A cart as it was read. One that was never written is open and empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) checked_out: bool,
    /// Products and how many of each, never zero.
    pub(crate) lines: BTreeMap<u64, u32>,
}

impl Contents {
    pub(crate) fn parse(text: &str) -> Result<Self, CartError> {
        let mut words = text.split(' ');
        let checked_out = match words.next() {
            Some("open") => false,
            Some("ordered") => true,
            _ => return Err(CartError::Unreadable),
        };
        let lines = words.map(parse_line).collect::<Option<_>>().ok_or(CartError::Unreadable)?;
        Ok(Self { checked_out, lines })
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = String::from(if self.checked_out { "ordered" } else { "open" });
        for (product, quantity) in &self.lines {
            text.push_str(&format!(" {product}x{quantity}"));
        }
        text
    }
}

fn parse_line(word: &str) -> Option<(u64, u32)> {
    let (product, quantity) = word.split_once('x')?;
    let quantity = quantity.parse().ok().filter(|quantity| *quantity > 0)?;
    Some((product.parse().ok()?, quantity))
}
