//! The pages to register, sign in and out, and the page of one's own account.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::agents;
use super::api::agent;
use super::{Accounts, DEVICE_LIFETIME};
use super::{
    Authenticated, Credentials, IssuedToken, NewAccount, NewPassword, NewToken, PersonalToken, Registration,
    SessionKind, SessionSummary, TokenRequest, TokenScope, User,
};
use crate::error::{Error, Kind, Refusal, Result};
use crate::http::address::Address;
use crate::http::body::{SessionForm, SmallForm};
use crate::http::cookies::Cookies;
use crate::http::error::add_headers;
use crate::http::identity::{LocalFuture, Visitor};
use crate::http::page::redirect;
use crate::http::params::{Path, Query};
use crate::http::request::registered;
use crate::id::{SessionId, TokenId, UserId};
use crate::rate_limits::RateLimits;
use crate::record::Records;

/// Where to go after signing in.
#[derive(Deserialize)]
pub(crate) struct Next {
    next: Option<String>,
}

/// The form of `/register`.
#[derive(Deserialize)]
pub(crate) struct RegisterForm {
    email: String,
    password: String,
    display_name: String,
    #[serde(default)]
    next: String,
}

/// The form of `/login`.
#[derive(Deserialize)]
pub(crate) struct LoginForm {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// A form as it is shown: with what was typed, but never the password, and with what was wrong.
#[derive(Default, Serialize)]
struct Shown {
    email: String,
    display_name: String,
    next: String,
    wrong: Option<String>,
}

/// `GET /register`: the form. Somebody who was sent here to sign in, and has signed in meanwhile, goes on to where they wanted
/// to go.
pub(crate) async fn register_form(visitor: Visitor, query: Query<Next>) -> Result<HttpResponse> {
    let next = query.0.next.unwrap_or_default();
    if visitor.session.is_some() && !next.is_empty() {
        return Ok(redirect(local(&next)));
    }
    let shown = Shown { next, ..Shown::default() };
    visitor.page_with_status(StatusCode::OK, "register", "Register", shown)
}

/// `POST /register`: makes an account and signs in. An account that the same form made less than a minute ago comes from a second
/// click on the button, and is signed in too.
pub(crate) async fn register(door: Door, form: SessionForm<RegisterForm>) -> Result<HttpResponse> {
    let RegisterForm { email, password, display_name, next } = form.0;
    let shown = Shown { email: email.clone(), display_name: display_name.clone(), next, wrong: None };
    match door.register(Registration { email, password, display_name }, &shown.next).await {
        Err(Error::Refused(refusal)) => {
            door.show_again(StatusCode::UNPROCESSABLE_ENTITY, "register", "Register", shown, *refusal)
        }
        outcome => outcome,
    }
}

/// `GET /login`: the form. Somebody who was sent here to sign in, and has signed in meanwhile, goes on to where they wanted to
/// go. With nowhere to go the form is shown: another person may want to sign in in this browser.
pub(crate) async fn login_form(visitor: Visitor, query: Query<Next>) -> Result<HttpResponse> {
    let next = query.0.next.unwrap_or_default();
    if visitor.session.is_some() && !next.is_empty() {
        return Ok(redirect(local(&next)));
    }
    let shown = Shown { next, ..Shown::default() };
    visitor.page_with_status(StatusCode::OK, "login", "Sign in", shown)
}

/// `POST /login`: signs in, and leads to where the person wanted to go.
pub(crate) async fn login(door: Door, form: SessionForm<LoginForm>) -> Result<HttpResponse> {
    let LoginForm { email, password, next } = form.0;
    let shown = Shown { email: email.clone(), next, ..Shown::default() };
    match door.log_in(Credentials { email, password }, &shown.next).await {
        Err(Error::Refused(refusal)) => door.show_again(StatusCode::UNAUTHORIZED, "login", "Sign in", shown, *refusal),
        outcome => outcome,
    }
}

/// `POST /logout`: ends the session, and shows the page of somebody who is signed out.
pub(crate) async fn logout(door: Door, _: SessionForm<()>) -> Result<HttpResponse> {
    door.close_session().await?;
    door.signed_out()
}

/// What the pages of accounts have in common: who comes, from where, and what they are let in by.
pub(crate) struct Door {
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    records: web::Data<Records>,
    cookies: web::Data<Cookies>,
    address: Address,
    visitor: Visitor,
    session: Option<Cookie<'static>>,
    device: Option<Cookie<'static>>,
    agent: String,
}

impl FromRequest for Door {
    type Error = Error;
    type Future = LocalFuture<Self>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let (request, visitor) = (request.clone(), Visitor::from_request(request, payload));
        Box::pin(async move {
            let cookies = registered::<Cookies>(&request)?;
            Ok(Self {
                limits: registered(&request)?,
                accounts: registered(&request)?,
                records: registered(&request)?,
                address: Address::of(&request),
                visitor: visitor.await?,
                session: cookies.session(&request),
                device: cookies.device(&request),
                agent: agent(&request).to_owned(),
                cookies,
            })
        })
    }
}

impl Door {
    async fn register(&self, form: Registration, next: &str) -> Result<HttpResponse> {
        let credentials = Credentials { email: form.email.clone(), password: form.password.clone() };
        let account = NewAccount::try_from(form)?;
        self.limits.register(self.address.0, account.email())?;
        let person = match self.accounts.register(account).await {
            Err(Error::Refused(refusal)) if refusal.code == "email_taken" => {
                self.accounts.just_registered(credentials).await?.ok_or(Error::Refused(refusal))?
            }
            outcome => outcome?,
        };
        self.sign_in(person, next).await
    }

    async fn log_in(&self, credentials: Credentials, next: &str) -> Result<HttpResponse> {
        let device = match &self.device {
            Some(cookie) => self.accounts.known_device(&credentials.email, cookie.value()).await?,
            None => None,
        };
        self.limits.sign_in(self.address.0, &credentials.email, device)?;
        let person = self.accounts.check(credentials).await?;
        self.sign_in(person, next).await
    }

    /// Opens a session in place of the one that the browser had, and leads to where the person wanted to go.
    async fn sign_in(&self, person: Authenticated, next: &str) -> Result<HttpResponse> {
        let device = self.accounts.device_token(&person)?;
        let session = self.accounts.open_session(person, &self.agent).await?;
        self.close_session().await?;
        let mut response = redirect(local(next));
        add_cookie(&mut response, &self.cookies.of_session(&session.token, session.lifetime))?;
        add_cookie(&mut response, &self.cookies.of_device(&device, DEVICE_LIFETIME))?;
        Ok(response)
    }

    async fn close_session(&self) -> Result<()> {
        match &self.session {
            Some(cookie) => self.accounts.close_session(cookie.value()).await,
            None => Ok(()),
        }
    }

    /// Leads to the first page as somebody who is not signed in. Drafts stay in the browser, under the name of their owner: another
    /// tab may hold an answer that is not saved yet.
    fn signed_out(&self) -> Result<HttpResponse> {
        let mut response = redirect("/");
        add_cookie(&mut response, &self.cookies.removal())?;
        Ok(response)
    }

    /// A form that was refused, with what was wrong.
    fn show_again(
        &self,
        status: StatusCode,
        template: &str,
        title: &str,
        shown: Shown,
        refusal: Refusal,
    ) -> Result<HttpResponse> {
        let status = match refusal.kind {
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => status,
        };
        let shown = Shown { wrong: Some(refusal.detail.clone()), ..shown };
        let mut response = self.visitor.page_with_status(status, template, title, shown)?;
        add_headers(&mut response, &refusal);
        Ok(response)
    }

    async fn account_page(
        &self,
        status: StatusCode,
        wrong: Option<String>,
        issued: Option<IssuedToken>,
    ) -> Result<HttpResponse> {
        let user = self.visitor.user()?.clone();
        let sessions = self.accounts.sessions(user.id, self.current()).await?;
        let sessions = sessions.into_iter().map(SessionLine::of).collect();
        let tokens = self.accounts.tokens_of(user.id).await?.into_iter().map(TokenLine::of).collect();
        let page = AccountPage { user, next_token: TokenId::new(), sessions, tokens, wrong, issued };
        self.visitor.page_with_status(status, "account", "My account", page)
    }

    /// The answer to a form of the account's page: where it leads, or the page again with what was wrong.
    async fn answer<T>(
        &self,
        outcome: Result<T>,
        done: impl FnOnce(T) -> Result<HttpResponse>,
    ) -> Result<HttpResponse> {
        match outcome {
            Ok(value) => done(value),
            Err(Error::Refused(refusal))
                if matches!(refusal.kind, Kind::Forbidden | Kind::Invalid | Kind::Conflict) =>
            {
                let wrong = refusal.fields.first().map_or(refusal.detail.clone(), |field| field.detail.clone());
                self.account_page(StatusCode::UNPROCESSABLE_ENTITY, Some(wrong), None).await
            }
            Err(error) => Err(error),
        }
    }

    fn current(&self) -> Option<SessionId> {
        self.visitor.session.as_ref().map(|session| session.id)
    }
}

/// What the account's page shows.
#[derive(Serialize)]
struct AccountPage {
    user: User,
    /// The id of the token that the form makes.
    next_token: TokenId,
    sessions: Vec<SessionLine>,
    tokens: Vec<TokenLine>,
    wrong: Option<String>,
    /// The token that was just made: no other page shows it.
    issued: Option<IssuedToken>,
}

/// A personal token, and what it may do in words.
#[derive(Serialize)]
struct TokenLine {
    #[serde(flatten)]
    token: PersonalToken,
    may: &'static str,
}

impl TokenLine {
    const fn of(token: PersonalToken) -> Self {
        let may = match token.scope {
            TokenScope::Submissions => "reads your submissions and hands in",
            TokenScope::Read => "reads your record and your submissions",
        };
        Self { token, may }
    }
}

/// A sign-in, and what the browser or the client is called in words.
#[derive(Serialize)]
struct SessionLine {
    #[serde(flatten)]
    session: SessionSummary,
    name: String,
}

impl SessionLine {
    fn of(session: SessionSummary) -> Self {
        let unknown = match session.kind {
            SessionKind::Browser => "A browser",
            SessionKind::Client => "A client of the API",
        };
        let name = agents::in_words(&session.agent).unwrap_or_else(|| unknown.to_owned());
        Self { session, name }
    }
}

/// `GET /account`: the page of one's own account, with all sign-ins.
pub(crate) async fn account(door: Door) -> Result<HttpResponse> {
    door.account_page(StatusCode::OK, None, None).await
}

/// `POST /account/password`: changes the password, and ends all other sign-ins. No browser is known to the account after that but
/// this one.
pub(crate) async fn change_password(door: Door, form: SmallForm<NewPasswordForm>) -> Result<HttpResponse> {
    let id = door.visitor.user()?.id;
    door.limits.confirmation(id)?;
    let NewPasswordForm { password, new_password } = form.0;
    let form = NewPassword { password, new_password };
    let outcome = door.accounts.change_password(id, door.current(), form).await;
    let known = |person: Authenticated| {
        let mut response = redirect("/account");
        let device = door.accounts.device_token(&person)?;
        add_cookie(&mut response, &door.cookies.of_device(&device, DEVICE_LIFETIME))?;
        Ok(response)
    };
    door.answer(outcome, known).await
}

/// `POST /account/sessions/{id}`: ends a sign-in; one's own leads to the first page.
pub(crate) async fn end_session(door: Door, id: Path<SessionId>, _: SmallForm<()>) -> Result<HttpResponse> {
    door.accounts.end_session(door.visitor.user()?.id, id.0).await?;
    if door.current() == Some(id.0) { door.signed_out() } else { Ok(redirect("/account")) }
}

/// The form that makes a personal token.
#[derive(Deserialize)]
pub(crate) struct TokenForm {
    id: TokenId,
    name: String,
    scope: TokenScope,
    days: u16,
}

/// `POST /account/tokens`: makes a personal token, and shows it this once. It isn't a redirect, since the token must not be kept
/// for a page that comes later. A reload sends the same id again, so it makes no other token.
pub(crate) async fn make_token(door: Door, form: SmallForm<TokenForm>) -> Result<HttpResponse> {
    let TokenForm { id, name, scope, days } = form.0;
    let session = door.visitor.session()?;
    let issued = match NewToken::try_from(TokenRequest { name, scope, days }) {
        Ok(new) => door.accounts.make_token(session.user.id, session.id, id, new).await,
        Err(refusal) => Err(refusal.into()),
    };
    match issued {
        Ok(issued) => door.account_page(StatusCode::OK, None, Some(issued)).await,
        refused => door.answer(refused, |_| Ok(redirect("/account"))).await,
    }
}

/// `POST /account/tokens/{id}`: revokes a personal token.
pub(crate) async fn revoke_token(door: Door, id: Path<TokenId>, _: SmallForm<()>) -> Result<HttpResponse> {
    door.accounts.revoke_token(door.visitor.user()?.id, id.0).await?;
    Ok(redirect("/account"))
}

/// What the page shows when an account is gone: its script drops the drafts of this account, and of nobody else.
#[derive(Serialize)]
struct Erased {
    id: UserId,
}

/// `POST /account/erase`: erases the account, and its drafts in the browser.
pub(crate) async fn erase(door: Door, form: SmallForm<EraseForm>) -> Result<HttpResponse> {
    let id = door.visitor.user()?.id;
    door.limits.confirmation(id)?;
    let outcome = door.records.erase(id, form.0.password).await;
    let forget = |()| {
        let nobody = Visitor { session: None, ..door.visitor.clone() };
        let mut response = nobody.page("erased", "Your account is deleted", Erased { id })?;
        add_cookie(&mut response, &door.cookies.removal())?;
        add_cookie(&mut response, &door.cookies.removal_of_device())?;
        Ok(response)
    };
    door.answer(outcome, forget).await
}

/// The form that changes the password.
#[derive(Deserialize)]
pub(crate) struct NewPasswordForm {
    password: String,
    new_password: String,
}

/// The form that erases the account.
#[derive(Deserialize)]
pub(crate) struct EraseForm {
    password: String,
}

fn add_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<()> {
    response.add_cookie(cookie).map_err(|error| Error::internal("set a cookie", error))
}

/// Only a path on this host, as it can stand in a header: `//other` and `/\\other` name another host to a browser.
fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    if is_path && next.bytes().all(|byte| byte.is_ascii_graphic()) { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn signing_in_never_leads_to_another_host() {
        assert_eq!(local("/topics/cap?x=1"), "/topics/cap?x=1");
        for elsewhere in ["", "https://evil", "//evil", "/\\evil", "/\t/evil", "evil", "/\u{1}x", "/ж"] {
            assert_eq!(local(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
