//! The cookie that holds a page session's token.
//!
//! Where the service is reached by HTTPS the cookie is `Secure` and its name begins with `__Host-`, so that neither
//! plain HTTP nor another host of the same domain can set or read it (RFC 6265bis, section 4.1.3.2).

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};

use crate::accounts::OpenSession;

/// How session cookies are written and read here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionCookies {
    secure: bool,
}

impl SessionCookies {
    /// For a service that browsers reach at `public_url`.
    pub(crate) fn for_url(public_url: &str) -> Self {
        Self { secure: public_url.starts_with("https://") }
    }

    const fn name(self) -> &'static str {
        if self.secure { "__Host-quorate_session" } else { "quorate_session" }
    }

    /// The session cookie of a request, if it has one.
    pub(crate) fn read(self, request: &HttpRequest) -> Option<Cookie<'static>> {
        request.cookie(self.name())
    }

    /// The cookie of a session that was opened now.
    pub(crate) fn holding(self, session: &OpenSession) -> Cookie<'_> {
        let lifetime = i64::try_from(session.lifetime.as_secs()).unwrap_or(0);
        self.cookie(&session.token).max_age(Duration::seconds(lifetime)).finish()
    }

    /// The cookie that takes the session cookie away.
    pub(crate) fn removal(self) -> Cookie<'static> {
        let mut gone = self.cookie("").finish();
        gone.make_removal();
        gone
    }

    fn cookie(self, token: &str) -> actix_web::cookie::CookieBuilder<'_> {
        Cookie::build(self.name(), token).path("/").http_only(true).same_site(SameSite::Lax).secure(self.secure)
    }
}
