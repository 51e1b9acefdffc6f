//! Requests that change something must come from a page of ours (cross-site request forgery).
//!
//! A page carries a token of the person who is signed in. Forms send it back in a field, scripts in a header. All sessions of a
//! person take the same tokens: a page that was opened before its session ended can send its form when that person has signed in
//! again, and when nobody else has. A form without a session is checked by what the browser says of where it comes from
//! (`Sec-Fetch-Site`, else `Origin`).
//!
//! A page is compressed and shows what its reader typed. A secret that stood in it unchanged could be guessed byte by byte from
//! the length of the answers (the BREACH attack). So each answer shows the token under another mask.

use actix_web::http::Method;
use actix_web::{HttpRequest, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::request::header_text;
use crate::accounts::PageCodes;
use crate::error::{Error, Kind, Refusal, Result};

/// The form field that holds the token.
pub(crate) const FIELD: &str = "_csrf";
/// The header that holds it where there is no form.
pub(crate) const HEADER: &str = "x-csrf-token";

/// Bytes of a token without its mask.
const BYTES: usize = 32;

/// What the forms of a person must show. Only this service can compute it, so it needs no storage.
#[derive(Clone)]
pub(crate) struct Secret {
    current: [u8; BYTES],
    /// Those of pages that were made before the service got another key.
    older: Vec<[u8; BYTES]>,
}

impl Secret {
    /// The secret of the person for whom the service makes these codes.
    pub(crate) fn of(codes: PageCodes) -> Self {
        let digest = |code: String| Sha256::digest(code).into();
        Self { current: digest(codes.current), older: codes.older.into_iter().map(digest).collect() }
    }

    /// A token for one answer: a random mask, and the secret under it.
    ///
    /// # Errors
    /// 500 `internal` when the machine has no randomness.
    pub(crate) fn token(&self) -> Result<String> {
        let mut mask = [0; BYTES];
        getrandom::fill(&mut mask).map_err(|error| Error::internal("make a token", error))?;
        let masked = under(&self.current, &mask);
        Ok(URL_SAFE_NO_PAD.encode([mask, masked].concat()))
    }

    /// Refuses a request that doesn't show a token of this person.
    ///
    /// # Errors
    /// 403 `csrf` for any other token.
    pub(crate) fn check(&self, shown: &str) -> Result<()> {
        let shown = unmasked(shown).ok_or_else(refusal)?;
        let is_shown = |secret: &[u8; BYTES]| bool::from(secret.ct_eq(&shown));
        let mut known = std::iter::once(&self.current).chain(&self.older);
        if known.any(is_shown) { Ok(()) } else { Err(refusal().into()) }
    }
}

/// Whether a text can be somebody's token.
pub(super) fn is_token(text: &str) -> bool {
    unmasked(text).is_some()
}

fn unmasked(token: &str) -> Option<[u8; BYTES]> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (mask, masked) = bytes.split_at_checked(BYTES)?;
    Some(under(masked.try_into().ok()?, mask.try_into().ok()?))
}

/// Puts a mask over bytes, or takes it off.
fn under(bytes: &[u8; BYTES], mask: &[u8; BYTES]) -> [u8; BYTES] {
    let mut masked = *bytes;
    for (byte, mask) in masked.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    masked
}

/// The origin under which browsers know this service (RFC 6454): scheme, host, and the port where it isn't the usual one.
#[derive(Debug, Clone)]
pub(crate) struct PublicOrigin(String);

impl PublicOrigin {
    /// Of a service that browsers reach at `public_url`.
    pub(crate) fn of(public_url: &str) -> Self {
        let url = public_url.to_ascii_lowercase();
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", &url));
        let host = rest.split('/').next().unwrap_or_default();
        let usual = if scheme == "https" { ":443" } else { ":80" };
        Self(format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(host)))
    }
}

impl PublicOrigin {
    /// The address under which a browser finds a path of ours.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// Where a browser says that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A page of ours, or the person by the browser itself.
    Ours,
    /// A page of another site.
    Another,
    /// It doesn't say: an old browser, or none.
    Unsaid,
}

impl Origin {
    /// Of a request. A browser that sends only `Origin` knows us by our public address, or by the host that it names: behind a
    /// proxy, that may be another than the one that reaches us.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let headers = request.headers();
        let is_ours = match (header_text(headers, "sec-fetch-site"), header_text(headers, "origin")) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => {
                let public = request.app_data::<web::Data<PublicOrigin>>();
                let host = header_text(headers, "host").unwrap_or_default();
                // Somebody on the way could answer for the same host without TLS.
                let needs_tls = public.is_some_and(|public| public.0.starts_with("https://"));
                let by_host = |(scheme, of)| of == host && (scheme == "https" || !needs_tls);
                public.is_some_and(|public| public.0 == origin) || origin.split_once("://").is_some_and(by_host)
            }
            (None, None) => return Self::Unsaid,
        };
        if is_ours { Self::Ours } else { Self::Another }
    }
}

/// Refuses a request that a browser sent from another site, whether or not somebody is signed in.
///
/// # Errors
/// 403 `csrf` for a request of another site.
pub(crate) fn check_same_origin(request: &HttpRequest) -> Result<()> {
    if Origin::of(request) == Origin::Another { Err(refusal().into()) } else { Ok(()) }
}

/// Whether a method changes nothing (RFC 9110, section 9.2.1).
pub(crate) const fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn refusal() -> Refusal {
    Refusal::new(
        Kind::Forbidden,
        "csrf",
        "this did not come from a page that you opened while you were signed in: reload the page and try again",
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn origin(headers: &[(&str, &str)]) -> Origin {
        origin_at("HTTPS://Quorate.test:443/", headers)
    }

    fn origin_at(public_url: &str, headers: &[(&str, &str)]) -> Origin {
        let request = TestRequest::default().app_data(web::Data::new(PublicOrigin::of(public_url)));
        let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
        Origin::of(&request.to_http_request())
    }

    fn secret(current: &str, older: &[&str]) -> Secret {
        let older = older.iter().map(ToString::to_string).collect();
        Secret::of(PageCodes { current: current.to_owned(), older })
    }

    #[test]
    fn a_token_is_good_for_its_person_alone_also_after_a_change_of_the_key() {
        let (ada, bob) = (secret("of Ada", &[]), secret("of Bob", &[]));
        let token = ada.token().unwrap();
        assert!(ada.check(&token).is_ok() && bob.check(&token).is_err());
        let by_new_key = secret("new of Ada", &["of Ada"]);
        assert!(by_new_key.check(&token).is_ok() && ada.check(&by_new_key.token().unwrap()).is_err());
        assert!(is_token(&token) && !is_token("") && !is_token(&token[4..]));
    }

    #[test]
    fn a_browser_says_where_a_request_comes_from() {
        assert_eq!(origin(&[]), Origin::Unsaid);
        assert_eq!(origin(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.test")]), Origin::Ours);
        assert_eq!(origin(&[("sec-fetch-site", "cross-site")]), Origin::Another);
        assert_eq!(origin(&[("sec-fetch-site", "same-site")]), Origin::Another);
    }

    #[test]
    fn an_old_browser_knows_us_by_the_public_address_or_by_the_host() {
        let direct = [("origin", "http://10.0.0.5:8080"), ("host", "10.0.0.5:8080")];
        assert_eq!(origin_at("http://quorate.test", &direct), Origin::Ours);
        assert_eq!(origin(&direct), Origin::Another, "without TLS anybody on the way can be this host");
        for ours in ["https://quorate.test", "https://10.0.0.5:8080"] {
            assert_eq!(origin(&[("origin", ours), ("host", "10.0.0.5:8080")]), Origin::Ours, "{ours}");
        }
        for another in ["null", "https://evil.test", "http://quorate.test", "https://quorate.test.evil.test", ""] {
            assert_eq!(origin(&[("origin", another), ("host", "10.0.0.5:8080")]), Origin::Another, "{another}");
        }
    }
}
