use std::error::Error;
use std::fmt::{Display, Formatter, Result};

/// Why an operation on a cart was refused. A refused operation writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CartError {
    /// A quantity of zero can't be added.
    NoQuantity,
    /// The text stored for this cart isn't a cart.
    Unreadable,
    /// The cart has been checked out and doesn't change any more.
    CheckedOut,
    /// The cart does not hold this product.
    NotInCart,
    /// The cart would hold more than [`MAX_QUANTITY`](crate::MAX_QUANTITY) of the product.
    TooMany,
    /// The cart would hold more than [`MAX_PRODUCTS`](crate::MAX_PRODUCTS) products.
    Full,
    /// There is nothing in the cart to check out.
    Empty,
    /// Each of the operation's [`ATTEMPTS`](crate::ATTEMPTS) writes conflicted with another writer's.
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
