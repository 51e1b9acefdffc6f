//! For whom the token of an `Authorization` header speaks, be it the access token of a sign-in or a personal token.

use super::personal_tokens::{Secret, SecretError, TokenScope};
use super::service::Accounts;
use super::tokens::SignedIn;
use crate::error::{Kind, Refusal, Result};
use crate::id::UserId;

/// For whom a token speaks, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// The access token of a sign-in, which may do what the person may.
    SignedIn(SignedIn),
    /// A personal token, which may do what its scope covers.
    Personal {
        /// The person who made it.
        user: UserId,
        /// What it covers.
        scope: TokenScope,
    },
}

impl Accounts {
    /// For whom the token of an `Authorization` header speaks.
    ///
    /// # Errors
    /// 401 `invalid_token` when it isn't ours or is no longer good; 500 `internal` when the database fails.
    pub async fn bearer(&self, token: &str) -> Result<Bearer> {
        match Secret::parse(token) {
            Ok(secret) => {
                let found = self.personal(&secret).await?;
                let detail = "this personal token was revoked or has expired: make another on the page of your account";
                found.map(|(user, scope)| Bearer::Personal { user, scope }).ok_or_else(|| invalid(detail).into())
            }
            Err(SecretError::Prefix) => {
                let signed_in = self.keys.verify(token, self.clock.now()).map(Bearer::SignedIn);
                signed_in.ok_or_else(|| invalid("this access token is not ours, or too old: refresh it").into())
            }
            Err(mistyped @ SecretError::Mistyped) => Err(invalid(mistyped.to_string()).into()),
        }
    }
}

fn invalid(detail: impl Into<String>) -> Refusal {
    Refusal::new(Kind::Unauthenticated, "invalid_token", detail)
}
