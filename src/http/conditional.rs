//! Conditional requests (RFC 9110, section 13): what has not changed is not sent again, and what somebody else has changed meanwhile
//! isn't overwritten ([`IfMatch`]).
//!
//! The tag of what is read is a hash of the body, so it changes exactly when the body does, whatever it is made of. It is a weak one, since the
//! same body may be sent compressed or not.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::request::header_text;
use crate::error::{Error, Result};
use crate::revision::{self, Seen};

/// JSON that does not change often: with a tag, and not sent to whoever has it.
///
/// # Errors
/// 500 `internal` when it can't be written as JSON.
pub(crate) fn json(request: &HttpRequest, value: &impl Serialize) -> Result<HttpResponse> {
    let body = serde_json::to_vec(value).map_err(|error| Error::internal("write an answer", error))?;
    let tag = tag(&body);
    Ok(tagged(request, &tag, body))
}

/// The tag of a body.
#[must_use]
pub(crate) fn tag(body: &[u8]) -> String {
    tag_of_hash(&Sha256::digest(body))
}

/// The tag of a body with this hash.
#[must_use]
pub(crate) fn tag_of_hash(hash: &[u8]) -> String {
    let short: Vec<u8> = hash.iter().copied().take(12).collect();
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(short))
}

/// JSON with a known tag, or a 304 for a caller that has it already.
pub(crate) fn tagged(request: &HttpRequest, tag: &str, body: impl Into<Vec<u8>>) -> HttpResponse {
    respond(request, tag, "no-cache", "application/json", || body.into())
}

/// A body with its tag, its `Cache-Control` and its media type, or a 304 for a caller that has it already.
pub(crate) fn respond(
    request: &HttpRequest,
    tag: &str,
    caching: &'static str,
    media_type: &'static str,
    body: impl FnOnce() -> Vec<u8>,
) -> HttpResponse {
    let is_known = has(request, tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, caching));
    if is_known { response.finish() } else { response.content_type(media_type).body(body()) }
}

/// The tag of a revision of what several people may edit. It's a strong one: see [`IfMatch`].
pub(crate) fn revision_tag(revision: i64) -> String {
    format!("\"{revision}\"")
}

/// Which revision the caller has seen of what they change, by `If-Match` (RFC 9110, section 13.1.1). Without it nothing is changed
/// (RFC 6585, section 3), since nobody must overwrite what they don't know of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IfMatch(Option<Seen>);

impl IfMatch {
    /// What the caller says to have seen.
    ///
    /// # Errors
    /// 428 `if_match_missing` when they don't say. It isn't the extractor that refuses: who asks has to be known before.
    pub(crate) fn seen(self) -> Result<Seen> {
        Ok(self.0.ok_or_else(revision::missing)?)
    }

    /// What the caller says to have seen of a thing that may not be there yet.
    pub(crate) const fn seen_if_any(self) -> Option<Seen> {
        self.0
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(header_text(request.headers(), "if-match").map(seen))))
    }
}

fn seen(header: &str) -> Seen {
    let revision = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
    if header == "*" { Seen::Whatever } else { Seen::Revision(revision(header)) }
}

/// Whether the caller has the body of this tag, by the weak comparison.
fn has(request: &HttpRequest, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let shown = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    shown.flat_map(|value| value.split(',')).any(|shown| shown.trim() == "*" || opaque(shown) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_the_caller_has_is_not_sent_again() {
        let status = |shown: &str| {
            let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, shown)).to_http_request();
            tagged(&request, "W/\"abc\"", "{}").status()
        };
        for same in ["W/\"abc\"", "\"abc\"", "\"x\", W/\"abc\"", "*"] {
            assert_eq!(status(same), StatusCode::NOT_MODIFIED, "{same}");
        }
        for other in ["", "abc", "\"ab\"", "W/\"abcd\""] {
            assert_eq!(status(other), StatusCode::OK, "{other}");
        }
    }
}
