//! `/auth/…` and `/me`.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Credentials, Registration, Tokens, User};
use crate::app::App;
use crate::error::Result;
use crate::web::Problem;
use crate::web::extract::{Address, Caller, Json};

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// As `/auth/login` or the last `/auth/refresh` gave it.
    pub refresh_token: String,
}

/// What is published at `/.well-known/jwks.json`.
#[derive(Serialize, ToSchema)]
pub struct Published {
    /// RFC 7517.
    #[schema(value_type = Vec<Object>)]
    pub keys: Vec<jsonwebtoken::jwk::Jwk>,
}

/// Makes an account and signs in.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "accounts", request_body = Registration,
    responses((status = 201, body = Tokens), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn register(app: web::Data<App>, address: Address, form: Json<Registration>) -> Result<HttpResponse> {
    app.limits.sign_in(address, &form.0.email)?;
    let user = app.accounts.register(form.0).await?;
    let tokens = app.accounts.issue(user).await?;
    Ok(secret(HttpResponse::Created()).json(tokens))
}

/// Signs in.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "accounts", request_body = Credentials,
    responses((status = 200, body = Tokens), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn login(app: web::Data<App>, address: Address, form: Json<Credentials>) -> Result<HttpResponse> {
    app.limits.sign_in(address, &form.0.email)?;
    let user = app.accounts.check(form.0).await?;
    let tokens = app.accounts.issue(user).await?;
    Ok(secret(HttpResponse::Ok()).json(tokens))
}

/// The next pair of tokens. A refresh token that is used twice ends all that came from the same sign-in.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "accounts", request_body = Refresh,
    responses((status = 200, body = Tokens), (status = 401, body = Problem)))]
pub async fn refresh(app: web::Data<App>, form: Json<Refresh>) -> Result<HttpResponse> {
    let tokens = app.accounts.refresh(&form.0.refresh_token).await?;
    Ok(secret(HttpResponse::Ok()).json(tokens))
}

/// Signs out: the refresh token and all that came from the same sign-in are no longer good.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "accounts", request_body = Refresh,
    responses((status = 204)))]
pub async fn logout(app: web::Data<App>, form: Json<Refresh>) -> Result<HttpResponse> {
    app.accounts.log_out(&form.0.refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller.
#[utoipa::path(get, path = "/api/v1/me", tag = "accounts", security(("bearer" = [])),
    responses((status = 200, body = User), (status = 401, body = Problem)))]
pub async fn me(app: web::Data<App>, caller: Caller) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(app.accounts.user(caller.id).await?))
}

/// The keys that verify access tokens (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "accounts", responses((status = 200, body = Published)))]
pub async fn jwks(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(app.accounts.keys().published())
}

/// Tokens must not stay in a cache (RFC 6749, section 5.1).
fn secret(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    response
}
