//! Who asks: a caller of the API, or a visitor of the pages.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use tokio::sync::OnceCell;

use super::cookies::Cookies;
use super::counted;
use super::csrf;
use super::request::{header_text, registered};
use super::scopes::Covered;
use super::templates::Templates;
use crate::accounts::{Accounts, Bearer, SignedIn, User, Viewer};
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{SessionId, UserId};
use crate::rate_limits::RateLimits;

/// What an extractor of ours returns.
pub(crate) type LocalFuture<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// Somebody who is signed in, by an access token, a personal token or a page session. A request that changes something and comes with a
/// session's cookie must show that it comes from a page of ours.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The id of the caller's account.
    pub(crate) id: UserId,
    /// The sign-in that the request comes from; `None` for a personal token, and for an access token that was made before tokens
    /// named it.
    pub(crate) session: Option<SessionId>,
}

impl Caller {
    /// On whose behalf the caller looks at something.
    pub(crate) const fn viewer(&self) -> Viewer {
        Viewer::Person(self.id)
    }

    /// The sign-in that the request comes from, for what no personal token may do whatever its scope is.
    ///
    /// # Errors
    /// 403 `insufficient_scope` when the request comes with a personal token.
    pub(crate) fn sign_in(&self) -> Result<SessionId> {
        let detail = "a personal token can't do this: sign in";
        self.session.ok_or_else(|| Refusal::new(Kind::Forbidden, "insufficient_scope", detail).into())
    }

    /// Who makes a request, if anybody is signed in. It's found out and counted once, however often it's asked.
    ///
    /// # Errors
    /// 401 `unauthenticated` for another scheme than `Bearer`, 401 `invalid_token` for a token that isn't good, 403
    /// `insufficient_scope` for a personal token whose scope doesn't cover the endpoint, 403 `csrf` when a page's session is used
    /// from elsewhere, 429 `rate_limited` when the person has asked too often, 500 `internal` when the
    /// database fails.
    pub(crate) async fn of(request: &HttpRequest) -> Result<Option<Self>> {
        let known = request.extensions().get::<Self>().cloned();
        if known.is_some() {
            return Ok(known);
        }
        let caller = identify(request).await?;
        if let Some(caller) = &caller {
            request.extensions_mut().insert(caller.clone());
        }
        Ok(caller)
    }
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await?.ok_or_else(|| unauthenticated().into()) })
    }
}

/// The refusal for what needs somebody to be signed in.
pub(super) fn unauthenticated() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "unauthenticated", "sign in first: this needs an access token or a session")
}

async fn identify(request: &HttpRequest) -> Result<Option<Caller>> {
    if let Some(value) = header_text(request.headers(), "authorization") {
        let token = bearer(value).ok_or_else(unauthenticated)?;
        let bearer = registered::<Accounts>(request)?.bearer(token).await?;
        let caller = match bearer {
            Bearer::SignedIn(SignedIn { user, session }) => Caller { id: user, session },
            Bearer::Personal { user, .. } => Caller { id: user, session: None },
        };
        count(request, caller.id)?;
        if let Bearer::Personal { scope, .. } = bearer {
            Covered::check(request, scope)?;
        }
        return Ok(Some(caller));
    }
    let Some(session) = session_of(request).await? else { return Ok(None) };
    // A link of another site could still make a browser ask for an export, which is counted.
    csrf::check_same_origin(request)?;
    count(request, session.user.id)?;
    if !csrf::is_safe(request.method()) {
        session.csrf.check(header_text(request.headers(), csrf::HEADER).unwrap_or_default())?;
    }
    Ok(Some(Caller { id: session.user.id, session: Some(session.id) }))
}

/// The token of an `Authorization` header. The name of the scheme has no case (RFC 9110, section 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start_matches(' '))
}

/// Counts a request of somebody who is signed in; how much is left is told with the answer.
fn count(request: &HttpRequest, id: UserId) -> Result<()> {
    counted::note(request, registered::<RateLimits>(request)?.caller(id)?);
    Ok(())
}

/// A page session that is open.
#[derive(Clone)]
pub(crate) struct Session {
    /// The id of the session.
    pub(crate) id: SessionId,
    /// The person who signed in.
    pub(crate) user: User,
    /// What forms and scripts of our pages have to show.
    pub(crate) csrf: csrf::Secret,
}

/// What was found out about the session of a request. Extractors run side by side, so those who ask while somebody looks wait
/// for what is found.
#[derive(Clone, Default)]
struct Found(Rc<OnceCell<Option<Session>>>);

impl Found {
    fn of(request: &HttpRequest) -> Self {
        request.extensions_mut().get_or_insert_with(Self::default).clone()
    }

    async fn or_look(&self, look: impl Future<Output = Result<Option<Session>>>) -> Result<Option<Session>> {
        self.0.get_or_try_init(|| look).await.cloned()
    }
}

/// The session that a request's cookie names, if it is open. It's looked up once, however often it's asked for.
///
/// # Errors
/// 500 `internal` when the database fails.
pub(crate) async fn session_of(request: &HttpRequest) -> Result<Option<Session>> {
    Found::of(request).or_look(look_up(request)).await
}

/// The person who makes a request, as far as that was found out.
pub(crate) fn known(request: &HttpRequest) -> Option<UserId> {
    let by_page = Found::of(request).0.get().cloned().flatten().map(|session| session.user.id);
    request.extensions().get::<Caller>().map(|caller| caller.id).or(by_page)
}

async fn look_up(request: &HttpRequest) -> Result<Option<Session>> {
    let Some(cookie) = registered::<Cookies>(request)?.session(request) else { return Ok(None) };
    let accounts = registered::<Accounts>(request)?;
    let Some((id, user)) = accounts.session_user(cookie.value()).await? else { return Ok(None) };
    let csrf = csrf::Secret::of(accounts.page_codes(user.id));
    Ok(Some(Session { id, user, csrf }))
}

/// Whether somebody signed in by this browser before, as its cookie proves.
///
/// # Errors
/// 500 `internal` when the server was built without accounts or cookies.
pub(super) fn is_known_browser(request: &HttpRequest) -> Result<bool> {
    let Some(cookie) = registered::<Cookies>(request)?.device(request) else { return Ok(false) };
    Ok(registered::<Accounts>(request)?.made_device(cookie.value()))
}

/// Somebody who looks at a page, signed in or not, with the templates that pages are made of.
#[derive(Clone)]
pub(crate) struct Visitor {
    /// The open session, if there is one.
    pub(crate) session: Option<Session>,
    /// The path and query of the request.
    pub(crate) path: String,
    pub(crate) templates: web::Data<Templates>,
}

impl Visitor {
    /// A visitor of whom nothing is known, for the page of an error: identifying them may be what failed.
    pub(super) fn unknown(templates: web::Data<Templates>) -> Self {
        Self { session: None, path: String::new(), templates }
    }

    /// On whose behalf the visitor looks at something.
    ///
    /// # Errors
    /// 401 `unauthenticated` when nobody is signed in.
    pub(crate) fn viewer(&self) -> Result<Viewer> {
        Ok(Viewer::Person(self.user()?.id))
    }

    /// The person who is signed in.
    ///
    /// # Errors
    /// 401 `unauthenticated` when nobody is signed in; a page then leads to the sign-in form.
    pub(crate) fn user(&self) -> Result<&User> {
        Ok(&self.session()?.user)
    }

    /// The session that is open.
    ///
    /// # Errors
    /// 401 `unauthenticated` when nobody is signed in.
    pub(crate) fn session(&self) -> Result<&Session> {
        Ok(self.session.as_ref().ok_or_else(unauthenticated)?)
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
            let session = session_of(&request).await?;
            if let Some(session) = &session {
                count(&request, session.user.id)?;
            }
            Ok(Self { session, path, templates: registered(&request)? })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use actix_web::test::TestRequest;

    use super::*;

    #[actix_web::test]
    async fn extractors_that_run_side_by_side_look_once() {
        let (request, looks) = (TestRequest::default().to_http_request(), Cell::new(0));
        let ask = async || {
            let look = async {
                looks.set(looks.get() + 1);
                tokio::task::yield_now().await;
                Ok(None)
            };
            Found::of(&request).or_look(look).await
        };
        let (one, other) = tokio::join!(ask(), ask());
        assert!(one.unwrap().is_none() && other.unwrap().is_none());
        assert!(ask().await.unwrap().is_none());
        assert_eq!(looks.get(), 1);
    }
}
