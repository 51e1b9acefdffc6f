//! Looking into a request: its headers, and what the server registered for its handlers.

use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, web};

use crate::error::{Error, Result};

/// The text of a header; `None` when it is missing or not text.
pub(crate) fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The media type of a body, without its parameters; empty when the request does not say.
pub(crate) fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether a script of a page asks, rather than a browser for a page to show.
pub(crate) fn is_for_a_script(request: &HttpRequest) -> bool {
    header_text(request.headers(), "accept").is_some_and(|accept| accept.starts_with("application/json"))
}

/// Whether a browser asks for a page to show. A program that asks the API gets no page, whatever it accepts.
pub(crate) fn is_for_a_person(request: &HttpRequest) -> bool {
    let is_of_the_api = ["/api/", "/.well-known/"].iter().any(|prefix| request.path().starts_with(prefix));
    !is_of_the_api && header_text(request.headers(), "accept").is_some_and(|accept| accept.contains("text/html"))
}

/// Something that the server registered for its handlers.
///
/// # Errors
/// 500 `internal` when the server was built without it.
pub(crate) fn registered<T: 'static>(request: &HttpRequest) -> Result<web::Data<T>> {
    let found = request.app_data::<web::Data<T>>().cloned();
    found.ok_or_else(|| Error::internal("serve a request", format!("no {} is registered", std::any::type_name::<T>())))
}
