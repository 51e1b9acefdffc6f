//! Sign-ins: a browser's, which its cookie names, and those of clients of the API, which hold refresh tokens.
//!
//! Each is one row, however often its tokens change, so that a person can see where they are signed in and end any of it.

mod refresh;
mod service;
pub(super) mod store;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

pub use service::{OpenSession, Tokens};

use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::id::SessionId;

/// How long a browser stays signed in that is not used.
pub(super) const SESSION_IDLE: Duration = Duration::from_secs(7 * 24 * 3600);

text_enum! {
    /// How somebody signed in.
    pub enum SessionKind {
        /// By a page, in a browser.
        Browser = "browser",
        /// By the API, as a client with tokens.
        Client = "client",
    }
}

/// A sign-in, as the person who signed in sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionSummary {
    /// The id of the sign-in, prefixed `ses_`.
    pub id: SessionId,
    /// How the person signed in: `browser` or `client`.
    pub kind: SessionKind,
    /// What the browser or the client calls itself; empty when it doesn't say.
    pub agent: String,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to within five minutes; for a client, when it last refreshed its tokens.
    pub used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Whether this request belongs to it.
    pub current: bool,
}
