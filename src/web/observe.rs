//! Around every request: an id, a span, the trace that the caller began (W3C Trace Context), metrics, security headers,
//! and the body of every error.

use std::borrow::Cow;
use std::time::Instant;

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use tracing::Instrument as _;

use super::in_flight::{Held, InFlight};
use crate::accounts::Accounts;
use crate::concurrency::ClientPlace;
use crate::error::{Error, Kind, Refusal};
use crate::http::address::Address;
use crate::http::cookies::Cookies;
use crate::http::counted;
use crate::http::error::{Problem, add_headers, refusal_of};
use crate::http::identity::{self, Caller};
use crate::http::page;
use crate::http::request::{header_text, is_for_a_person};
use crate::http::templates::Templates;
use crate::http::unsent::Unsent;
use crate::id::RequestId;
use crate::rate_limits::RateLimits;
use crate::telemetry;

/// No page loads anything from another host, runs a script or a style that is not a file of ours, or can be framed.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// The page of the API's documentation, which is not ours, writes styles into itself.
const DOCUMENTATION_POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const DOCUMENTATION: &str = "/api/docs/";
/// What no page of ours uses.
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
/// Browsers that came by HTTPS once come by nothing else for a year (RFC 6797).
const HSTS: &str = "max-age=31536000";
/// What an operator's machines ask for often and from one address. A flood from there must not make a good server look bad. Each
/// answers within a moment: `/healthz` does nothing, and all who ask `/readyz` share one look, which has a timeout.
const NEVER_LIMITED: [&str; 2] = ["/healthz", "/readyz"];

/// Addresses of links whose next part is a secret.
const LINKS: [&str; 2] = ["/join/", "/api/v1/member-invitations/"];

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(super) async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = RequestId::new();
    let began = Instant::now();
    request.extensions_mut().insert(id);
    let span = tracing::info_span!("request", method = %request.method(), path = %loggable(request.path()), %id,
        status = tracing::field::Empty);
    // Where GET is answered so is HEAD (RFC 9110, section 9.3.2); the connection leaves the body out.
    let is_head = request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
    }
    telemetry::link_trace(&span, header_text(request.headers(), "traceparent"));
    // The request itself must not be kept here: the router wants to be its only owner.
    let (place, response) = match within_limits(&request) {
        Ok(place) => (place, next.call(request).instrument(span.clone()).await?.map_into_boxed_body()),
        Err(error) => (None, request.error_response(error)),
    };
    let response = match explained(&response, id).instrument(span.clone()).await {
        Some(explained) => response.into_response(explained),
        None => response,
    };
    span.record("status", response.status().as_u16());
    record(&response, began);
    let response = with_headers(response, id);
    // The connection would wait for the end of a stream that it does not send.
    let endless = is_head && matches!(response.response().body().size(), BodySize::Stream);
    Ok(response.map_body(|_, body| match place {
        _ if endless => BoxBody::new(body::None::new()),
        Some(place) => BoxBody::new(Held::by(place, body)),
        None => body,
    }))
}

/// A path as it may stand in a log: what follows these words opens something to whoever has it.
fn loggable(path: &str) -> Cow<'_, str> {
    let secret = LINKS.iter().find_map(|link| path.strip_prefix(link).map(|rest| (link, rest)));
    match secret {
        Some((link, rest)) => {
            let after = rest.find('/').and_then(|end| rest.get(end..)).unwrap_or_default();
            Cow::Owned(format!("{link}…{after}"))
        }
        None => Cow::Borrowed(path),
    }
}

/// Counts a request of its address, and gives it a place among those that are under way.
fn within_limits(request: &ServiceRequest) -> crate::error::Result<Option<ClientPlace>> {
    if NEVER_LIMITED.contains(&request.path()) {
        return Ok(None);
    }
    let address = Address::of(request.request()).0;
    let Some(limits) = request.app_data::<web::Data<RateLimits>>() else { return Ok(None) };
    counted::note(request.request(), limits.address(address)?);
    request.app_data::<web::Data<InFlight>>().map(|in_flight| in_flight.admit(address)).transpose()
}

/// The answer that says what is wrong, in place of one that has only a status.
async fn explained(response: &ServiceResponse<BoxBody>, id: RequestId) -> Option<HttpResponse> {
    match response.response().error() {
        Some(error) => Some(explain(response.request(), error, id).await),
        None => explain_method(response, id).await,
    }
}

/// The body of an error: a problem for a client, a page for a person, a way to sign in for one who has to.
async fn explain(request: &HttpRequest, error: &actix_web::Error, id: RequestId) -> HttpResponse {
    let gone = caller_is_gone(request, error).await.map(actix_web::Error::from);
    let error = gone.as_ref().unwrap_or(error);
    let Some(refusal) = refusal_of(error) else {
        tracing::error!(%error, "request failed");
        return body_of(request, Problem::internal(id.as_str())).await;
    };
    // The detail may quote what was sent, such as a password in the wrong place.
    tracing::debug!(code = refusal.code, "request refused");
    let mut response = body_of(request, Problem::of(refusal.clone(), id.as_str())).await;
    add_headers(&mut response, &refusal);
    response
}

async fn body_of(request: &HttpRequest, problem: Problem) -> HttpResponse {
    let templates = request.app_data::<web::Data<Templates>>().filter(|_| is_for_a_person(request));
    let Some(templates) = templates else { return problem.into_response() };
    if problem.status() == StatusCode::UNAUTHORIZED && request.method() == Method::GET {
        return page::to_sign_in(request.uri());
    }
    // What was typed into a form must not be lost because the session ended meanwhile.
    if matches!(problem.code.as_str(), "unauthenticated" | "csrf")
        && let Some(unsent) = Unsent::of(request)
        && let Ok(Some(page)) = unsent.page(request, templates.clone(), problem.status()).await
    {
        return page;
    }
    page::error(templates.clone(), request.method(), problem)
}

/// The refusal for a caller whose account was erased while their access token was still good: what was to be kept for them
/// belongs to nobody. Any other broken reference is a fault of ours.
async fn caller_is_gone(request: &HttpRequest, error: &actix_web::Error) -> Option<Error> {
    let Some(Error::Database(failure)) = error.as_error() else { return None };
    if !failure.is_broken_reference() {
        return None;
    }
    let caller = identity::known(request)?;
    let accounts = request.app_data::<web::Data<Accounts>>()?;
    accounts.user(caller).await.err().filter(|error| matches!(error, Error::Refused(_)))
}

/// The router answers a wrong method by a status and what is allowed, with no error for [`explain`] to read.
async fn explain_method(response: &ServiceResponse<BoxBody>, id: RequestId) -> Option<HttpResponse> {
    let allow =
        response.headers().get(header::ALLOW).filter(|_| response.status() == StatusCode::METHOD_NOT_ALLOWED)?;
    let detail = format!("this address takes {}", allow.to_str().unwrap_or("other methods"));
    let error: Error = Refusal::new(Kind::MethodNotAllowed, "method_not_allowed", detail).into();
    let mut explained = explain(response.request(), &error.into(), id).await;
    explained.headers_mut().insert(header::ALLOW, allow.clone());
    Some(explained)
}

fn record(response: &ServiceResponse<BoxBody>, began: Instant) {
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let status = response.status().as_str().to_owned();
    let seconds = began.elapsed().as_secs_f64();
    metrics::histogram!("quorate_http_request_seconds", "route" => route, "status" => status).record(seconds);
}

fn with_headers(mut response: ServiceResponse<BoxBody>, id: RequestId) -> ServiceResponse<BoxBody> {
    let request = response.request();
    let limits = counted::headers(request, response.response());
    let is_documentation = request.path().starts_with(DOCUMENTATION);
    let policy = if is_documentation { DOCUMENTATION_POLICY } else { CONTENT_SECURITY_POLICY };
    let by_https = request.app_data::<web::Data<Cookies>>().is_some_and(|cookies| cookies.are_secure());
    let of_somebody = request.extensions().contains::<Caller>();
    let headers = response.headers_mut();
    for (name, value) in limits.into_iter().chain([(X_REQUEST_ID, id.to_string())]) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    // A stream of events says `identity` to be left uncompressed; the header itself says nothing (RFC 9110, section 8.4).
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
    if by_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    if of_somebody && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if response.status() == StatusCode::REQUEST_TIMEOUT {
        // The rest of the body may still come, and would be taken for the next request.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::loggable;

    #[test]
    fn the_secret_of_a_link_stands_in_no_log() {
        assert_eq!(loggable("/join/abc"), "/join/…");
        assert_eq!(loggable("/api/v1/member-invitations/abc/accept"), "/api/v1/member-invitations/…/accept");
        for open in ["/", "/join", "/teams/acme/member-invitations/min_1/withdraw", "/api/v1/teams"] {
            assert_eq!(loggable(open), open);
        }
    }
}
