use std::error::Error;
use std::fmt::{Display, Formatter, Result};

/// Why an operation on a cart was refused. Nothing of it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CartError {
    /// None of a product cannot be added.
    NoQuantity,
    /// What is stored for this cart is not a cart.
    Unreadable,
    /// The cart was checked out and does not change any more.
    CheckedOut,
    /// The cart does not hold this product.
    NotInCart,
    /// The cart would hold more than [`MAX_QUANTITY`](crate::MAX_QUANTITY) of the product.
    TooMany,
    /// The cart would hold more than [`MAX_PRODUCTS`](crate::MAX_PRODUCTS) products.
    Full,
    /// There is nothing in the cart to check out.
    Empty,
    /// Others wrote this cart each of the [`ATTEMPTS`](crate::ATTEMPTS) times that the operation tried to.
    Contended,
}

impl Display for CartError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::NoQuantity => "none of a product cannot be added",
            Self::Unreadable => "the stored cart cannot be read",
            Self::CheckedOut => "the cart is checked out",
            Self::NotInCart => "the product is not in the cart",
            Self::TooMany => "too many of one product",
            Self::Full => "too many products",
            Self::Empty => "the cart is empty",
            Self::Contended => "others are changing the cart",
        })
    }
}

impl Error for CartError {}
