#![warn(clippy::unwrap_used, clippy::pedantic)]
//! Shopping carts in a versioned key-value store that other processes write as well.

mod contents;
mod error;
mod service;
pub mod store;

pub use error::CartError;
pub use service::CartService;

/// How many of one product a cart may hold.
pub const MAX_QUANTITY: u32 = 10;

/// How many different products a cart may hold.
pub const MAX_PRODUCTS: usize = 8;

/// How often an operation tries to write before it answers [`CartError::Contended`].
pub const ATTEMPTS: u32 = 4;
