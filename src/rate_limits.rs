//! How much a caller may ask for: per address, per person, and tighter where guessing or grading is at stake.
//!
//! Counted by GCRA in this process. With several servers on one database each counts for itself.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};

use crate::error::{Kind, Refusal, Result};
use crate::id::UserId;

type Keyed<K> = RateLimiter<K, governor::state::keyed::DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// How much of a limit is left, as the `RateLimit` headers tell it (draft-ietf-httpapi-ratelimit-headers-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitStatus {
    name: &'static str,
    per_minute: u32,
    burst: u32,
    left: u32,
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

    const fn seconds_for(&self, requests: u32) -> u32 {
        requests.saturating_mul(60).div_ceil(self.per_minute)
    }
}

/// A steady rate with a burst above it.
struct Limit<K: Hash + Eq + Clone> {
    name: &'static str,
    what: &'static str,
    per_minute: u32,
    burst: u32,
    limiter: Keyed<K>,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(name: &'static str, what: &'static str, per_minute: u32, burst: u32) -> Self {
        let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(at_least_one(per_minute)).allow_burst(at_least_one(burst));
        Self { name, what, per_minute, burst, limiter: RateLimiter::keyed(quota).with_middleware() }
    }

    fn take(&self, key: &K) -> Result<RateLimitStatus> {
        let not_until = match self.limiter.check_key(key) {
            Ok(state) => return Ok(self.status(state.remaining_burst_capacity())),
            Err(not_until) => not_until,
        };
        let wait = not_until.wait_time_from(self.limiter.clock().now());
        let seconds = wait.as_secs() + 1;
        let detail = format!("too many {} in too short a time: wait {seconds} s", self.what);
        Err(Refusal::new(Kind::TooMany, "rate_limited", detail)
            .retry_after(std::time::Duration::from_secs(seconds))
            .into())
    }

    const fn status(&self, left: u32) -> RateLimitStatus {
        RateLimitStatus { name: self.name, per_minute: self.per_minute, burst: self.burst, left }
    }
}

/// All limits, or none.
pub struct RateLimits(Option<Counters>);

struct Counters {
    address: Limit<IpAddr>,
    caller: Limit<UserId>,
    sign_in_address: Limit<IpAddr>,
    sign_in_account: Limit<String>,
    submission: Limit<UserId>,
}

impl RateLimits {
    /// All limits, or none when `on` is false.
    #[must_use]
    pub fn new(on: bool) -> Self {
        Self(on.then(|| Counters {
            address: Limit::new("address", "requests from this address", 3000, 500),
            caller: Limit::new("caller", "requests", 1200, 300),
            sign_in_address: Limit::new("sign-in-address", "sign-ins from this address", 60, 30),
            sign_in_account: Limit::new("sign-in-account", "sign-ins for this account", 5, 10),
            submission: Limit::new("submission", "submissions", 12, 20),
        }))
    }

    /// Counts any request.
    ///
    /// # Errors
    /// 429.
    pub fn address(&self, address: IpAddr) -> Result<Option<RateLimitStatus>> {
        self.count(|counters| counters.address.take(&address))
    }

    /// Counts a request of somebody who is signed in.
    ///
    /// # Errors
    /// 429.
    pub fn caller(&self, id: UserId) -> Result<Option<RateLimitStatus>> {
        self.count(|counters| counters.caller.take(&id))
    }

    /// Counts a try to sign in or to register.
    ///
    /// # Errors
    /// 429.
    pub fn sign_in(&self, address: IpAddr, account: &str) -> Result<()> {
        self.count(|counters| {
            counters.sign_in_address.take(&address)?;
            let account: String = account.trim().to_lowercase().chars().take(254).collect();
            counters.sign_in_account.take(&account)
        })
        .map(drop)
    }

    /// Counts something handed in to be graded.
    ///
    /// # Errors
    /// 429.
    pub fn submission(&self, id: UserId) -> Result<()> {
        self.count(|counters| counters.submission.take(&id)).map(drop)
    }

    /// Forgets who has not been seen for a while.
    pub fn tidy(&self) {
        if let Some(counters) = &self.0 {
            counters.address.limiter.retain_recent();
            counters.caller.limiter.retain_recent();
            counters.sign_in_address.limiter.retain_recent();
            counters.sign_in_account.limiter.retain_recent();
            counters.submission.limiter.retain_recent();
        }
    }

    fn count(&self, take: impl FnOnce(&Counters) -> Result<RateLimitStatus>) -> Result<Option<RateLimitStatus>> {
        self.0.as_ref().map(take).transpose()
    }
}
