//! Inviting members: a link is made, looked at, withdrawn and accepted.

use std::time::Duration;

use serde_json::json;

use super::store;
use super::{IssuedInvitation, MemberInvitation, NewInvitation, Offer};
use crate::accounts::User;
use crate::audit::{self, Action};
use crate::db::AnyConnection;
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{MemberInvitationId, TeamId, UserId};
use crate::opaque_token;
use crate::teams::access::Access;
use crate::teams::authorize::authorize;
use crate::teams::service::{MEMBERS_MAX, Teams, check_count};
use crate::teams::{Membership, Role, Team, TeamRef, store as teams};

/// How long a link is good.
const LIFETIME: Duration = Duration::from_secs(14 * 24 * 3600);
/// Most invitations of a team that are good at a time.
const INVITATIONS_MAX: i64 = 50;

impl Teams {
    /// Makes a link by which one person can become a member. It gets the id that the caller has drawn: a form that is sent again makes
    /// no other link.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` when the person is no owner, 409
    /// `made_already` when there is an invitation of this id, 409 `too_many_invitations` when 50 are good; 500 `internal` when the database fails or the machine has no randomness.
    pub async fn invite_member(
        &self,
        by: UserId,
        team: TeamRef,
        id: MemberInvitationId,
        new: NewInvitation,
    ) -> Result<IssuedInvitation> {
        let ((token, hash), now) = (opaque_token::new()?, self.clock.now());
        let listed = MemberInvitation {
            id,
            role: new.role,
            email: new.email.map(|email| email.as_str().to_owned()),
            created_at: now,
            expires_at: now + LIFETIME,
        };
        let made = listed.clone();
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Owner)?;
                if store::exists(c, id)? {
                    return Err(Refusal::made_already("link").into());
                }
                if store::count(c, access.team, now)? >= INVITATIONS_MAX {
                    return Err(too_many().into());
                }
                store::insert(c, access.team, &made, &hash)?;
                let mut event = access.event(now, Action::MemberInvited, made.id.as_str());
                event.detail = json!({ "role": made.role });
                audit::store::append(c, &event).map_err(Error::from)
            })
            .await?;
        Ok(IssuedInvitation { token, listed })
    }

    /// A team's invitations that are good, by their ids: at most `rows` of those after `after`.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` when the person is no owner; 500
    /// `internal` when the database fails.
    pub async fn member_invitations(
        &self,
        by: UserId,
        team: TeamRef,
        after: Option<String>,
        rows: i64,
    ) -> Result<Vec<MemberInvitation>> {
        let now = self.clock.now();
        self.db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Owner)?;
                store::list(c, access.team, now, after.as_deref(), rows).map_err(Error::from)
            })
            .await
    }

    /// Withdraws an invitation: its link is no longer good.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or invitation, or the person is no member, 403 `role_required` when the person is
    /// no owner; 500 `internal` when the database fails.
    pub async fn withdraw_member_invitation(&self, by: UserId, team: TeamRef, id: MemberInvitationId) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Owner)?;
                if !store::delete(c, access.team, id)? {
                    return Err(Refusal::not_found("invitation").into());
                }
                let event = access.event(now, Action::MemberInvitationWithdrawn, id.as_str());
                audit::store::append(c, &event).map_err(Error::from)
            })
            .await
    }

    /// What a link offers. Looking uses nothing up.
    ///
    /// # Errors
    /// 404 `not_found` when the link is not good; 500 `internal` when the database fails.
    pub async fn offer(&self, token: &str) -> Result<Offer> {
        let (hash, now) = (opaque_token::hash(token), self.clock.now());
        let found = self.db.read(move |c| store::good(c, &hash, now)).await?;
        let (MemberInvitation { role, expires_at, .. }, _, team) = found.ok_or_else(no_such_link)?;
        Ok(Offer { team, role, expires_at })
    }

    /// Accepts an invitation: the person is a member, and the link is used up. Whoever is a member already uses nothing up.
    ///
    /// # Errors
    /// 404 `not_found` when the link is not good, 403 `another_address` when it is for another address, 409 `already_member`,
    /// `too_many_members` when the team has 200, `too_many_teams` when the person belongs to 50; 500 `internal` when the
    /// database fails.
    pub async fn accept(&self, by: &User, token: &str) -> Result<Membership> {
        let (hash, now, by) = (opaque_token::hash(token), self.clock.now(), by.clone());
        self.db
            .write(move |c| {
                let (invitation, team, _) = store::good(c, &hash, now)?.ok_or_else(no_such_link)?;
                check_may_join(c, &by, &invitation, team)?;
                let access = Access { team, user: by.id, role: invitation.role };
                teams::join(c, team, by.id, invitation.role, now)?;
                store::delete(c, team, invitation.id)?;
                let mut event = access.event(now, Action::MemberJoined, by.id.as_str());
                event.detail = json!({ "role": invitation.role, "invitation": invitation.id });
                audit::store::append(c, &event)?;
                let Team { id, slug, name, role, .. } = teams::team(c, access)?;
                Ok(Membership { id, slug, name, role })
            })
            .await
    }

    /// Removes links that have ended, and says how many.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn remove_expired_invitations(&self) -> Result<usize> {
        let now = self.clock.now();
        Ok(self.db.write(move |c| store::delete_expired(c, now)).await?)
    }
}

fn check_may_join(c: &mut AnyConnection, by: &User, invitation: &MemberInvitation, team: TeamId) -> Result<()> {
    if invitation.email.as_ref().is_some_and(|email| *email != by.email) {
        let detail = "this invitation is for another address: sign in with the account that has it";
        return Err(Refusal::new(Kind::Forbidden, "another_address", detail).into());
    }
    if teams::role(c, team, by.id)?.is_some() {
        return Err(Refusal::conflict("already_member", "you are a member of this team already").into());
    }
    if teams::count(c, team)?.0 >= MEMBERS_MAX {
        return Err(Refusal::conflict("too_many_members", "the team has 200 members, the most there can be").into());
    }
    check_count(c, by.id)
}

fn too_many() -> Refusal {
    let detail = "the team has 50 invitations that nobody has accepted, the most there can be: withdraw one first";
    Refusal::conflict("too_many_invitations", detail)
}

fn no_such_link() -> Refusal {
    let detail = "this link is not good: it was used, withdrawn or mistyped, or its two weeks are over";
    Refusal::new(Kind::NotFound, "not_found", detail)
}
