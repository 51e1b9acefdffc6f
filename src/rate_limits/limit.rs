//! One limit, counted by a key; and a limit by address, which counts whole networks too.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};

use super::status::{RateLimitStatus, whole_seconds};
use crate::error::{Error, Kind, Refusal, Result};
use crate::network::{client_key, site_key};

type Keyed<K> = RateLimiter<K, governor::state::keyed::DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// How many times the limit of one client the whole site of an IPv6 customer has.
const CLIENTS_PER_SITE: u32 = 4;

/// A steady rate with a burst above it.
pub(super) struct Limit<K: Hash + Eq + Clone> {
    name: &'static str,
    /// What is counted, in words that follow "too many".
    what: &'static str,
    one_per: Duration,
    burst: u32,
    limiter: Keyed<K>,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    /// A limit of `count` in each `period`, and `burst` at once.
    pub(super) fn new(name: &'static str, what: &'static str, (count, period): (u32, Duration), burst: u32) -> Self {
        let one_per = period.checked_div(count).unwrap_or(period);
        let at_least_one = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        // No rate here is so high that one unit takes no time.
        let quota = Quota::with_period(one_per).unwrap_or(Quota::per_minute(at_least_one)).allow_burst(at_least_one);
        Self { name, what, one_per, burst, limiter: RateLimiter::keyed(quota).with_middleware() }
    }

    /// Takes one unit of the key's, and says how many are left.
    ///
    /// # Errors
    /// 429 `rate_limited` when none is left.
    pub(super) fn take(&self, key: &K) -> Result<RateLimitStatus> {
        match self.limiter.check_key(key) {
            Ok(state) => Ok(self.status(state.remaining_burst_capacity())),
            Err(not_until) => Err(self.refusal(1, not_until.wait_time_from(self.limiter.clock().now()))),
        }
    }

    /// Takes `units` of the key's at once, and says how many are left. More than the burst takes the whole of it.
    ///
    /// # Errors
    /// 429 `rate_limited` when so many are not left.
    pub(super) fn take_many(&self, key: &K, units: u32) -> Result<RateLimitStatus> {
        let units = NonZeroU32::new(units.min(self.burst)).unwrap_or(NonZeroU32::MIN);
        match self.limiter.check_key_n(key, units) {
            Ok(Ok(state)) => Ok(self.status(state.remaining_burst_capacity())),
            Ok(Err(not_until)) => Err(self.refusal(units.get(), not_until.wait_time_from(self.limiter.clock().now()))),
            Err(never) => Err(Error::internal("count against a limit", never.to_string())),
        }
    }

    /// The refusal of `units` that are free after `wait`.
    fn refusal(&self, units: u32, wait: Duration) -> Error {
        let missing = wait.as_nanos().div_ceil(self.one_per.as_nanos().max(1)).max(1);
        let left = units.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX));
        let seconds = whole_seconds(wait).max(1);
        let detail = format!("too many {} in too short a time: wait {seconds} s", self.what);
        Refusal::new(Kind::TooMany, "rate_limited", detail)
            .retry_after(Duration::from_secs(seconds))
            .limit(self.status(left))
            .into()
    }

    const fn status(&self, left: u32) -> RateLimitStatus {
        RateLimitStatus { name: self.name, one_per: self.one_per, burst: self.burst, left }
    }

    /// Forgets the keys that have everything again.
    pub(super) fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// A limit for one client's address, and a wider one for the site that an IPv6 address belongs to: a customer with a /48 can
/// come from 65,536 networks in turn.
pub(super) struct AddressLimit {
    client: Limit<IpAddr>,
    site: Limit<IpAddr>,
}

impl AddressLimit {
    /// A limit of `count` in each `period`, and `burst` at once, for a client; and its site's, which has a name of its own.
    pub(super) fn new(
        (name, site_name): (&'static str, &'static str),
        what: &'static str,
        (count, period): (u32, Duration),
        burst: u32,
    ) -> Self {
        let site_rate = (count.saturating_mul(CLIENTS_PER_SITE), period);
        Self {
            client: Limit::new(name, what, (count, period), burst),
            site: Limit::new(site_name, what, site_rate, burst.saturating_mul(CLIENTS_PER_SITE)),
        }
    }

    /// Takes from the client's limit first, so that one client who is refused takes nothing from its neighbours.
    ///
    /// # Errors
    /// 429 `rate_limited` when the client or its site has used up its limit.
    pub(super) fn take(&self, address: IpAddr) -> Result<RateLimitStatus> {
        let status = self.client.take(&client_key(address))?;
        if let Some(site) = site_key(address) {
            self.site.take(&site)?;
        }
        Ok(status)
    }

    /// Forgets the addresses that have everything again.
    pub(super) fn tidy(&self) {
        self.client.tidy();
        self.site.tidy();
    }

    /// How many clients are remembered.
    pub(super) fn remembered_clients(&self) -> usize {
        self.client.limiter.len()
    }
}
