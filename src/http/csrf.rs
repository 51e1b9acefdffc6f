//! Requests that change something must come from a page of ours (cross-site request forgery).
//!
//! A page carries a token that is derived from its session. Forms send it back in a field, scripts in a header. A form
//! without a session is held to the browser's own word for where it was (`Sec-Fetch-Site`, else `Origin`).
//!
//! A page is compressed and shows what its reader typed. A secret that stood in it unchanged could be guessed byte by byte from
//! the length of the answers (the BREACH attack). So each answer shows the token under another mask.

use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::request::header_text;
use crate::error::{Error, Kind, Refusal, Result};

/// The form field that holds the token.
pub(crate) const FIELD: &str = "_csrf";
/// The header that holds it where there is no form.
pub(crate) const HEADER: &str = "x-csrf-token";

/// Bytes of a token without its mask.
const BYTES: usize = 32;

/// What the forms of a session must show. It's derived from the session's cookie, so it needs no storage, and it tells nothing
/// about the cookie.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret([u8; BYTES]);

impl Secret {
    /// The secret of the session that a cookie names.
    pub(crate) fn of(session: &Cookie<'_>) -> Self {
        let digest = Sha256::new().chain_update(b"quorate csrf\0").chain_update(session.value().as_bytes()).finalize();
        Self(digest.into())
    }

    /// A token for one answer: a random mask, and the secret under it.
    ///
    /// # Errors
    /// Ours, when the machine has no randomness.
    pub(crate) fn token(&self) -> Result<String> {
        let mut mask = [0; BYTES];
        getrandom::fill(&mut mask).map_err(|error| Error::internal("make a token", error))?;
        let masked = under(&self.0, &mask);
        Ok(URL_SAFE_NO_PAD.encode([mask, masked].concat()))
    }

    /// Refuses a request that doesn't show a token of this session.
    ///
    /// # Errors
    /// 403 `csrf`.
    pub(crate) fn check(&self, shown: &str) -> Result<()> {
        let unmasked = unmasked(shown);
        if unmasked.is_some_and(|secret| bool::from(secret.ct_eq(&self.0))) { Ok(()) } else { Err(refusal().into()) }
    }
}

fn unmasked(token: &str) -> Option<[u8; BYTES]> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (mask, masked) = bytes.split_at_checked(BYTES)?;
    Some(under(masked.try_into().ok()?, mask.try_into().ok()?))
}

/// Puts a mask over bytes, or takes it off.
fn under(bytes: &[u8; BYTES], mask: &[u8; BYTES]) -> [u8; BYTES] {
    let mut masked = *bytes;
    for (byte, mask) in masked.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    masked
}

/// Refuses a form that a browser sent from another site, whether or not somebody is signed in.
///
/// # Errors
/// 403 `csrf`.
pub(crate) fn check_same_origin(headers: &HeaderMap) -> Result<()> {
    let elsewhere = match (header_text(headers, "sec-fetch-site"), header_text(headers, "origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = header_text(headers, "host").unwrap_or_default();
            origin.split_once("://").is_none_or(|(_, of)| of != host)
        }
        (None, None) => false,
    };
    if elsewhere { Err(refusal().into()) } else { Ok(()) }
}

/// Whether a method changes nothing (RFC 9110, section 9.2.1).
pub(crate) const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn refusal() -> Refusal {
    Refusal::new(
        Kind::Forbidden,
        "csrf",
        "this did not come from a page of ours, or the page is older than your session: reload it and try again",
    )
}
