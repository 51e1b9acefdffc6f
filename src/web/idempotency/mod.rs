//! `Idempotency-Key` on every POST of the API (draft-ietf-httpapi-idempotency-key-header-07): the same key with the same
//! request gets the stored answer again, byte for byte; with another request it is refused.
//!
//! A key belongs to a person. Who asks is found out first: a stranger's key means nothing, and a session that is over gets no
//! stored answer. The key is claimed before the request is carried out, and the answer is stored with it after. Only a request
//! that was carried out (2xx) has an answer to store: a refusal or a failure has changed nothing, so it gives the key back, and
//! the same key can be tried again. What one person's keys may hold at a time is limited.

mod store;

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

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
/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// After which a claim without an answer is taken to be of a server that died.
const ABANDONED: Duration = Duration::from_secs(120);
/// The headers of an answer that are kept with it.
const HEADERS: [&str; 3] = ["content-type", "location", "cache-control"];

/// Whether an endpoint takes an `Idempotency-Key`: every POST, but those whose answers hold tokens, which must not be stored.
pub(super) fn covers(method: &Method, path: &str) -> bool {
    method == Method::POST && !path.starts_with("/api/v1/auth/")
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
    let claiming = claim.clone();
    let claimed = db.write(move |c| store::claim(c, &claiming, ROOM)).await.map_err(Error::from);
    let answer = match claimed {
        Ok(Claimed::Fresh) => {
            let response = next.call(ServiceRequest::from_parts(http, payload)).await?;
            return keep(&db, &claim, response).await;
        }
        Ok(Claimed::Answered(stored)) => replay(stored),
        Ok(Claimed::Full { until }) => Err(full(until.since(claim.now)).into()),
        Ok(Claimed::UnderWay) => Err(under_way().into()),
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
        abandoned_before: now - ABANDONED,
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

/// Stores the answer of a request that was carried out, and gives it on; any other gives the key back.
async fn keep(
    db: &Db,
    claim: &Claim,
    response: ServiceResponse<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (http, response) = response.map_into_boxed_body().into_parts();
    let kept = store_answer(db, claim, response).await;
    Ok(match kept {
        Ok(response) => ServiceResponse::new(http, response),
        Err(error) => ServiceResponse::from_err(error, http),
    })
}

async fn store_answer(db: &Db, claim: &Claim, response: HttpResponse) -> Result<HttpResponse> {
    let claim = claim.clone();
    if !response.status().is_success() {
        db.write(move |c| store::give_back(c, &claim)).await?;
        return Ok(response);
    }
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
    db.write(move |c| store::answer(c, &claim, &stored)).await?;
    Ok(head.set_body(BoxBody::new(body)))
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
    db.write(move |c| store::delete_before(c, now - KEPT)).await.map_err(Error::from)
}

fn full(wait: Duration) -> Refusal {
    let detail = "the answers to your requests with an Idempotency-Key of the last day take up all the room that there is for \
                  them: send this one without a key, or wait";
    Refusal::new(Kind::TooMany, "rate_limited", detail).retry_after(wait)
}

fn under_way() -> Refusal {
    Refusal::conflict(
        "idempotency_under_way",
        "a request with this Idempotency-Key is being carried out: ask again soon",
    )
}

fn another_request() -> Refusal {
    let detail = "this Idempotency-Key was used for another request: take a new key for a new request";
    Refusal::new(Kind::Invalid, "idempotency_key_reused", detail)
}
