//! Bodies of requests: forms, JSON, and whole bodies within a limit. Each refuses what doesn't fit, with a pointer to it.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::aside::by_size;
use super::csrf::{self, Origin};
use super::identity::{LocalFuture, is_known_browser, session_of, unauthenticated};
use super::request::content_type;
use super::unsent::Unsent;
use crate::error::{Error, Kind, Refusal, Result};

/// Largest JSON body, in bytes.
pub(crate) const JSON_MAX_BYTES: usize = 256 * 1024;
/// Largest form of a few short fields, in bytes.
pub(crate) const SMALL_FORM_MAX_BYTES: usize = 16 * 1024;
/// Largest form with an answer, in bytes: 20,000 characters take 240,000 bytes where each of them is escaped four times.
pub(crate) const ANSWER_FORM_MAX_BYTES: usize = 256 * 1024;
/// Largest submission to the API, in bytes; what an archive may unpack to is the grader's to say.
pub(crate) const SUBMISSION_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Largest form with a whole submission, in bytes.
pub(crate) const SUBMISSION_FORM_MAX_BYTES: usize = 2 * 1024 * 1024;

/// Largest form that is read from a browser in which nobody has signed in, in bytes: with an answer to a practice question.
const STRANGER_MAX_BYTES: usize = ANSWER_FORM_MAX_BYTES;

/// Most fields of a form. The largest, that of a submission, has two for each of 64 files and some choices.
const FIELDS_MAX: usize = 1000;

/// How long any body may take.
const BODY_GRACE: Duration = Duration::from_secs(10);
/// How many bytes have to come in each second after that, on the average.
const BODY_BYTES_PER_SECOND: usize = 8 * 1024;

/// A form of a few short fields.
pub(crate) type SmallForm<T> = Form<T, SMALL_FORM_MAX_BYTES>;

/// A page's form of at most `MAX_BYTES`, checked to come from a page of ours.
#[derive(Debug)]
pub(crate) struct Form<T, const MAX_BYTES: usize = ANSWER_FORM_MAX_BYTES>(pub(crate) T);

impl<T: DeserializeOwned + Send + 'static, const MAX_BYTES: usize> FromRequest for Form<T, MAX_BYTES> {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            csrf::check_same_origin(&request)?;
            check_content_type(request.headers(), "application/x-www-form-urlencoded")?;
            let session = session_of(&request).await?;
            let is_known = session.is_some() || is_known_browser(&request)?;
            let body = whole(payload, if is_known { MAX_BYTES } else { MAX_BYTES.min(STRANGER_MAX_BYTES) }).await?;
            check_field_count(&body)?;
            let (token, fields) = take_token(&body);
            let fields = web::Bytes::from(fields);
            let checked = match &session {
                Some(open) => open.csrf.check(&token),
                None if token.is_empty() => Ok(()),
                // The page was made for somebody whose session is over: what they typed isn't a stranger's.
                None => Err(unauthenticated().into()),
            };
            if is_known && (session.is_none() || checked.is_err()) {
                Unsent::keep(&request, &fields, &token, session.as_ref());
            }
            checked?;
            parse_form(fields).await.map(Self)
        })
    }
}

/// A small form of a page that opens or closes a session: to register, to sign in, to sign out. The session may have begun or
/// ended in another tab since the page was opened, so its token may be another person's, or missing. A browser that says itself
/// that the form comes from a page of ours is believed; from any other, the form needs the token of the person who is signed in,
/// if somebody is.
#[derive(Debug)]
pub(crate) struct SessionForm<T>(pub(crate) T);

impl<T: DeserializeOwned + Send + 'static> FromRequest for SessionForm<T> {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            csrf::check_same_origin(&request)?;
            if Origin::of(&request) != Origin::Ours && session_of(&request).await?.is_some() {
                let form = Form::<T, SMALL_FORM_MAX_BYTES>::from_request(&request, &mut payload).await;
                return form.map(|form| Self(form.0));
            }
            check_content_type(request.headers(), "application/x-www-form-urlencoded")?;
            let body = whole(payload, SMALL_FORM_MAX_BYTES).await?;
            check_field_count(&body)?;
            let (_, fields) = take_token(&body);
            parse_form(fields.into()).await.map(Self)
        })
    }
}

/// Each field costs far more memory than the byte that separates it from the next.
fn check_field_count(body: &[u8]) -> Result<()> {
    if body.iter().filter(|byte| **byte == b'&').count() < FIELDS_MAX {
        return Ok(());
    }
    let detail = format!("the form has more than {FIELDS_MAX} fields, the most that are taken here");
    Err(Refusal::new(Kind::TooLarge, "too_large", detail).into())
}

/// Separates the token of the page from the form's own fields, which stay as they were sent. A token has no character that a
/// browser escapes.
fn take_token(body: &[u8]) -> (String, Vec<u8>) {
    let mut token = None;
    let mut fields = Vec::with_capacity(body.len());
    for field in body.split(|byte| *byte == b'&') {
        match field.strip_prefix(csrf::FIELD.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")) {
            Some(value) => token = token.or_else(|| Some(String::from_utf8_lossy(value).into_owned())),
            None => {
                if !fields.is_empty() {
                    fields.push(b'&');
                }
                fields.extend_from_slice(field);
            }
        }
    }
    (token.unwrap_or_default(), fields)
}

async fn parse_form<T: DeserializeOwned + Send + 'static>(fields: web::Bytes) -> Result<T> {
    let bytes = fields.len();
    let parse = move || serde_html_form::from_bytes(&fields).map_err(|error| error.to_string());
    by_size(bytes, parse).await?.map_err(|detail| Refusal::invalid_field("", detail).into())
}

/// A JSON body whose every field is known.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_content_type(request.headers(), "application/json")?;
            parse_json(&whole(payload, JSON_MAX_BYTES).await?).map(Self)
        })
    }
}

/// Reads JSON into a type, with a pointer to what does not fit.
///
/// # Errors
/// 400 `malformed` for what isn't JSON, 422 `invalid` for what has another shape.
pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // Serde would take a list for an object whose fields are in order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Refusal::invalid_field("", "a JSON object is wanted, not a list").into());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        if inner.is_data() { Refusal::invalid_field(pointer, inner.to_string()) } else { malformed(inner) }
    })?;
    json.end().map_err(malformed)?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut pointer, segment| {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        pointer
    })
}

fn malformed(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(Kind::Malformed, "malformed", format!("the body can't be read: {error}"))
}

/// The bytes of an archive, as the document describes them.
pub(crate) struct Archive;

impl PartialSchema for Archive {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new().schema_type(Type::String);
        bytes.format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))).build().into()
    }
}

impl ToSchema for Archive {}

/// Refuses a body of another type.
///
/// # Errors
/// 415 `unsupported_media_type` when the request names another type, or none.
pub(crate) fn check_content_type(headers: &HeaderMap, wanted: &str) -> Result<()> {
    let found = content_type(headers);
    if found.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let detail = format!("the Content-Type is {found:?}, but {wanted} is wanted here");
    Err(Refusal::new(Kind::UnsupportedMediaType, "unsupported_media_type", detail).into())
}

/// A whole body, of at most `limit` bytes.
///
/// # Errors
/// 413 `too_large` past the limit, 408 `too_slow` when it takes too long, 400 `malformed` when the connection breaks.
pub(crate) async fn whole(mut payload: Payload, limit: usize) -> Result<web::BytesMut> {
    let began = Instant::now();
    let mut bytes = web::BytesMut::new();
    loop {
        let Ok(chunk) = timeout_at(began + time_for(bytes.len()), payload.next()).await else {
            return Err(too_slow().into());
        };
        let Some(chunk) = chunk else { return Ok(bytes) };
        let chunk = chunk.map_err(malformed)?;
        if bytes.len() + chunk.len() > limit {
            let detail = format!("the body is larger than {limit} bytes, the most that is taken here");
            return Err(Refusal::new(Kind::TooLarge, "too_large", detail).into());
        }
        bytes.extend_from_slice(&chunk);
    }
}

/// How long a body may take that has sent so many bytes.
fn time_for(bytes: usize) -> Duration {
    BODY_GRACE + Duration::from_secs(u64::try_from(bytes / BODY_BYTES_PER_SECOND).unwrap_or(u64::MAX))
}

fn too_slow() -> Refusal {
    Refusal::new(Kind::Timeout, "too_slow", "the body came too slowly: send it again, over a better connection")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_taken_out_and_the_rest_stays_as_it_was() {
        assert_eq!(take_token(b"a=1&_csrf=x&b=%26_csrf%3Dy"), ("x".into(), b"a=1&b=%26_csrf%3Dy".to_vec()));
        assert_eq!(take_token(b"_csrf=x"), ("x".into(), Vec::new()));
        assert_eq!(take_token(b"_csrf=x&a=1&_csrf=y"), ("x".into(), b"a=1".to_vec()));
        assert_eq!(take_token(b"_csrf2=x"), (String::new(), b"_csrf2=x".to_vec()));
    }

    #[test]
    fn a_large_body_has_more_time_than_a_small_one() {
        assert_eq!(time_for(0), Duration::from_secs(10));
        assert_eq!(time_for(ANSWER_FORM_MAX_BYTES), Duration::from_secs(42));
    }
}
