//! The pages to register, sign in and sign out.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::Accounts;
use super::{Credentials, Registration, User};
use crate::error::{Error, Result};
use crate::http::address::Address;
use crate::http::body::Form;
use crate::http::identity::Visitor;
use crate::http::page::redirect;
use crate::http::params::Query;
use crate::http::session_cookie::SessionCookies;
use crate::rate_limits::RateLimits;

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

/// `GET /register`
pub(crate) async fn register_form(visitor: Visitor, query: Query<Next>) -> Result<HttpResponse> {
    let shown = Shown { next: query.0.next.unwrap_or_default(), ..Shown::default() };
    visitor.page_with_status(StatusCode::OK, "register", "Register", shown)
}

/// `POST /register`
pub(crate) async fn register(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    cookies: web::Data<SessionCookies>,
    visitor: Visitor,
    address: Address,
    form: Form<RegisterForm>,
) -> Result<HttpResponse> {
    let RegisterForm { email, password, display_name, next } = form.0;
    let mut shown = Shown { email: email.clone(), display_name: display_name.clone(), next, wrong: None };
    let made = match limits.sign_in(address.0, &email) {
        Ok(()) => accounts.register(Registration { email, password, display_name }).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(user) => sign_in(&accounts, **cookies, user, &shown.next).await,
        Err(Error::Refused(refusal)) => {
            shown.wrong = Some(refusal.detail);
            visitor.page_with_status(StatusCode::UNPROCESSABLE_ENTITY, "register", "Register", shown)
        }
        Err(error) => Err(error),
    }
}

/// `GET /login`
pub(crate) async fn login_form(visitor: Visitor, query: Query<Next>) -> Result<HttpResponse> {
    let shown = Shown { next: query.0.next.unwrap_or_default(), ..Shown::default() };
    visitor.page_with_status(StatusCode::OK, "login", "Sign in", shown)
}

/// `POST /login`
pub(crate) async fn login(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    cookies: web::Data<SessionCookies>,
    visitor: Visitor,
    address: Address,
    form: Form<LoginForm>,
) -> Result<HttpResponse> {
    let LoginForm { email, password, next } = form.0;
    let mut shown = Shown { email: email.clone(), next, ..Shown::default() };
    let checked = match limits.sign_in(address.0, &email) {
        Ok(()) => accounts.check(Credentials { email, password }).await,
        Err(error) => Err(error),
    };
    match checked {
        Ok(user) => sign_in(&accounts, **cookies, user, &shown.next).await,
        Err(Error::Refused(refusal)) => {
            shown.wrong = Some(refusal.detail);
            visitor.page_with_status(StatusCode::UNAUTHORIZED, "login", "Sign in", shown)
        }
        Err(error) => Err(error),
    }
}

/// `POST /logout`
pub(crate) async fn logout(
    accounts: web::Data<Accounts>,
    cookies: web::Data<SessionCookies>,
    request: HttpRequest,
    _: Form<()>,
) -> Result<HttpResponse> {
    if let Some(cookie) = cookies.read(&request) {
        accounts.close_session(cookie.value()).await?;
    }
    with_cookie(redirect("/"), &cookies.removal())
}

/// Opens a session, and leads to where the person wanted to go.
async fn sign_in(accounts: &Accounts, cookies: SessionCookies, user: User, next: &str) -> Result<HttpResponse> {
    let session = accounts.open_session(user).await?;
    with_cookie(redirect(local(next)), &cookies.holding(&session))
}

fn with_cookie(mut response: HttpResponse, cookie: &Cookie<'_>) -> Result<HttpResponse> {
    response.add_cookie(cookie).map_err(|error| Error::internal("set a cookie", error))?;
    Ok(response)
}

/// Only a path on this host: `//other` and `/\other` name another one to a browser.
fn local(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if is_path { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn signing_in_never_leads_to_another_host() {
        assert_eq!(local("/topics/cap?x=1"), "/topics/cap?x=1");
        for elsewhere in ["", "https://evil", "//evil", "/\\evil", "/\t/evil", "evil"] {
            assert_eq!(local(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
