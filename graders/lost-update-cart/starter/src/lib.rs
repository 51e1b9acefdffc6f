//! Shopping carts in a versioned key-value store that other processes write as well.

mod cart;
mod contents;
mod error;
pub mod store;

pub use cart::CartService;
pub use error::CartError;

/// How many of one product a cart may hold.
pub const MAX_QUANTITY: u32 = 10;

/// How many different products a cart may hold.
pub const MAX_PRODUCTS: usize = 8;

/// How many writes an operation attempts before it returns [`CartError::Contended`].
pub const ATTEMPTS: u32 = 4;
