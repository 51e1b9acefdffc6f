//! What a member may do in a team.

use super::Role;
use crate::audit::{Action, Actor, Event};
use crate::clock::Timestamp;
use crate::error::{Kind, Refusal, Result};
use crate::id::{TeamId, UserId};

/// A member of a team whose role was just looked up. It's good for the transaction that it was looked up in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access {
    /// The team that it's about.
    pub(crate) team: TeamId,
    /// The account of the member.
    pub(crate) user: UserId,
    /// What the member may do.
    pub(crate) role: Role,
}

impl Access {
    /// Refuses a member whose role doesn't cover `least`.
    ///
    /// # Errors
    /// 403 `role_required` for such a member.
    pub(crate) fn require(self, least: Role) -> Result<()> {
        if self.role.covers(least) {
            return Ok(());
        }
        let needed = Role::ALL.iter().filter(|role| role.covers(least)).map(|role| role.as_str());
        let needed: Vec<_> = needed.collect();
        let detail = format!("your role in this team is {}, and this needs {}", self.role, needed.join(" or "));
        Err(Refusal::new(Kind::Forbidden, "role_required", detail).into())
    }

    /// What this member does, for the audit log.
    pub(crate) fn event<'e>(&self, at: Timestamp, action: Action, subject: &'e str) -> Event<'e> {
        let detail = serde_json::json!({});
        Event { team: self.team, at, actor: Actor::Person(self.user), action, subject, detail }
    }
}
