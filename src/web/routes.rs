//! Every URL of the service in one table.

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{ServiceConfig, get, post, route, scope};
use utoipa_swagger_ui::SwaggerUi;

use super::idempotency::idempotency;
use super::{openapi, site};
use crate::accounts;

/// Registers every URL.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(api())
        .service(SwaggerUi::new("/api/docs/{_:.*}").url("/api/openapi.json", openapi::document()))
        .route("/", get().to(site::home))
        .route("/assets/{name}", get().to(site::asset))
        .route("/healthz", get().to(site::healthz))
        .route("/readyz", get().to(site::readyz))
        .route("/metrics", get().to(site::metrics))
        .route("/.well-known/jwks.json", get().to(accounts::api::jwks))
        .route("/register", get().to(accounts::pages::register_form))
        .route("/register", post().to(accounts::pages::register))
        .route("/login", get().to(accounts::pages::login_form))
        .route("/login", post().to(accounts::pages::login))
        .route("/logout", post().to(accounts::pages::logout))
        .default_service(route().to(site::nothing));
}

fn api() -> impl HttpServiceFactory {
    scope("/api/v1").service(auth()).service(resources())
}

/// Outside `resources`, since an answer that holds tokens must not be stored to be given again.
fn auth() -> impl HttpServiceFactory {
    scope("/auth")
        .route("/register", post().to(accounts::api::register))
        .route("/login", post().to(accounts::api::login))
        .route("/refresh", post().to(accounts::api::refresh))
        .route("/logout", post().to(accounts::api::logout))
}

fn resources() -> impl HttpServiceFactory {
    scope("").wrap(from_fn(idempotency)).route("/me", get().to(accounts::api::me))
}
