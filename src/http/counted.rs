//! The limits that a request was counted against, for the `RateLimit` headers of its answer
//! (draft-ietf-httpapi-ratelimit-headers-10).

use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

use crate::rate_limits::status::RateLimitStatus;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Each limit with what was left of it, in the order in which they were counted: by address, then by caller.
#[derive(Default)]
struct Counted(Vec<RateLimitStatus>);

/// The limit for which a request was refused.
struct UsedUp(RateLimitStatus);

/// Notes that a request was counted against a limit, where there is one.
pub(crate) fn note(request: &HttpRequest, status: Option<RateLimitStatus>) {
    if let Some(status) = status {
        request.extensions_mut().get_or_insert_with(Counted::default).0.push(status);
    }
}

/// Notes the limit that an answer is a refusal for.
pub(super) fn note_used_up(response: &mut HttpResponse, status: RateLimitStatus) {
    response.extensions_mut().insert(UsedUp(status));
}

/// The headers that tell a caller of the limits that a request was counted against, and of the one that its answer is a refusal
/// for; none when nothing was counted.
pub(crate) fn headers(request: &HttpRequest, response: &HttpResponse) -> Vec<(HeaderName, String)> {
    let (counted, refused) = (request.extensions(), response.extensions());
    let counted = counted.get().map_or(&[][..], |Counted(limits)| limits.as_slice());
    let limits: Vec<_> = counted.iter().chain(refused.get().map(|UsedUp(limit)| limit)).collect();
    if limits.is_empty() {
        return Vec::new();
    }
    let list =
        |item: fn(&RateLimitStatus) -> String| limits.iter().map(|limit| item(limit)).collect::<Vec<_>>().join(", ");
    vec![(RATE_LIMIT_POLICY, list(RateLimitStatus::policy)), (RATE_LIMIT, list(RateLimitStatus::state))]
}
