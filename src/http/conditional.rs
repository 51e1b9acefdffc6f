//! Conditional GET (RFC 9110, section 13): what has not changed is not sent again.
//!
//! The tag is a hash of the body, so it changes exactly when the body does, whatever it is made of. It is a weak one, since the
//! same body may be sent compressed or not.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

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
    let digest = Sha256::digest(body);
    let short: Vec<u8> = digest.iter().copied().take(12).collect();
    format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(short))
}

/// JSON whose tag is known, or 304 for whoever has it.
pub(crate) fn tagged(request: &HttpRequest, tag: &str, body: impl Into<Vec<u8>>) -> HttpResponse {
    let mut response = if has(request, tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    if has(request, tag) { response.finish() } else { response.content_type("application/json").body(body.into()) }
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
