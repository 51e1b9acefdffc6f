//! The audit log of a team: who did what to whom, and when.
//!
//! An entry is written in the transaction that does what it tells (`store::append`), so there is none for what did not happen, and
//! nothing happens without one. Entries are only ever added. The hash of each covers the hash of the one before, so whoever
//! changes or removes an entry in the database would have to write all later hashes anew. The last hash tells all of them apart:
//! an operator who notes it elsewhere can tell later whether the log is still the same.
//!
//! An entry names people by their ids alone. The name and the address behind an id go with the account, and the entry stays.

mod chain;
mod service;
pub(crate) mod store;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

pub use service::{Audit, Head, Verified};

use crate::clock::Timestamp;
use crate::db::text_enum;
use crate::id::{TeamId, UserId};

text_enum! {
    /// What can be done in a team that is worth an entry.
    pub enum Action {
        /// The team was made.
        TeamMade = "team.made",
        /// The name or the settings of the team were changed.
        TeamChanged = "team.changed",
        /// Somebody was invited to become a member.
        MemberInvited = "member.invited",
        /// The invitation of a member was withdrawn.
        MemberInvitationWithdrawn = "member.invitation_withdrawn",
        /// Somebody became a member.
        MemberJoined = "member.joined",
        /// A member got another role.
        MemberRoleChanged = "member.role_changed",
        /// A member was removed, or left.
        MemberRemoved = "member.removed",
        /// A source of a question or a prompt was put in force.
        MaterialPublished = "material.published",
        /// A question or a prompt was taken out of use.
        MaterialRetired = "material.retired",
        /// A set was made.
        SetMade = "set.made",
        /// A version of a set was published.
        SetPublished = "set.published",
    }
}

/// Who did what an entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person with an account.
    Person(UserId),
    /// Whoever runs the service, by the command line.
    Operator,
}

impl Actor {
    /// How an entry names the actor.
    fn as_str(&self) -> &str {
        match self {
            Self::Person(id) => id.as_str(),
            Self::Operator => "operator",
        }
    }
}

/// What is to be written down.
#[derive(Debug, Clone)]
pub struct Event<'e> {
    /// The team in which it was done.
    pub team: TeamId,
    /// When it was done.
    pub at: Timestamp,
    /// Who has done it.
    pub actor: Actor,
    /// The kind of what was done.
    pub action: Action,
    /// The id of what it was done to.
    pub subject: &'e str,
    /// What else there is to know, as a JSON object. It holds no name, no address and nothing that a person typed about another.
    pub detail: Value,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct Entry {
    /// The place in the team's log, from 1.
    pub seq: i64,
    /// When it was done.
    pub at: Timestamp,
    /// The id of the person who did it, or `operator` for whoever runs the service.
    pub actor: String,
    /// What was done, such as `member.joined`.
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    /// What else there is to know.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// SHA-256 over the hash of the entry before and all fields of this one, in hexadecimal digits.
    pub hash: String,
}
