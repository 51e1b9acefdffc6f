//! Which scopes of personal tokens cover the endpoints of an address.

use actix_web::HttpRequest;
use actix_web::http::Method;

use crate::accounts::TokenScope;
use crate::error::{Kind, Refusal, Result};

/// What covers the methods of one address. It's registered with the address; what has none is closed to personal tokens.
pub(crate) struct Covered(Vec<(Method, TokenScope)>);

impl Covered {
    /// By each of these scopes, the method beside it.
    pub(crate) const fn by(scopes: Vec<(Method, TokenScope)>) -> Self {
        Self(scopes)
    }

    /// Refuses a request that comes with a personal token of a scope that doesn't cover it.
    ///
    /// # Errors
    /// 403 `insufficient_scope` (RFC 6750, section 3.1).
    pub(super) fn check(request: &HttpRequest, scope: TokenScope) -> Result<()> {
        let covering = request.app_data::<Self>().map_or(&[][..], |covered| &covered.0);
        if covering.iter().any(|(method, covers)| method == request.method() && *covers == scope) {
            return Ok(());
        }
        let detail = format!("a personal token with the scope \"{scope}\" can't do this");
        Err(Refusal::new(Kind::Forbidden, "insufficient_scope", detail).into())
    }
}
