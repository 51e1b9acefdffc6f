//! Bodies of requests: forms, JSON, and whole bodies within a limit. Each refuses what doesn't fit, with a pointer to it.

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::csrf;
use super::identity::{LocalFuture, session_of};
use super::request::content_type;
use super::unsent::Unsent;
use crate::error::{Error, Kind, Refusal, Result};

/// Largest JSON body, in bytes.
pub(crate) const JSON_MAX_BYTES: usize = 256 * 1024;
/// Largest form, in bytes: it may hold a whole submission.
pub(crate) const FORM_MAX_BYTES: usize = 2 * 1024 * 1024;

/// A page's form, checked to come from a page of ours.
#[derive(Debug)]
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            csrf::check_same_origin(request.headers())?;
            check_content_type(request.headers(), "application/x-www-form-urlencoded")?;
            let body = whole(payload, FORM_MAX_BYTES).await?;
            let mut fields: Vec<(String, String)> = serde_html_form::from_bytes(&body).map_err(malformed)?;
            let token = fields.iter().find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value.clone());
            fields.retain(|(name, _)| name != csrf::FIELD);
            let session = session_of(&request).await?;
            let is_ours = session.as_ref().map(|open| csrf::check(&open.csrf, token.as_deref().unwrap_or_default()));
            if !matches!(is_ours, Some(Ok(()))) {
                Unsent::keep(&request, &fields, session.as_ref());
            }
            is_ours.transpose()?;
            let rest = serde_html_form::to_string(&fields).map_err(malformed)?;
            serde_html_form::from_str(&rest)
                .map(Self)
                .map_err(|error| Refusal::invalid_field("", error.to_string()).into())
        })
    }
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
/// 400 `malformed` for what is not JSON, 422 `invalid` for what has another shape.
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
/// 415 `unsupported_media_type`.
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
/// 413 `too_large` past the limit, 400 `malformed` when the connection breaks.
pub(crate) async fn whole(mut payload: Payload, limit: usize) -> Result<web::BytesMut> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(malformed)?;
        if bytes.len() + chunk.len() > limit {
            let detail = format!("the body is larger than {limit} bytes, the most that is taken here");
            return Err(Refusal::new(Kind::TooLarge, "too_large", detail).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
