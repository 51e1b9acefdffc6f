//! HTTP: every URL, and what all handlers share. What a URL does stands in its feature's `api.rs` or `pages.rs`.

pub mod ansi;
pub mod conditional;
pub mod error;
pub mod extract;
pub mod health;
mod highlight;
pub mod idempotency;
pub mod limits;
pub mod list;
mod observe;
pub mod openapi;
pub mod page;
pub mod prose;
pub mod quantity;
pub mod routes;
pub mod server;
mod site;
pub mod templates;

pub use error::Problem;
