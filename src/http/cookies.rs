//! The cookies of a browser: the token of its session, and the token by which it's known to an account.
//!
//! Where the service is reached by HTTPS they are `Secure` and their names begin with `__Host-`, so that neither plain HTTP nor
//! another host of the same domain can set or read them (RFC 6265bis, section 4.1.3.2).

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, CookieBuilder, SameSite, time};

/// How cookies are written and read here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    /// For a service that browsers reach at `public_url`.
    pub(crate) fn for_url(public_url: &str) -> Self {
        let scheme = public_url.split_once(':').map_or("", |(scheme, _)| scheme);
        Self { secure: scheme.eq_ignore_ascii_case("https") }
    }

    /// Whether browsers reach this service by HTTPS.
    pub(crate) const fn are_secure(self) -> bool {
        self.secure
    }

    const fn session_name(self) -> &'static str {
        if self.secure { "__Host-quorate_session" } else { "quorate_session" }
    }

    const fn device_name(self) -> &'static str {
        if self.secure { "__Host-quorate_device" } else { "quorate_device" }
    }

    /// The session's cookie of a request, if it has one.
    pub(crate) fn session(self, request: &HttpRequest) -> Option<Cookie<'static>> {
        request.cookie(self.session_name())
    }

    /// The cookie of a session that was opened now.
    pub(crate) fn of_session(self, token: &str, lifetime: Duration) -> Cookie<'_> {
        self.cookie(self.session_name(), token).max_age(seconds(lifetime)).finish()
    }

    /// The cookie that takes the session's cookie away.
    pub(crate) fn removal(self) -> Cookie<'static> {
        self.removal_of(self.session_name())
    }

    /// The cookie that makes a browser unknown again.
    pub(crate) fn removal_of_device(self) -> Cookie<'static> {
        self.removal_of(self.device_name())
    }

    fn removal_of(self, name: &'static str) -> Cookie<'static> {
        let mut gone = self.cookie(name, "").finish();
        gone.make_removal();
        gone
    }

    /// The cookie by which a browser shows that somebody signed in there before.
    pub(crate) fn device(self, request: &HttpRequest) -> Option<Cookie<'static>> {
        request.cookie(self.device_name())
    }

    /// The cookie of a device that is known from now on.
    pub(crate) fn of_device(self, token: &str, lifetime: Duration) -> Cookie<'_> {
        self.cookie(self.device_name(), token).max_age(seconds(lifetime)).finish()
    }

    fn cookie<'c>(self, name: &'static str, token: &'c str) -> CookieBuilder<'c> {
        Cookie::build(name, token).path("/").http_only(true).same_site(SameSite::Lax).secure(self.secure)
    }
}

fn seconds(lifetime: Duration) -> time::Duration {
    time::Duration::seconds(i64::try_from(lifetime.as_secs()).unwrap_or(0))
}
