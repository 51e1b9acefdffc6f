//! Tokens that say nothing of what they open: random bits, of which the service keeps a hash alone.
//!
//! A refresh token is one, and so is the link by which somebody joins a team. Whoever reads the database can't use any of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// Longest token that is looked at, in bytes.
pub(crate) const MAX_BYTES: usize = 256;

/// 256 random bits as text, and the hash of that text.
///
/// # Errors
/// 500 `internal` when the machine has no randomness.
pub(crate) fn new() -> Result<(String, String)> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal("make a token", error))?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&token);
    Ok((token, hash))
}

/// A token's place in the database. No salt is wanted: a token has all the randomness there is.
pub(crate) fn hash(token: &str) -> String {
    let token = if token.len() > MAX_BYTES { "" } else { token };
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
