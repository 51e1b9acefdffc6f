//! The kit of all handlers: who asks, what a request holds, and how answers look.
//!
//! It knows [`accounts`](crate::accounts), because a request comes from somebody, and the rate limits. It knows no other
//! feature and no application: a handler names the services that it needs as `web::Data`, and `web::server` hands them in.

pub(crate) mod address;
pub(crate) mod ansi;
mod aside;
pub(crate) mod assets;
pub(crate) mod body;
pub(crate) mod conditional;
pub(crate) mod cookies;
pub(crate) mod counted;
pub(crate) mod csrf;
pub(crate) mod error;
mod highlight;
pub(crate) mod identity;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod params;
pub(crate) mod prose;
pub(crate) mod request;
pub(crate) mod scopes;
pub(crate) mod session;
pub(crate) mod shared;
pub(crate) mod templates;
pub(crate) mod unsent;
