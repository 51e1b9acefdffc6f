//! Refresh tokens: how they look, and what it means that a client shows one.
//!
//! A token is `{session}.{secret}.{code}`. The code is one that this service alone can make of the part before it. So a token
//! of long ago is told from a made-up one without being kept, and nobody can end a sign-in who knows only its id.

use std::time::Duration;

use super::store::Client;
use crate::accounts::Keys;
use crate::clock::Timestamp;
use crate::id::SessionId;

/// How long a refresh token may be shown again, by a client whose answer was lost or whose tabs refresh at once.
const REFRESH_GRACE: Duration = Duration::from_secs(10);
/// Longest refresh token that is looked at, in bytes.
const TOKEN_MAX_BYTES: usize = 256;
/// What the code at the end of a token is made for.
const MARK: &str = "refresh token";
/// What the secret of a token's successor is made for.
const SUCCESSOR: &str = "next refresh token";

/// The token of a sign-in that holds this secret.
pub(super) fn token(keys: &Keys, session: SessionId, secret: &str) -> String {
    let text = format!("{session}.{secret}");
    let code = keys.code(MARK, &text);
    format!("{text}.{code}")
}

/// The secret of the token that follows the one shown. It's computed from that one, so that the same token always has the same
/// successor.
pub(super) fn next_secret(keys: &Keys, shown: &str) -> String {
    keys.code(SUCCESSOR, shown)
}

/// The sign-in that a token of ours came from, however old the token is.
pub(super) fn session_of(keys: &Keys, token: &str) -> Option<SessionId> {
    let (text, code) = token.rsplit_once('.').filter(|_| token.len() <= TOKEN_MAX_BYTES)?;
    let (session, _) = text.split_once('.')?;
    session.parse().ok().filter(|_| keys.is_code(code, MARK, text))
}

/// What it means that a client shows a refresh token.
pub(super) enum Use {
    /// It is the latest, and used up by this.
    First,
    /// It was used a moment ago, and its successor is the latest.
    Again,
    /// It is past its end.
    TooOld,
    /// It was used before: somebody has a copy.
    Stolen,
}

/// What it means that the token with the hash `shown`, whose successor has the hash `next`, is shown for a sign-in.
pub(super) fn use_of(client: &Client, shown: &str, next: &str, now: Timestamp) -> Use {
    if client.expires_at <= now {
        return Use::TooOld;
    }
    if client.token_hash == shown {
        return Use::First;
    }
    let was_latest = client.previous_hash.as_deref() == Some(shown) && client.token_hash == next;
    if was_latest && now.since(client.used_at) <= REFRESH_GRACE { Use::Again } else { Use::Stolen }
}
