//! How much of a limit is left, as the `RateLimit` headers say it (draft-ietf-httpapi-ratelimit-headers-10).

use std::time::Duration;

/// How much of a limit is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitStatus {
    pub(super) name: &'static str,
    /// The time after which one more is free.
    pub(super) one_per: Duration,
    pub(super) burst: u32,
    pub(super) left: u32,
}

impl RateLimitStatus {
    /// `RateLimit-Policy`: so many at once, and in how many seconds that many more.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.burst, self.seconds_for(self.burst))
    }

    /// `RateLimit`: so many are left, and in how many seconds there are all again.
    #[must_use]
    pub fn state(&self) -> String {
        let reset = self.seconds_for(self.burst.saturating_sub(self.left));
        format!("\"{}\";r={};t={reset}", self.name, self.left)
    }

    fn seconds_for(&self, requests: u32) -> u64 {
        whole_seconds(self.one_per.saturating_mul(requests))
    }
}

/// A wait in whole seconds. Who comes a moment too early is refused again, so it's rounded up.
pub(crate) const fn whole_seconds(wait: Duration) -> u64 {
    if wait.subsec_nanos() > 0 { wait.as_secs().saturating_add(1) } else { wait.as_secs() }
}
