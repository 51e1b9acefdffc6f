//! Tokens that a person makes for programs, such as the command line. Each has a name, an end and a scope, and can be revoked
//! alone.
//!
//! A token never opens what would let its holder keep the account: it can't make tokens, end sign-ins, change the password or
//! erase anything. Which endpoints a scope covers stands in the attributes of the handlers; what isn't named there is closed
//! to every token.

mod secret;
mod service;
pub(super) mod store;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::field;
use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::error::Refusal;
use crate::id::TokenId;
use crate::one_line::one_line;

pub(crate) use secret::{Secret, SecretError};

/// Longest name of a token, in characters.
const NAME_MAX_CHARS: usize = 60;
/// How many days a token is good for when nothing else is said.
const DAYS_DEFAULT: u16 = 90;
/// The most days that a token is good for.
const DAYS_MAX: u16 = 365;

text_enum! {
    /// What a personal token may do.
    pub enum TokenScope {
        /// Read the person's submissions, and hand in.
        Submissions = "submissions",
        /// Read the person's own record, and change nothing.
        Read = "read",
    }
}

/// A personal token, as the person who made it sees it. The token itself is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonalToken {
    /// The id of the token, prefixed `tok_`.
    pub id: TokenId,
    /// What the person calls it.
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to within five minutes; null while it's unused.
    pub used_at: Option<Timestamp>,
    /// When it ends, unless it's revoked before.
    pub expires_at: Timestamp,
}

/// A personal token that was just made.
#[derive(Serialize, ToSchema)]
pub struct IssuedToken {
    /// For `Authorization: Bearer`. It's shown this once.
    pub token: String,
    /// What lists show of it.
    #[serde(flatten)]
    pub listed: PersonalToken,
}

/// What making a personal token needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// 1 to 60 characters on one line, to tell tokens apart.
    #[schema(
        min_length = 1,
        max_length = 60,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
        example = "laptop"
    )]
    pub name: String,
    /// What it may do.
    pub scope: TokenScope,
    /// How many days it's good for.
    #[serde(default = "days_default", deserialize_with = "crate::whole_number::deserialize")]
    #[schema(minimum = 1, maximum = 365, default = 90)]
    pub days: u16,
}

const fn days_default() -> u16 {
    DAYS_DEFAULT
}

/// A request for a token whose name and end are as they should be.
#[derive(Clone)]
pub struct NewToken {
    name: String,
    scope: TokenScope,
    lifetime: Duration,
}

impl TryFrom<TokenRequest> for NewToken {
    type Error = Refusal;

    fn try_from(request: TokenRequest) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        let name = one_line(&request.name, NAME_MAX_CHARS);
        if name.is_none() {
            wrong.push(field("name", "a name has 1 to 60 characters on one line, and none that can't be seen"));
        }
        if !(1..=DAYS_MAX).contains(&request.days) {
            wrong.push(field("days", "a token is good for 1 to 365 days"));
        }
        let lifetime = Duration::from_secs(u64::from(request.days) * 24 * 3600);
        match name {
            Some(name) if wrong.is_empty() => Ok(Self { name, scope: request.scope, lifetime }),
            _ => Err(Refusal::invalid(wrong)),
        }
    }
}
