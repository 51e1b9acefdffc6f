//! How much a caller may ask for: per address, per person, and tighter where guessing, grading or storage is at stake.
//!
//! Counted by GCRA in this process. With several servers on one database each counts for itself, and a restart begins anew.
//! What is remembered is bounded: people by those who have an account, addresses by those who connected since maintenance last
//! forgot the ones that have everything again, and the names that somebody tried to sign in by as buckets ([`Bucket`]).
//!
//! A class of a hundred behind one address signs in, begins and saves while typing: limits by address are wide enough for
//! that. What holds a single person is the limit by caller.

mod accounts;
mod limit;
pub(crate) mod status;

use std::net::IpAddr;
use std::time::Duration;

pub(crate) use self::status::whole_seconds;

use self::accounts::{Accounts, Bucket};
use self::limit::{AddressLimit, Limit};
use self::status::RateLimitStatus;
use crate::concurrency::{Concurrency, Place};
use crate::config::RateLimiting;
use crate::error::{Kind, Refusal, Result};
use crate::id::UserId;
use crate::network::client_key;

/// Submissions that one person may follow at once, by event streams and by waiting for results: some tabs on some devices.
const STREAMS_MAX: usize = 20;
/// When somebody with too many streams should try again.
const STREAMS_RETRY: Duration = Duration::from_secs(15);

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// All limits, or none.
pub struct RateLimits {
    by_address: Option<ByAddress>,
    by_account: Option<ByAccount>,
}

/// Limits that are right only where addresses tell clients apart.
struct ByAddress {
    requests: AddressLimit,
    sign_ins: AddressLimit,
    registrations: AddressLimit,
    sign_ins_to_account: Limit<Bucket>,
}

struct ByAccount {
    accounts: Accounts,
    requests: Limit<UserId>,
    sign_ins: Limit<Bucket>,
    sign_ins_of_device: Limit<Bucket>,
    sign_ins_of_devices: Limit<Bucket>,
    confirmations: Limit<UserId>,
    submissions: Limit<UserId>,
    submissions_a_day: Limit<UserId>,
    kept_kib: Limit<UserId>,
    exports: Limit<UserId>,
    streams: Concurrency<UserId>,
}

impl ByAddress {
    fn new() -> Self {
        Self {
            requests: AddressLimit::new(
                ("address", "address-site"),
                "requests from this address",
                (30_000, MINUTE),
                5_000,
            ),
            sign_ins: AddressLimit::new(
                ("sign-in-address", "sign-in-address-site"),
                "sign-ins from this address",
                (60, MINUTE),
                300,
            ),
            registrations: AddressLimit::new(
                ("register-address", "register-address-site"),
                "registrations from this address",
                (6, MINUTE),
                150,
            ),
            sign_ins_to_account: Limit::new("sign-in", "sign-ins for this account", (5, MINUTE), 10),
        }
    }

    fn tidy(&self) {
        self.requests.tidy();
        self.sign_ins.tidy();
        self.registrations.tidy();
        self.sign_ins_to_account.tidy();
    }
}

impl ByAccount {
    fn new() -> Self {
        Self {
            accounts: Accounts::new(),
            requests: Limit::new("caller", "requests", (1200, MINUTE), 300),
            sign_ins: Limit::new("sign-in-account", "sign-ins for this account", (20, MINUTE), 100),
            sign_ins_of_device: Limit::new("sign-in-device", "sign-ins for this account", (5, MINUTE), 10),
            sign_ins_of_devices: Limit::new("sign-in-devices", "sign-ins for this account", (20, MINUTE), 50),
            confirmations: Limit::new("confirm", "wrong passwords", (5, MINUTE), 10),
            submissions: Limit::new("submission", "submissions", (12, MINUTE), 20),
            submissions_a_day: Limit::new("submission-day", "submissions", (300, DAY), 200),
            kept_kib: Limit::new("kept", "answers and responses", (16 * 1024, DAY), 8 * 1024),
            exports: Limit::new("export", "exports", (1, 10 * MINUTE), 3),
            streams: Concurrency::new(STREAMS_MAX),
        }
    }

    fn tidy(&self) {
        self.requests.tidy();
        self.sign_ins.tidy();
        self.sign_ins_of_device.tidy();
        self.sign_ins_of_devices.tidy();
        self.confirmations.tidy();
        self.submissions.tidy();
        self.submissions_a_day.tidy();
        self.kept_kib.tidy();
        self.exports.tidy();
    }
}

impl RateLimits {
    /// The limits that are on.
    #[must_use]
    pub fn new(limiting: RateLimiting) -> Self {
        Self {
            by_address: (limiting == RateLimiting::On).then(ByAddress::new),
            by_account: (limiting != RateLimiting::Off).then(ByAccount::new),
        }
    }

    /// Counts any request by the address that it comes from.
    ///
    /// # Errors
    /// 429 `rate_limited` when the address or its site has used up its limit.
    pub fn address(&self, address: IpAddr) -> Result<Option<RateLimitStatus>> {
        self.by_address.as_ref().map(|limits| limits.requests.take(address)).transpose()
    }

    /// Counts a request of somebody who is signed in.
    ///
    /// # Errors
    /// 429 `rate_limited` when the person has used up the limit.
    pub fn caller(&self, id: UserId) -> Result<Option<RateLimitStatus>> {
        self.by_account.as_ref().map(|limits| limits.requests.take(&id)).transpose()
    }

    /// Counts an attempt to sign in. A device on which that account was signed in before (`device` is its id) is counted apart
    /// from everybody else, so that neither a flood from the same address nor somebody who guesses from elsewhere can lock the
    /// account's owner out. All known devices of an account share a second limit.
    ///
    /// # Errors
    /// 429 `rate_limited` when the address, the account or the device has used up its limit.
    pub fn sign_in(&self, address: IpAddr, account: &str, device: Option<String>) -> Result<()> {
        let Some(by_account) = &self.by_account else { return Ok(()) };
        let accounts = &by_account.accounts;
        if let Some(device) = device {
            by_account.sign_ins_of_device.take(&accounts.bucket_with(account, &device))?;
            return by_account.sign_ins_of_devices.take(&accounts.bucket(account)).map(drop);
        }
        if let Some(by_address) = &self.by_address {
            by_address.sign_ins.take(address)?;
            by_address.sign_ins_to_account.take(&accounts.bucket_with(account, &client_key(address)))?;
        }
        by_account.sign_ins.take(&accounts.bucket(account)).map(drop)
    }

    /// Counts an attempt to make an account, which tells whether the address of the account is taken. It counts as an attempt
    /// to sign in too, and no device is known for it.
    ///
    /// # Errors
    /// 429 `rate_limited` when the address or the account has used up its limit.
    pub fn register(&self, address: IpAddr, account: &str) -> Result<()> {
        if let Some(limits) = &self.by_address {
            limits.registrations.take(address)?;
        }
        self.sign_in(address, account, None)
    }

    /// Counts an attempt to confirm something with one's password. All sign-ins of a person share the limit.
    ///
    /// # Errors
    /// 429 `rate_limited` when the person has confirmed too often in a short time.
    pub fn confirmation(&self, id: UserId) -> Result<()> {
        self.by_account.as_ref().map(|limits| limits.confirmations.take(&id)).transpose().map(drop)
    }

    /// Counts something handed in to be graded, for a minute and for a day.
    ///
    /// # Errors
    /// 429 `rate_limited` when the person has used up the limit of the minute or of the day.
    pub fn submission(&self, id: UserId) -> Result<()> {
        let Some(limits) = &self.by_account else { return Ok(()) };
        limits.submissions.take(&id)?;
        limits.submissions_a_day.take(&id).map(drop)
    }

    /// Counts the bytes of an answer or a response that is kept for good. Each counts as a KiB at least.
    ///
    /// # Errors
    /// 429 `rate_limited` when the person has used up the limit of bytes.
    pub fn kept(&self, id: UserId, bytes: usize) -> Result<()> {
        let Some(limits) = &self.by_account else { return Ok(()) };
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        limits.kept_kib.take_many(&id, kib).map(drop)
    }

    /// Counts an export of everything that is kept about a person.
    ///
    /// # Errors
    /// 429 `rate_limited` when the person has exported too often in a short time.
    pub fn export(&self, id: UserId) -> Result<()> {
        self.by_account.as_ref().map(|limits| limits.exports.take(&id)).transpose().map(drop)
    }

    /// A place for somebody who follows a submission, to be held as long as the event stream is open or the wait lasts. `None`
    /// where nothing is limited.
    ///
    /// # Errors
    /// 429 `rate_limited` when the person follows too many already.
    pub(crate) fn stream(&self, id: UserId) -> Result<Option<Place<UserId>>> {
        let Some(limits) = &self.by_account else { return Ok(None) };
        let place = limits.streams.take(id).ok_or_else(|| {
            let detail = format!("you follow {STREAMS_MAX} submissions at once already: close some of them first");
            Refusal::new(Kind::TooMany, "rate_limited", detail).retry_after(STREAMS_RETRY)
        })?;
        Ok(Some(place))
    }

    /// Whether addresses tell clients apart here.
    #[must_use]
    pub const fn by_address(&self) -> bool {
        self.by_address.is_some()
    }

    /// Forgets the callers whose limits are full again.
    pub fn tidy(&self) {
        if let Some(limits) = &self.by_address {
            limits.tidy();
        }
        if let Some(limits) = &self.by_account {
            limits.tidy();
        }
    }

    /// How many addresses are remembered.
    #[must_use]
    pub fn remembered_addresses(&self) -> usize {
        self.by_address.as_ref().map_or(0, |limits| limits.requests.remembered_clients())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn somebody_who_guesses_from_elsewhere_locks_out_neither_a_known_device_nor_another_address() {
        let limits = RateLimits::new(RateLimiting::On);
        let guess = || limits.sign_in(address("203.0.113.6"), "ada@example.org", None);
        while guess().is_ok() {}
        assert!(limits.sign_in(address("192.0.2.1"), "Ada@example.org ", None).is_ok());
        let mut elsewhere =
            (0..).map(|host| limits.sign_in(address(&format!("198.51.100.{host}")), "ada@example.org", None));
        assert!(
            elsewhere.by_ref().take(200).any(|outcome| outcome.is_err()),
            "an account has a limit over all addresses"
        );
        let known = Some("a device".to_owned());
        assert!(limits.sign_in(address("203.0.113.6"), "ada@example.org", known).is_ok());
    }

    #[test]
    fn many_devices_that_are_known_to_an_account_have_no_more_guesses_than_a_few() {
        let limits = RateLimits::new(RateLimiting::On);
        let guess = |account, device: usize| limits.sign_in(address("203.0.113.6"), account, Some(device.to_string()));
        let guesses = (0..1_000).take_while(|device| guess("ada@example.org", *device).is_ok()).count();
        assert!((50..=60).contains(&guesses), "{guesses} guesses from as many devices");
        assert!(guess("bob@example.org", 0).is_ok());
        // A device that was refused takes nothing from the others.
        let limits = RateLimits::new(RateLimiting::On);
        let guess = |device: &str| limits.sign_in(address("203.0.113.6"), "ada@example.org", Some(device.to_owned()));
        let first = (0..1_000).filter(|_| guess("one").is_ok()).count();
        assert!((10..=15).contains(&first) && guess("two").is_ok(), "{first} guesses from one device");
    }

    #[test]
    fn a_flood_from_one_address_does_not_keep_a_known_device_out() {
        let limits = RateLimits::new(RateLimiting::On);
        let neighbour = |number: usize| limits.sign_in(address("203.0.113.6"), &format!("{number}@example.org"), None);
        assert!((0..1_000).any(|number| neighbour(number).is_err()));
        assert!(limits.sign_in(address("203.0.113.6"), "ada@example.org", None).is_err());
        assert!(limits.sign_in(address("203.0.113.6"), "ada@example.org", Some("known".to_owned())).is_ok());
    }

    #[test]
    fn a_neighbour_in_the_same_ipv6_network_is_the_same_client() {
        let limits = RateLimits::new(RateLimiting::On);
        let mut hosts = (1..=400).map(|host| limits.sign_in(address(&format!("2001:db8::{host:x}")), "a@b", None));
        assert!(hosts.any(|outcome| outcome.is_err()));
        assert!(limits.sign_in(address("2001:db8:0:1::1"), "c@d", None).is_ok());
    }

    #[test]
    fn a_site_with_many_ipv6_networks_has_a_limit_of_its_own() {
        let limits = RateLimits::new(RateLimiting::On);
        let network = |number: usize| address(&format!("2001:db8:7:{number:x}::1"));
        let elsewhere = address("2001:db8:8::1");
        let sign_in = |number| limits.sign_in(network(number), &format!("{number}@example.org"), None);
        let signed_in = (0..60_000).take_while(|number| sign_in(*number).is_ok()).count();
        assert!((1_200..1_300).contains(&signed_in), "{signed_in} sign-ins");
        assert!(limits.sign_in(elsewhere, "ada@example.org", None).is_ok());
        let register = |number| limits.register(network(number), &format!("{number}@example.com"));
        assert!((0..60_000).any(|number| register(number).is_err()) && limits.register(elsewhere, "b@c").is_ok());
        assert!((0..60_000).any(|number| limits.address(network(number)).is_err()));
        assert!(limits.address(elsewhere).is_ok());
    }

    #[test]
    fn limits_by_address_are_switched_off_alone() {
        let limits = RateLimits::new(RateLimiting::Accounts);
        let one = address("192.0.2.1");
        assert!((0..10_000).all(|_| limits.address(one).is_ok()));
        assert!((0..10_000).all(|n| limits.sign_in(one, &format!("{n}@example.org"), None).is_ok()));
        assert!((0..1_000).any(|_| limits.sign_in(one, "ada@example.org", None).is_err()));
    }

    /// The limit that a refusal names, as the headers say it. Its time until all is free again is left out.
    fn used_up(mut ask: impl FnMut() -> Result<()>) -> (String, String) {
        let Error::Refused(refusal) = (0..200_000).find_map(|_| ask().err()).unwrap() else { panic!("no refusal") };
        let limit = refusal.limit.unwrap();
        (limit.policy(), limit.state().split(";t=").next().unwrap().to_owned())
    }

    #[test]
    fn a_refusal_names_the_limit_that_is_used_up() {
        let limits = RateLimits::new(RateLimiting::On);
        let (ada, home) = (UserId::new(), address("192.0.2.1"));
        let known = || Some("a device".to_owned());
        let names = [
            (used_up(|| limits.caller(ada).map(drop)), "\"caller\";q=300;w=15"),
            (used_up(|| limits.address(home).map(drop)), "\"address\";q=5000;w=10"),
            (used_up(|| limits.sign_in(home, "ada@example.org", None)), "\"sign-in\";q=10;w=120"),
            (used_up(|| limits.sign_in(home, "ada@example.org", known())), "\"sign-in-device\";q=10;w=120"),
            (used_up(|| limits.register(home, "bob@example.org")), "\"sign-in\";q=10;w=120"),
            (used_up(|| limits.confirmation(ada)), "\"confirm\";q=10;w=120"),
            (used_up(|| limits.submission(ada)), "\"submission\";q=20;w=100"),
            (used_up(|| limits.export(ada)), "\"export\";q=3;w=1800"),
        ];
        for ((policy, state), expected) in names {
            let name = expected.split(';').next().unwrap();
            assert_eq!((policy.as_str(), state), (expected, format!("{name};r=0")));
        }
        let mut networks = (0..).map(|number| address(&format!("2001:db8:7:{number:x}::1")));
        let (policy, _) = used_up(|| limits.register(networks.next().unwrap(), "ada@example.org"));
        assert_eq!(policy, "\"sign-in-account\";q=100;w=300");
        let (policy, _) = used_up(|| limits.address(networks.next().unwrap()).map(drop));
        assert_eq!(policy, "\"address-site\";q=20000;w=10");
    }

    #[test]
    fn a_refusal_of_many_units_says_how_many_are_left() {
        let limits = RateLimits::new(RateLimiting::On);
        let ada = UserId::new();
        limits.kept(ada, 8_000 * 1024).unwrap();
        assert_eq!(used_up(|| limits.kept(ada, 500 * 1024)).1, "\"kept\";r=192");
        assert!(limits.kept(ada, 192 * 1024).is_ok());
    }

    #[test]
    fn what_is_kept_is_counted_by_its_size() {
        let limits = RateLimits::new(RateLimiting::On);
        let (ada, bob) = (UserId::new(), UserId::new());
        let kept = (0..1_000).take_while(|_| limits.kept(ada, 80_000).is_ok()).count();
        assert!((100..=110).contains(&kept), "{kept} responses of 80 kB");
        assert!((0..5_000).all(|_| limits.kept(bob, 20).is_ok()));
    }
}
