//! How a caller says who they are. A handler's attribute names `bearer`, and `personal_token` once for each scope that covers it.
//! Wherever `bearer` is good, so is a page's session.

use utoipa::Modify;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use super::operations::operations;
use crate::http::csrf;
use crate::web::endpoints::PERSONAL_TOKEN;

/// Adds the schemes, and the ways in which they can be combined.
pub(super) struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", bearer());
        components.add_security_scheme(PERSONAL_TOKEN, personal_token());
        components.add_security_scheme("session", session());
        components.add_security_scheme("csrf", token());
        for (method, _, operation) in operations(document) {
            let Some(ways) = &mut operation.security else { continue };
            let session = SecurityRequirement::new("session", NO_SCOPES);
            ways.push(if csrf::is_safe(&method) { session } else { session.add("csrf", NO_SCOPES) });
        }
    }
}

const NO_SCOPES: [&str; 0] = [];

fn bearer() -> SecurityScheme {
    let description = "An access token of `POST /api/v1/auth/login` or `/api/v1/auth/refresh`.";
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(description));
    SecurityScheme::Http(scheme.build())
}

fn personal_token() -> SecurityScheme {
    let description = "A token of `POST /api/v1/me/tokens`. It's good where it's named with its scope; anywhere else that somebody has to \
                       be signed in it gets 403 `insufficient_scope`.";
    SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build())
}

fn session() -> SecurityScheme {
    let description = "The session of a person who signed in on a page. Where the service is reached by HTTPS, the cookie is \
                       called `__Host-quorate_session`.";
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description("quorate_session", description)))
}

fn token() -> SecurityScheme {
    let description = "The token of a page that the same person opened, from its `<meta name=\"csrf-token\">`.";
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("X-CSRF-Token", description)))
}
