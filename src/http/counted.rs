//! The limits that a request was counted against, for the `RateLimit` headers of its answer
//! (draft-ietf-httpapi-ratelimit-headers-10).

use actix_web::HttpMessage;
use actix_web::http::header::HeaderName;

use crate::rate_limits::RateLimitStatus;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Each limit with what was left of it, in the order in which they were counted: by address, then by caller.
#[derive(Default)]
struct Counted(Vec<RateLimitStatus>);

/// Notes that a request was counted against a limit, where there is one.
pub(crate) fn note(request: &impl HttpMessage, status: Option<RateLimitStatus>) {
    if let Some(status) = status {
        request.extensions_mut().get_or_insert_with(Counted::default).0.push(status);
    }
}

/// The headers that tell a caller of these limits; none when nothing was counted.
pub(crate) fn headers(request: &impl HttpMessage) -> Vec<(HeaderName, String)> {
    let extensions = request.extensions();
    let Some(Counted(limits)) = extensions.get() else { return Vec::new() };
    let list = |item: fn(&RateLimitStatus) -> String| limits.iter().map(item).collect::<Vec<_>>().join(", ");
    vec![(RATE_LIMIT_POLICY, list(RateLimitStatus::policy)), (RATE_LIMIT, list(RateLimitStatus::state))]
}
