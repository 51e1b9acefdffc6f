//! The calls of the API under `/auth/…` and `/me`, and the keys at `/.well-known/jwks.json`.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Accounts;
use super::{
    Credentials, IssuedToken, NewAccount, NewPassword, NewToken, PersonalToken, Registration, SessionSummary,
    TokenRequest, Tokens, User,
};
use crate::error::{Error, Result};
use crate::http::address::Address;
use crate::http::body::Json;
use crate::http::identity::Caller;
use crate::http::list::Listing;
use crate::http::params::Path;
use crate::http::request::header_text;
use crate::id::{SessionId, TokenId};
use crate::rate_limits::RateLimits;
use crate::record::Records;
use crate::teams::Teams;

/// A refresh token that a client shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// As `/auth/login` or the last `/auth/refresh` gave it.
    pub refresh_token: String,
}

/// What is published at `/.well-known/jwks.json`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Published {
    /// The keys, each as RFC 7517 writes it.
    #[schema(value_type = Vec<Object>)]
    pub keys: Vec<jsonwebtoken::jwk::Jwk>,
}

/// Makes an account and signs in.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "accounts", request_body = Registration,
    responses((status = 201, description = "The account is made and signed in", body = Tokens),
        (status = 409, description = "`email_taken`: the address has an account."),
        (status = 503, description = "`overloaded`: too many passwords wait to be hashed.")))]
pub(crate) async fn register(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    address: Address,
    request: HttpRequest,
    form: Json<Registration>,
) -> Result<HttpResponse> {
    let account = NewAccount::try_from(form.0)?;
    limits.register(address.0, account.email())?;
    let person = accounts.register(account).await?;
    let tokens = accounts.issue(person, agent(&request)).await?;
    Ok(secret(HttpResponse::Created()).json(tokens))
}

/// Signs in with an e-mail address and a password.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "accounts", request_body = Credentials,
    responses((status = 200, description = "Signed in", body = Tokens),
        (status = 401, description = "`wrong_credentials`: the address or the password is wrong."),
        (status = 503, description = "`overloaded`: too many passwords wait to be compared.")))]
pub(crate) async fn login(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    address: Address,
    request: HttpRequest,
    form: Json<Credentials>,
) -> Result<HttpResponse> {
    limits.sign_in(address.0, &form.0.email, None)?;
    let person = accounts.check(form.0).await?;
    let tokens = accounts.issue(person, agent(&request)).await?;
    Ok(secret(HttpResponse::Ok()).json(tokens))
}

/// The next pair of tokens. A refresh token that is shown again within ten seconds gives the same refresh token; later it ends
/// all that came from the same sign-in.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "accounts", request_body = Refresh,
    responses((status = 200, description = "The next pair", body = Tokens),
        (status = 401, description = "`invalid_refresh_token`: it's unknown, too old, or was used more than ten seconds ago.")))]
pub(crate) async fn refresh(accounts: web::Data<Accounts>, form: Json<Refresh>) -> Result<HttpResponse> {
    let tokens = accounts.refresh(&form.0.refresh_token).await?;
    Ok(secret(HttpResponse::Ok()).json(tokens))
}

/// Signs out: the refresh token and all that came from the same sign-in are no longer good.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "accounts", request_body = Refresh,
    responses((status = 204, description = "Signed out, also when the token was no longer good")))]
pub(crate) async fn logout(accounts: web::Data<Accounts>, form: Json<Refresh>) -> Result<HttpResponse> {
    accounts.log_out(&form.0.refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The account of the caller.
#[utoipa::path(get, path = "/api/v1/me", tag = "accounts", security(("bearer" = []), ("personal_token" = ["read"])),
    responses((status = 200, description = "The person who is signed in", body = User)))]
pub(crate) async fn me(accounts: web::Data<Accounts>, caller: Caller) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(accounts.user(caller.id).await?))
}

/// Changes the caller's password, ends all other sign-ins and revokes the caller's personal tokens.
#[utoipa::path(put, path = "/api/v1/me/password", tag = "accounts", security(("bearer" = [])), request_body = NewPassword,
    responses((status = 204, description = "The password is changed, the other sign-ins are over and the personal tokens are revoked"),
        (status = 403, description = "`wrong_password`: it isn't the password in force."),
        (status = 503, description = "`overloaded`: too many passwords wait to be compared.")))]
pub(crate) async fn change_password(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    caller: Caller,
    form: Json<NewPassword>,
) -> Result<HttpResponse> {
    limits.confirmation(caller.id)?;
    accounts.change_password(caller.id, caller.session, form.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Where the caller is signed in: browsers and clients, the newest first. A person has at most 100.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "All of the caller's sign-ins", body = Listing<SessionSummary>)))]
pub(crate) async fn sessions(accounts: web::Data<Accounts>, caller: Caller) -> Result<HttpResponse> {
    let items = accounts.sessions(caller.id, caller.session).await?;
    Ok(HttpResponse::Ok().json(Listing { items, next_cursor: None }))
}

/// Ends one sign-in of the caller. The access token of a client is good for the rest of its fifteen minutes.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = SessionId, Path)),
    responses((status = 204, description = "The sign-in is over")))]
pub(crate) async fn end_session(
    accounts: web::Data<Accounts>,
    caller: Caller,
    id: Path<SessionId>,
) -> Result<HttpResponse> {
    accounts.end_session(caller.id, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller's personal tokens that are good, the newest first, without the tokens themselves. A person has at most 20.
#[utoipa::path(get, path = "/api/v1/me/tokens", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "All of the caller's personal tokens", body = Listing<PersonalToken>)))]
pub(crate) async fn personal_tokens(accounts: web::Data<Accounts>, caller: Caller) -> Result<HttpResponse> {
    let items = accounts.tokens_of(caller.id).await?;
    Ok(HttpResponse::Ok().json(Listing { items, next_cursor: None }))
}

/// Makes a personal token, for a program that acts in the caller's name. A change of the password revokes it.
#[utoipa::path(post, path = "/api/v1/me/tokens", tag = "accounts", security(("bearer" = [])), request_body = TokenRequest,
    responses((status = 201, description = "The token, which is shown this once", body = IssuedToken),
        (status = 409, description = "`too_many_tokens`: the caller has 20 that are good.")))]
pub(crate) async fn make_token(
    accounts: web::Data<Accounts>,
    caller: Caller,
    form: Json<TokenRequest>,
) -> Result<HttpResponse> {
    let new = NewToken::try_from(form.0)?;
    let issued = accounts.make_token(caller.id, caller.sign_in()?, TokenId::new(), new).await?;
    Ok(secret(HttpResponse::Created()).json(issued))
}

/// Revokes a personal token: the next request with it is refused.
#[utoipa::path(delete, path = "/api/v1/me/tokens/{id}", tag = "accounts", security(("bearer" = [])),
    params(("id" = TokenId, Path)),
    responses((status = 204, description = "The token is revoked")))]
pub(crate) async fn revoke_token(
    accounts: web::Data<Accounts>,
    caller: Caller,
    id: Path<TokenId>,
) -> Result<HttpResponse> {
    accounts.revoke_token(caller.id, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What erasing an account needs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erasure {
    /// The password of the caller's account.
    pub password: String,
}

/// Erases the caller's account with everything that is kept about the caller. It can't be undone.
#[utoipa::path(delete, path = "/api/v1/me", tag = "accounts", security(("bearer" = [])), request_body = Erasure,
    responses((status = 204, description = "The account is gone"),
        (status = 403, description = "`wrong_password`: it isn't the password in force."),
        (status = 409, description = "`last_owner`: a team with other members would have no owner."),
        (status = 503, description = "`overloaded`: too many passwords wait to be compared.")))]
pub(crate) async fn erase(
    limits: web::Data<RateLimits>,
    records: web::Data<Records>,
    caller: Caller,
    form: Json<Erasure>,
) -> Result<HttpResponse> {
    limits.confirmation(caller.id)?;
    records.erase(caller.id, form.0.password).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Everything that is kept about the caller, as far as the sets of attempts tell it: the account, sign-ins, personal tokens, teams, practice
/// answers, responses, attempts and submissions with their files.
#[utoipa::path(get, path = "/api/v1/me/export", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "One object, with a list for each kind of thing", body = Object)))]
pub(crate) async fn export(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    teams: web::Data<Teams>,
    records: web::Data<Records>,
    caller: Caller,
) -> Result<HttpResponse> {
    limits.export(caller.id)?;
    let user = accounts.user(caller.id).await?;
    let sessions = accounts.sessions(caller.id, caller.session).await?;
    let tokens = accounts.tokens_of(caller.id).await?;
    let memberships = teams.all_memberships(caller.id).await?;
    let written = |error| Error::internal("export what is kept", error);
    let about = [
        ("account".to_owned(), serde_json::to_value(user).map_err(written)?),
        ("sessions".to_owned(), serde_json::to_value(sessions).map_err(written)?),
        ("tokens".to_owned(), serde_json::to_value(tokens).map_err(written)?),
        ("teams".to_owned(), serde_json::to_value(memberships).map_err(written)?),
    ];
    let pieces = records.export(caller.id, about.into_iter().collect()).map_ok(web::Bytes::from);
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"quorate-export.json\""))
        .streaming(pieces))
}

/// What a browser or a client calls itself; empty when it doesn't say.
pub(super) fn agent(request: &HttpRequest) -> &str {
    header_text(request.headers(), "user-agent").unwrap_or_default()
}

/// The keys that verify access tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "accounts", responses((status = 200, description = "A JSON Web Key Set", body = Published)))]
pub(crate) async fn jwks(accounts: web::Data<Accounts>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(accounts.keys().published())
}

/// Tokens must not stay in a cache (RFC 6749, section 5.1).
fn secret(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    response
}
