//! `Idempotency-Key` on every POST of the API whose answer holds no token (draft-ietf-httpapi-idempotency-key-header-07): the same key with the same
//! request gets the stored answer again, byte for byte; with another request it is refused.
//!
//! A key belongs to a person. Who asks is found out first: a stranger's key means nothing, and a session that is over gets no
//! stored answer. The key is claimed before the request is carried out, and the answer is stored with it after. A request that
//! was carried out (2xx) has an answer to store. A refusal has changed nothing, so it gives the key back.
//!
//! What is promised is that a key carries out a request once at the most. A client that breaks the connection doesn't stop its
//! request, so that the answer is there when it asks again. But the effect and the answer are two transactions: when the server
//! dies between them, or the handler fails, nobody knows whether there was an effect. The key then stays claimed for the rest of
//! its day. Whoever sends it again is told so, and has to look.
//!
//! What one person's keys may hold at a time is limited.

mod store;
#[cfg(test)]
mod tests;

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::rt::spawn;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tracing::Instrument as _;

use self::store::{Claim, Claimed, Room, Stored};
use crate::clock::{Clock, Timestamp};
use crate::db::Db;
use crate::error::{Error, Kind, Refusal, Result};
use crate::http::body::{JSON_MAX_BYTES, SUBMISSION_MAX_BYTES, whole};
use crate::http::identity::Caller;
use crate::http::request::registered;
use crate::id::UserId;

/// Longest key, in bytes.
pub(super) const KEY_MAX_BYTES: usize = 255;
/// The endpoint that takes larger bodies than all others do.
const HAND_IN: &str = "/api/v1/exercises/{slug}/submissions";
/// What is kept for one person: so many keys, and so many bytes of answers, beyond which the last one may go.
const ROOM: Room = Room { keys: 1000, bytes: 8 * 1024 * 1024 };
/// Endpoints whose answers hold tokens, beside those to sign in.
const HOLD_TOKENS: [&str; 2] = ["/api/v1/me/tokens", "/api/v1/teams/{team}/member-invitations"];
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// After which a claim without an answer is taken to be of a server that died. Nothing that takes a key takes so long.
const LAPSE: Duration = Duration::from_secs(120);
/// The headers of an answer that are kept with it.
const HEADERS: [&str; 3] = ["content-type", "location", "cache-control"];

/// Whether an endpoint takes an `Idempotency-Key`: every POST, but those whose answers hold tokens, which must not be stored.
pub(super) fn covers(method: &Method, path: &str) -> bool {
    let holds_token = path.starts_with("/api/v1/auth/") || HOLD_TOKENS.contains(&path);
    method == Method::POST && !holds_token
}

/// Surrounds the endpoints that [`covers`] names.
pub(super) async fn idempotency(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let key = request.headers().get("idempotency-key").cloned();
    let (Some(key), &Method::POST) = (key, request.method()) else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let (http, payload) = request.into_parts();
    let caller = match Caller::of(&http).await {
        Ok(Some(caller)) => caller.id,
        // Whether a stranger may ask for this is the handler's to say.
        Ok(None) => {
            let request = ServiceRequest::from_parts(http, payload);
            return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
        }
        Err(error) => return Ok(ServiceResponse::from_err(error, http)),
    };
    let (db, claim, payload) = match prepare(&http, caller, &key, payload).await {
        Ok(prepared) => prepared,
        Err(error) => return Ok(ServiceResponse::from_err(error, http)),
    };
    // This future is dropped when the connection is; a task of its own is not.
    let task = spawn(once(db, claim, http, payload, next).in_current_span());
    task.await.map_err(|error| Error::internal("carry out a request with an Idempotency-Key", error))?
}

/// Carries the request out if its key is new, else says what became of the first one.
async fn once(
    db: web::Data<Db>,
    claim: Claim,
    http: HttpRequest,
    payload: Payload,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let claiming = claim.clone();
    let claimed = db.write(move |c| store::claim(c, &claiming, ROOM)).await.map_err(Error::from);
    let answer = match claimed {
        Ok(Claimed::Fresh) => {
            let response = next.call(ServiceRequest::from_parts(http, payload)).await?;
            return keep(&db, claim, response.map_into_boxed_body()).await;
        }
        Ok(Claimed::Answered(stored)) => replay(stored),
        Ok(Claimed::Full { until }) => Err(full(until.since(claim.now)).into()),
        Ok(Claimed::UnderWay) => Err(under_way().into()),
        Ok(Claimed::Unknown) => Err(unknown().into()),
        Ok(Claimed::AnotherRequest) => Err(another_request().into()),
        Err(error) => Err(error),
    };
    Ok(match answer {
        Ok(response) => ServiceResponse::new(http, response),
        Err(error) => ServiceResponse::from_err(error, http),
    })
}

async fn prepare(
    http: &HttpRequest,
    caller: UserId,
    key: &HeaderValue,
    payload: Payload,
) -> Result<(web::Data<Db>, Claim, Payload)> {
    let key = key.to_str().ok().filter(|key| (1..=KEY_MAX_BYTES).contains(&key.len())).ok_or_else(|| {
        Refusal::new(Kind::Malformed, "malformed", "an Idempotency-Key has 1 to 255 printable ASCII characters")
    })?;
    let limit = if http.match_pattern().as_deref() == Some(HAND_IN) { SUBMISSION_MAX_BYTES } else { JSON_MAX_BYTES };
    let bytes = whole(payload, limit).await?.freeze();
    let now = registered::<Clock>(http)?.now();
    let claim = Claim {
        caller,
        key: key.to_owned(),
        fingerprint: fingerprint(http, &bytes),
        now,
        kept_for: KEPT,
        lapsed_before: now - LAPSE,
    };
    Ok((registered(http)?, claim, Payload::from(bytes)))
}

fn fingerprint(http: &HttpRequest, bytes: &[u8]) -> String {
    let content_type = http.headers().get("content-type").map_or(&b""[..], HeaderValue::as_bytes);
    digest(&[http.uri().to_string().as_bytes(), content_type, bytes])
}

fn digest(parts: &[&[u8]]) -> String {
    let digest = parts
        .iter()
        .fold(Sha256::new(), |digest, part| digest.chain_update(part.len().to_le_bytes()).chain_update(part));
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// Notes with the key what became of its request, and gives the answer on. When that can't be noted, the answer is right all
/// the same, and the key stays claimed.
async fn keep(
    db: &Db,
    claim: Claim,
    response: ServiceResponse<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (response, noted) = if response.status().is_success() {
        let (response, stored) = read(response).await?;
        (response, db.write(move |c| store::answer(c, &claim, &stored)).await)
    } else if is_refusal(response.status()) {
        (response, db.write(move |c| store::give_back(c, &claim)).await)
    } else {
        (response, db.write(move |c| store::fail(c, &claim)).await)
    };
    if let Err(error) = noted {
        tracing::error!(%error, status = response.status().as_u16(), "an Idempotency-Key's outcome could not be stored");
    }
    Ok(response)
}

/// Whether a request was refused, which changes nothing. A failure may come after the change.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE
}

/// An answer with what is stored of it.
async fn read(response: ServiceResponse<BoxBody>) -> Result<(ServiceResponse<BoxBody>, Stored), actix_web::Error> {
    let (http, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await.map_err(|error| Error::internal("read an answer", error.to_string()))?;
    let headers = HEADERS.iter().filter_map(|name| {
        let value = head.headers().get(*name)?.to_str().ok()?;
        Some((*name, value))
    });
    let stored = Stored {
        status: i32::from(head.status().as_u16()),
        headers: serde_json::to_string(&headers.collect::<Vec<_>>()).unwrap_or_default(),
        body: body.to_vec(),
    };
    Ok((ServiceResponse::new(http, head.set_body(BoxBody::new(body))), stored))
}

fn replay(stored: Stored) -> Result<HttpResponse> {
    let status = u16::try_from(stored.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::OK));
    let headers: Vec<(String, String)> =
        serde_json::from_str(&stored.headers).map_err(|error| Error::internal("read a stored answer", error))?;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.insert_header((name, value));
        }
    }
    Ok(response.body(stored.body))
}

/// Removes the keys whose answers are no longer kept, and says how many there were.
///
/// # Errors
/// 500 `internal` when the database fails.
pub async fn remove_old_keys(db: &Db, now: Timestamp) -> Result<usize> {
    db.write(move |c| store::delete_until(c, now - KEPT)).await.map_err(Error::from)
}

fn full(wait: Duration) -> Refusal {
    let detail = format!(
        "your Idempotency-Keys of the last day take up all the room that there is for them ({} keys, or {} MiB of answers): \
         send this request without a key, or wait",
        ROOM.keys,
        ROOM.bytes / (1024 * 1024)
    );
    Refusal::new(Kind::TooMany, "too_many_idempotency_keys", detail).retry_after(wait)
}

fn under_way() -> Refusal {
    Refusal::conflict(
        "idempotency_under_way",
        "a request with this Idempotency-Key is being carried out: ask again soon",
    )
}

fn unknown() -> Refusal {
    Refusal::conflict(
        "idempotency_outcome_unknown",
        "the request with this Idempotency-Key failed or was cut off, and may have been carried out: look whether it was, and if \
         not, send it again with a new key",
    )
}

fn another_request() -> Refusal {
    let detail = "this Idempotency-Key was used for another request: take a new key for a new request";
    Refusal::new(Kind::Invalid, "idempotency_key_reused", detail)
}
