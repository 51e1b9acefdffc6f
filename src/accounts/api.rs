//! `/auth/…` and `/me`.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Accounts;
use super::{Credentials, Registration, Tokens, User};
use crate::error::Result;
use crate::http::address::Address;
use crate::http::body::Json;
use crate::http::identity::Caller;
use crate::rate_limits::RateLimits;

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// As `/auth/login` or the last `/auth/refresh` gave it.
    pub refresh_token: String,
}

/// What is published at `/.well-known/jwks.json`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Published {
    /// RFC 7517.
    #[schema(value_type = Vec<Object>)]
    pub keys: Vec<jsonwebtoken::jwk::Jwk>,
}

/// Makes an account and signs in.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "accounts", request_body = Registration,
    responses((status = 201, description = "The account is made and signed in", body = Tokens),
        (status = 409, description = "`email_taken`: the address has an account.")))]
pub(crate) async fn register(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    address: Address,
    form: Json<Registration>,
) -> Result<HttpResponse> {
    limits.sign_in(address.0, &form.0.email)?;
    let user = accounts.register(form.0).await?;
    let tokens = accounts.issue(user).await?;
    Ok(secret(HttpResponse::Created()).json(tokens))
}

/// Signs in.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "accounts", request_body = Credentials,
    responses((status = 200, description = "Signed in", body = Tokens),
        (status = 401, description = "`wrong_credentials`: the address or the password is wrong.")))]
pub(crate) async fn login(
    limits: web::Data<RateLimits>,
    accounts: web::Data<Accounts>,
    address: Address,
    form: Json<Credentials>,
) -> Result<HttpResponse> {
    limits.sign_in(address.0, &form.0.email)?;
    let user = accounts.check(form.0).await?;
    let tokens = accounts.issue(user).await?;
    Ok(secret(HttpResponse::Ok()).json(tokens))
}

/// The next pair of tokens. A refresh token that is used twice ends all that came from the same sign-in.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "accounts", request_body = Refresh,
    responses((status = 200, description = "The next pair", body = Tokens),
        (status = 401, description = "`invalid_refresh_token`: it's unknown, too old, or was used before.")))]
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

/// The caller.
#[utoipa::path(get, path = "/api/v1/me", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The person who is signed in", body = User)))]
pub(crate) async fn me(accounts: web::Data<Accounts>, caller: Caller) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(accounts.user(caller.id).await?))
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
