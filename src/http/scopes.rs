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
        let here = covering.iter().filter(|(method, _)| method == request.method());
        let detail = detail(scope, here.map(|(_, covers)| *covers));
        Err(Refusal::new(Kind::Forbidden, "insufficient_scope", detail).into())
    }
}

/// What is said of a token that doesn't cover a request, and which do.
fn detail(scope: TokenScope, covering: impl Iterator<Item = TokenScope>) -> String {
    let mut covering: Vec<String> = covering.map(|scope| format!("\"{scope}\"")).collect();
    covering.sort_unstable();
    let others = match covering.is_empty() {
        true => "and none with another: sign in for this".to_owned(),
        false => format!("and one with the scope {} can", covering.join(" or ")),
    };
    format!("a personal token with the scope \"{scope}\" can't do this, {others}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_scopes_that_would_do() {
        let told = |covering: &[TokenScope]| detail(TokenScope::Read, covering.iter().copied());
        let cant = "a personal token with the scope \"read\" can't do this, and ";
        assert_eq!(told(&[]), format!("{cant}none with another: sign in for this"));
        assert_eq!(told(&[TokenScope::Submissions]), format!("{cant}one with the scope \"submissions\" can"));
        let both = [TokenScope::Submissions, TokenScope::Read];
        assert_eq!(told(&both), format!("{cant}one with the scope \"read\" or \"submissions\" can"));
    }
}
