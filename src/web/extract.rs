//! What a handler may ask for of a request. Each refuses what does not fit, with a pointer to it.

use std::future::{Future, Ready, ready};
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::accounts::User;
use crate::app::App;
use crate::error::{Error, Field, Kind, Refusal, Result};
use crate::id::UserId;

/// Largest JSON body, in bytes.
pub const JSON_MAX_BYTES: usize = 256 * 1024;
/// Largest form, in bytes: it may hold a whole submission.
pub const FORM_MAX_BYTES: usize = 2 * 1024 * 1024;
/// The cookie of a page session.
pub const SESSION_COOKIE: &str = "quorate_session";
/// The form field that holds the token against cross-site requests.
pub const CSRF_FIELD: &str = "_csrf";
/// The header that holds it where there is no form.
pub const CSRF_HEADER: &str = "x-csrf-token";

type LocalFuture<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

fn app(request: &HttpRequest) -> Result<web::Data<App>> {
    request
        .app_data::<web::Data<App>>()
        .cloned()
        .ok_or_else(|| Error::internal("find the app of a request", "it is not registered"))
}

fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Where a request comes from, for limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(pub IpAddr);

impl FromRequest for Address {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let unknown = IpAddr::from([0, 0, 0, 0]);
        ready(Ok(Self(request.peer_addr().map_or(unknown, |address| address.ip()))))
    }
}

/// Somebody who is signed in: by an access token, or by a page session. A request that changes something and comes with
/// a session's cookie must show that it comes from a page of ours.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub id: UserId,
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { identify(&request).await?.ok_or_else(|| unauthenticated().into()) })
    }
}

/// Somebody who may be signed in.
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Option<Caller>);

impl FromRequest for MaybeCaller {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { identify(&request).await.map(Self) })
    }
}

fn unauthenticated() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "unauthenticated", "sign in first: this needs an access token or a session")
}

async fn identify(request: &HttpRequest) -> Result<Option<Caller>> {
    let app = app(request)?;
    if let Some(value) = header_text(request.headers(), "authorization") {
        let token = value.strip_prefix("Bearer ").ok_or_else(unauthenticated)?;
        let id = app.accounts.bearer(token).ok_or_else(|| {
            Refusal::new(
                Kind::Unauthenticated,
                "invalid_token",
                "this access token is not ours, or too old: refresh it",
            )
        })?;
        count(request, &app, id)?;
        return Ok(Some(Caller { id }));
    }
    let Some(session) = session_of(request).await? else { return Ok(None) };
    count(request, &app, session.user.id)?;
    if !is_safe(request.method()) {
        let token = header_text(request.headers(), CSRF_HEADER).unwrap_or_default();
        check_csrf(&session.csrf, token)?;
    }
    Ok(Some(Caller { id: session.user.id }))
}

/// What is left to the caller is told with the answer.
fn count(request: &HttpRequest, app: &App, id: UserId) -> Result<()> {
    if let Some(standing) = app.limits.caller(id)? {
        request.extensions_mut().insert(standing);
    }
    Ok(())
}

const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A page session that is open.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose.
    pub user: User,
    /// What forms and scripts of our pages send back.
    pub csrf: String,
}

async fn session_of(request: &HttpRequest) -> Result<Option<Session>> {
    let Some(cookie) = request.cookie(SESSION_COOKIE) else { return Ok(None) };
    let user = app(request)?.accounts.session_user(cookie.value()).await?;
    Ok(user.map(|user| Session { user, csrf: csrf_of(&cookie) }))
}

/// Derived from the session, so that it needs no place of its own and tells nothing of the session.
fn csrf_of(cookie: &Cookie<'_>) -> String {
    let digest = Sha256::new().chain_update(b"quorate csrf\0").chain_update(cookie.value().as_bytes()).finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

fn check_csrf(expected: &str, shown: &str) -> Result<()> {
    if bool::from(expected.as_bytes().ct_eq(shown.as_bytes())) {
        return Ok(());
    }
    Err(Refusal::new(
        Kind::Forbidden,
        "csrf",
        "this did not come from a page of ours, or the page is older than your session: reload it and try again",
    )
    .into())
}

/// Whoever looks at a page, signed in or not.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The open session, if there is one.
    pub session: Option<Session>,
    /// The path and query that were asked for.
    pub path: String,
}

impl Visitor {
    /// The signed-in person.
    ///
    /// # Errors
    /// When nobody is signed in; the visitor is shown the way to sign in.
    pub fn user(&self) -> Result<&User> {
        match &self.session {
            Some(session) => Ok(&session.user),
            None => Err(unauthenticated().into()),
        }
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
            Ok(Self { session: session_of(&request).await?, path })
        })
    }
}

/// A page's form, checked to come from a page of ours.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_same_origin(request.headers())?;
            check_content_type(request.headers(), "application/x-www-form-urlencoded")?;
            let body = body(payload, FORM_MAX_BYTES).await?;
            let mut fields: Vec<(String, String)> = serde_html_form::from_bytes(&body).map_err(malformed)?;
            let token = fields.iter().find(|(name, _)| name == CSRF_FIELD).map(|(_, value)| value.clone());
            fields.retain(|(name, _)| name != CSRF_FIELD);
            if let Some(session) = session_of(&request).await? {
                check_csrf(&session.csrf, token.as_deref().unwrap_or_default())?;
            }
            let rest = serde_html_form::to_string(&fields).map_err(malformed)?;
            serde_html_form::from_str(&rest)
                .map(Self)
                .map_err(|error| Refusal::invalid_field("", error.to_string()).into())
        })
    }
}

/// Browsers say where a form was; one from elsewhere is refused, signed in or not.
fn check_same_origin(headers: &HeaderMap) -> Result<()> {
    let elsewhere = match (header_text(headers, "sec-fetch-site"), header_text(headers, "origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = header_text(headers, "host").unwrap_or_default();
            origin.split_once("://").is_none_or(|(_, of)| of != host)
        }
        (None, None) => false,
    };
    if elsewhere { check_csrf("a", "b") } else { Ok(()) }
}

/// A JSON body whose every field is known.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_content_type(request.headers(), "application/json")?;
            parse_json(&body(payload, JSON_MAX_BYTES).await?).map(Self)
        })
    }
}

/// Reads JSON into a type, with a pointer to what does not fit.
///
/// # Errors
/// 400 for what is not JSON, 422 for what has another shape.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
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

/// Refuses a body of another type.
///
/// # Errors
/// 415.
pub fn check_content_type(headers: &HeaderMap, wanted: &str) -> Result<()> {
    let found = content_type(headers);
    if found.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let detail = format!("the Content-Type is {found:?}, but {wanted} is wanted here");
    Err(Refusal::new(Kind::UnsupportedMediaType, "unsupported_media_type", detail).into())
}

/// The type of a body, without parameters.
#[must_use]
pub fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// A whole body, of at most `limit` bytes.
///
/// # Errors
/// 413 past the limit, 400 when the connection breaks.
pub async fn body(mut payload: Payload, limit: usize) -> Result<web::BytesMut> {
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

/// Query parameters, all of them known.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = serde_html_form::Deserializer::from_bytes(request.query_string().as_bytes());
        ready(serde_path_to_error::deserialize(query).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let name = if path == "." { "?".to_owned() } else { format!("?{path}") };
            let field = Field { pointer: name, detail: error.into_inner().to_string() };
            Refusal::invalid(vec![field]).into()
        }))
    }
}

/// Parts of the path. One that does not parse names nothing.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = web::Path::<T>::from_request(request, payload).into_inner();
        ready(
            parsed.map(|path| Self(path.into_inner())).map_err(|_| Refusal::not_found("thing at this address").into()),
        )
    }
}
