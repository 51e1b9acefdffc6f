//! The application over HTTP: every URL in one table, and what surrounds all of them. What a URL does stands in its feature's
//! `api.rs` or `pages.rs`; what handlers share, in `http`.

mod endpoints;
pub mod health;
pub mod idempotency;
mod in_flight;
mod observe;
pub mod openapi;
mod routes;
pub mod server;
mod site;
mod state;

pub use routes::PAGES;
pub use state::State;
