//! Requests that change something must come from a page of ours (cross-site request forgery).
//!
//! A page carries a token that is derived from its session. Forms send it back in a field, scripts in a header. A form
//! without a session is held to the browser's own word for where it was (`Sec-Fetch-Site`, else `Origin`).

use actix_web::cookie::Cookie;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::request::header_text;
use crate::error::{Kind, Refusal, Result};

/// The form field that holds the token.
pub(crate) const FIELD: &str = "_csrf";
/// The header that holds it where there is no form.
pub(crate) const HEADER: &str = "x-csrf-token";

/// The token of a session. It is derived, so that it needs no storage, and it tells nothing about the session.
pub(crate) fn token_of(session: &Cookie<'_>) -> String {
    let digest = Sha256::new().chain_update(b"quorate csrf\0").chain_update(session.value().as_bytes()).finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

/// Refuses a request that doesn't show the session's token.
///
/// # Errors
/// 403 `csrf`.
pub(crate) fn check(expected: &str, shown: &str) -> Result<()> {
    if bool::from(expected.as_bytes().ct_eq(shown.as_bytes())) { Ok(()) } else { Err(refusal().into()) }
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
