//! Hiring teams: who belongs to one, and what a member may do.
//!
//! A role is looked up in the transaction that needs it ([`authorize`](authorize::authorize)), never kept: who loses a role while a page is open can do
//! nothing more with it. Somebody who is no member is told that there is no such team.

pub(crate) mod access;
pub(crate) mod api;
pub(crate) mod authorize;
pub(crate) mod frame;
mod member_invitations;
pub(crate) mod pages;
mod service;
mod store;
mod team_ref;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use member_invitations::{InvitationRequest, IssuedInvitation, MemberInvitation, NewInvitation, Offer};
pub(crate) use service::{Teams, leave_all};
pub(crate) use team_ref::TeamRef;

use crate::bank::Slug;
use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::error::{Field, Refusal};
use crate::id::{TeamId, UserId};
use crate::one_line::one_line;

/// Longest name of a team, in characters.
const NAME_MAX_CHARS: usize = 80;
/// The shortest and the longest time for which a team keeps what it knows of candidates, in days.
const RETENTION_DAYS: std::ops::RangeInclusive<i32> = 1..=3650;

text_enum! {
    /// What a member may do.
    pub enum Role {
        /// Everything, and who else is a member.
        Owner = "owner",
        /// Make sets and invite candidates; and all that a reviewer may do.
        Author = "author",
        /// Review candidates' answers and score them.
        Reviewer = "reviewer",
    }
}

impl Role {
    /// Whether this role may do all that the other may.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.rank() >= other.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Reviewer => 0,
            Self::Author => 1,
            Self::Owner => 2,
        }
    }
}

/// A team as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Team {
    /// The id of the team, prefixed `tea_`.
    pub id: TeamId,
    /// The team's short name in addresses.
    #[schema(value_type = String)]
    pub slug: String,
    /// The name of the team on pages.
    pub name: String,
    /// How many days after its end an attempt of a candidate is kept.
    pub retention_days: i32,
    /// When the team was made.
    pub created_at: Timestamp,
    /// What the caller may do in it.
    pub role: Role,
    /// Counts the changes of the team: the `ETag`.
    #[serde(skip)]
    pub revision: i64,
}

/// What a person is in a team, for a list and for an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Membership {
    /// The id of the team.
    pub id: TeamId,
    /// The team's short name in addresses.
    pub slug: String,
    /// The name of the team.
    pub name: String,
    /// What the person may do there.
    pub role: Role,
}

/// Somebody who belongs to a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Member {
    /// The id of the person's account.
    pub user: UserId,
    /// The name that others see.
    pub display_name: String,
    /// The address with which the person signs in.
    pub email: String,
    /// What the member may do.
    pub role: Role,
    /// When the person became a member.
    pub joined_at: Timestamp,
}

/// What making a team needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamRequest {
    /// The team's short name in addresses and in the names of its questions. It never changes, and no topic has it.
    #[schema(example = "acme")]
    pub slug: Slug,
    /// 1 to 80 characters on one line.
    #[schema(
        min_length = 1,
        max_length = 80,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
        example = "Acme"
    )]
    pub name: String,
}

/// A request for a team whose name is as it should be.
#[derive(Clone)]
pub struct NewTeam {
    slug: Slug,
    name: String,
}

impl TryFrom<TeamRequest> for NewTeam {
    type Error = Refusal;

    fn try_from(request: TeamRequest) -> Result<Self, Refusal> {
        let name = one_line(&request.name, NAME_MAX_CHARS).ok_or_else(|| Refusal::invalid(vec![bad_name()]))?;
        Ok(Self { slug: request.slug, name })
    }
}

/// What is to be changed of a team. What isn't there stays as it is.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamChangeRequest {
    /// 1 to 80 characters on one line.
    #[schema(
        min_length = 1,
        max_length = 80,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
        nullable = false
    )]
    #[serde(default, deserialize_with = "crate::optional_field::deserialize")]
    pub name: Option<String>,
    /// How many days after its end an attempt of a candidate is kept.
    #[serde(default, deserialize_with = "crate::whole_number::deserialize_option")]
    #[schema(minimum = 1, maximum = 3650, nullable = false)]
    pub retention_days: Option<i32>,
}

/// A change of a team whose values are as they should be.
#[derive(Clone)]
pub(crate) struct TeamChange {
    name: Option<String>,
    retention_days: Option<i32>,
}

impl TryFrom<TeamChangeRequest> for TeamChange {
    type Error = Refusal;

    fn try_from(request: TeamChangeRequest) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        let name = request.name.map(|name| one_line(&name, NAME_MAX_CHARS));
        if name == Some(None) {
            wrong.push(bad_name());
        }
        if request.retention_days.is_some_and(|days| !RETENTION_DAYS.contains(&days)) {
            wrong.push(field("retention_days", "attempts are kept for 1 to 3,650 days"));
        }
        if !wrong.is_empty() {
            return Err(Refusal::invalid(wrong));
        }
        Ok(Self { name: name.flatten(), retention_days: request.retention_days })
    }
}

/// The role that a member is to have.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    /// What the member may do from now on.
    pub role: Role,
}

fn bad_name() -> Field {
    field("name", "a name has 1 to 80 characters on one line, and none that can't be seen")
}

fn field(name: &str, detail: &str) -> Field {
    Field::new(format!("/{name}"), detail)
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn an_owner_may_do_what_an_author_may_and_an_author_what_a_reviewer_may() {
        let covers = |role: Role| Role::ALL.iter().filter(|other| role.covers(**other)).count();
        assert_eq!([Role::Owner, Role::Author, Role::Reviewer].map(covers), [3, 2, 1]);
        assert!(!Role::Author.covers(Role::Owner));
    }
}
