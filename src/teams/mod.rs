//! Hiring teams: who belongs to one, and what a member may do.

mod service;
mod store;

use serde::Serialize;

pub(crate) use service::Teams;

use crate::db::text_enum;
use crate::error::Refusal;

text_enum! {
    /// What a member may do.
    pub enum Role {
        /// Everything, and who else is a member.
        Owner = "owner",
        /// Make sets and invite candidates.
        Author = "author",
        /// Review candidates' answers and score them.
        Reviewer = "reviewer",
    }
}

/// What a person is in a team, for an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// The team's short name in addresses.
    slug: String,
    /// The name of the team.
    name: String,
    /// What the person may do there.
    role: Role,
}

/// Longest slug of a team, in bytes.
const SLUG_MAX_BYTES: usize = 64;

/// A team's short name in addresses: lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Slug {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=SLUG_MAX_BYTES).contains(&text.len()) && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::invalid_field("/team", "a team's short name has 1 to 64 lower-case letters, digits and hyphens"))
    }
}
