//! The one conversion from our errors to what a caller reads: `application/problem+json` (RFC 9457), or a page.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::counted;
use crate::error::{Error, Field, Kind, Refusal};
use crate::rate_limits::whole_seconds;

/// The media type of a problem (RFC 9457).
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was refused, or that it failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where this kind of problem is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// What was wrong this time and what to do.
    pub detail: String,
    /// Stable; what a program looks at.
    pub code: String,
    /// What the log calls this request.
    pub request_id: String,
    /// The places in the request that are wrong.
    pub errors: Vec<Field>,
    /// For a conflict, what is stored instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<serde_json::Value>,
}

impl Problem {
    /// What a caller may know of a refusal.
    pub(crate) fn of(refusal: Refusal, request_id: &str) -> Self {
        let status = status(refusal.kind);
        Self {
            kind: format!("/problems#{}", refusal.code),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: refusal.detail,
            code: refusal.code.to_owned(),
            request_id: request_id.to_owned(),
            errors: refusal.fields,
            stored: refusal.stored,
        }
    }

    /// What a caller may know of a fault of ours.
    pub(crate) fn internal(request_id: &str) -> Self {
        Self {
            kind: "/problems#internal".into(),
            title: "Internal Server Error".into(),
            status: 500,
            detail: format!("something failed on our side; it is logged as {request_id}"),
            code: "internal".into(),
            request_id: request_id.to_owned(),
            errors: Vec::new(),
            stored: None,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        response.content_type(MEDIA_TYPE).body(serde_json::to_string(&self).unwrap_or_default())
    }
}

/// The refusal that an error is; `None` for a fault of ours.
pub(crate) fn refusal_of(error: &actix_web::Error) -> Option<Refusal> {
    match error.as_error::<Error>() {
        Some(Error::Refused(refusal)) => Some(refusal.as_ref().clone()),
        Some(_) => None,
        None => foreign(error),
    }
}

/// Tells with an answer what a refusal says outside of its body: when to try again, and the limit that is used up.
pub(crate) fn add_headers(response: &mut HttpResponse, refusal: &Refusal) {
    if let Some(wait) = refusal.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait).max(1)));
    }
    if let Some(limit) = refusal.limit {
        counted::note_used_up(response, limit);
    }
}

/// What the web framework itself refuses: no such URL, a path that does not parse, a broken body.
fn foreign(error: &actix_web::Error) -> Option<Refusal> {
    let response = error.as_response_error();
    let (kind, code) = match response.status_code() {
        StatusCode::NOT_FOUND => (Kind::NotFound, "not_found"),
        StatusCode::METHOD_NOT_ALLOWED => (Kind::MethodNotAllowed, "method_not_allowed"),
        StatusCode::PAYLOAD_TOO_LARGE => (Kind::TooLarge, "too_large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (Kind::UnsupportedMediaType, "unsupported_media_type"),
        status if status.is_client_error() => (Kind::Malformed, "malformed"),
        _ => return None,
    };
    Some(Refusal::new(kind, code, response.to_string()))
}

/// The status of a refusal.
pub(crate) const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Timeout => StatusCode::REQUEST_TIMEOUT,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The status alone; `observe` writes the body, since only it knows the request.
impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => status(refusal.kind),
            Self::Database(_) | Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
