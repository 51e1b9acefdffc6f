//! The pages to register, sign in and sign out.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::{Credentials, OpenSession, Registration, User};
use crate::app::App;
use crate::error::{Error, Result};
use crate::web::extract::{Address, Form, Query, SESSION_COOKIE, Visitor};
use crate::web::page::{redirect, with_status};

/// Where to go after signing in.
#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
}

/// The form of `/register`.
#[derive(Deserialize)]
pub struct RegisterForm {
    email: String,
    password: String,
    display_name: String,
    #[serde(default)]
    next: String,
}

/// The form of `/login`.
#[derive(Deserialize)]
pub struct LoginForm {
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
pub async fn register_form(app: web::Data<App>, visitor: Visitor, query: Query<Next>) -> Result<HttpResponse> {
    let shown = Shown { next: query.0.next.unwrap_or_default(), ..Shown::default() };
    with_status(&app, &visitor, StatusCode::OK, "register", "Register", shown)
}

/// `POST /register`
pub async fn register(
    app: web::Data<App>,
    visitor: Visitor,
    address: Address,
    form: Form<RegisterForm>,
) -> Result<HttpResponse> {
    let RegisterForm { email, password, display_name, next } = form.0;
    let mut shown = Shown { email: email.clone(), display_name: display_name.clone(), next, wrong: None };
    let made = match app.limits.sign_in(address, &email) {
        Ok(()) => app.accounts.register(Registration { email, password, display_name }).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(user) => sign_in(&app, user, &shown.next).await,
        Err(Error::Refused(refusal)) => {
            shown.wrong = Some(refusal.detail);
            with_status(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, "register", "Register", shown)
        }
        Err(error) => Err(error),
    }
}

/// `GET /login`
pub async fn login_form(app: web::Data<App>, visitor: Visitor, query: Query<Next>) -> Result<HttpResponse> {
    let shown = Shown { next: query.0.next.unwrap_or_default(), ..Shown::default() };
    with_status(&app, &visitor, StatusCode::OK, "login", "Sign in", shown)
}

/// `POST /login`
pub async fn login(
    app: web::Data<App>,
    visitor: Visitor,
    address: Address,
    form: Form<LoginForm>,
) -> Result<HttpResponse> {
    let LoginForm { email, password, next } = form.0;
    let mut shown = Shown { email: email.clone(), next, ..Shown::default() };
    let checked = match app.limits.sign_in(address, &email) {
        Ok(()) => app.accounts.check(Credentials { email, password }).await,
        Err(error) => Err(error),
    };
    match checked {
        Ok(user) => sign_in(&app, user, &shown.next).await,
        Err(Error::Refused(refusal)) => {
            shown.wrong = Some(refusal.detail);
            with_status(&app, &visitor, StatusCode::UNAUTHORIZED, "login", "Sign in", shown)
        }
        Err(error) => Err(error),
    }
}

/// `POST /logout`
pub async fn logout(app: web::Data<App>, request: HttpRequest, _: Form<()>) -> Result<HttpResponse> {
    if let Some(cookie) = request.cookie(SESSION_COOKIE) {
        app.accounts.close_session(cookie.value()).await?;
    }
    let mut response = redirect("/");
    let mut gone = Cookie::build(SESSION_COOKIE, "").path("/").finish();
    gone.make_removal();
    response.add_cookie(&gone).map_err(|error| Error::internal("remove a cookie", error))?;
    Ok(response)
}

async fn sign_in(app: &App, user: User, next: &str) -> Result<HttpResponse> {
    let session = app.accounts.open_session(user).await?;
    let mut response = redirect(local(next));
    let secure = app.config.public_url.starts_with("https://");
    response.add_cookie(&cookie(&session, secure)).map_err(|error| Error::internal("set a cookie", error))?;
    Ok(response)
}

fn cookie(session: &OpenSession, secure: bool) -> Cookie<'_> {
    let lifetime = i64::try_from(session.lifetime.as_secs()).unwrap_or(0);
    Cookie::build(SESSION_COOKIE, &session.token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .max_age(Duration::seconds(lifetime))
        .finish()
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
