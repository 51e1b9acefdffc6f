//! Teams: made, changed, and who belongs to them.

use serde_json::json;

use super::access::Access;
use super::authorize::authorize;
use super::store::{self, NewTeamRow};
use super::{Member, Membership, NewTeam, Role, Team, TeamChange, TeamRef};
use crate::audit::{self, Action, Actor, Entry, Event};
use crate::bank::{Bank, Slug};
use crate::clock::{Clock, Timestamp};
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Refusal, Result};
use crate::id::{TeamId, UserId};
use crate::revision::Seen;

/// Most teams that a person belongs to.
const TEAMS_MAX: i64 = 50;
/// Most members of a team.
pub(super) const MEMBERS_MAX: i64 = 200;

/// Hiring teams and their members. Cheap to clone.
#[derive(Clone)]
pub struct Teams {
    pub(super) db: Db,
    pub(super) clock: Clock,
    bank: Bank,
}

impl Teams {
    /// Teams in a database, none of which has the name of a topic of the bank.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, bank: Bank) -> Self {
        Self { db, clock, bank }
    }

    /// Makes a team, whose only member is the person who makes it, as its owner.
    ///
    /// # Errors
    /// 409 `slug_taken` when a team or a topic has the slug, 409 `too_many_teams` when the person belongs to 50; 500 `internal`
    /// when the database fails.
    pub async fn make(&self, by: UserId, new: NewTeam) -> Result<Team> {
        self.check_slug(&new.slug)?;
        let now = self.clock.now();
        self.db
            .write(move |c| {
                check_count(c, by)?;
                let team = insert(c, new.slug.as_str(), &new.name, now)?.ok_or_else(|| slug_taken(&new.slug))?;
                let access = Access { team, user: by, role: Role::Owner };
                store::join(c, team, by, Role::Owner, now)?;
                audit::store::append(c, &access.event(now, Action::TeamMade, team.as_str()))?;
                store::team(c, access).map_err(Error::from)
            })
            .await
    }

    /// Makes a person an owner of a team, and makes the team where there is none: an operator's tool.
    ///
    /// # Errors
    /// 409 `slug_taken` when a topic has the slug; 500 `internal` when the database fails.
    pub async fn make_owner(&self, team: Slug, user: UserId) -> Result<()> {
        self.check_slug(&team)?;
        let now = self.clock.now();
        self.db.write(move |c| make_owner(c, &team, user, now)).await
    }

    /// The names of a team's questions begin with its slug, as those of the bank begin with their topic.
    fn check_slug(&self, slug: &Slug) -> Result<()> {
        if self.bank.topic(slug).is_some() { Err(slug_taken(slug).into()) } else { Ok(()) }
    }

    /// Whether any team has an owner.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn have_an_owner(&self) -> Result<bool> {
        Ok(self.db.read(store::have_an_owner).await?)
    }

    /// The teams that a person belongs to, by slug: at most `rows` of those after the slug `after`.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn memberships(&self, user: UserId, after: Option<String>, rows: i64) -> Result<Vec<Membership>> {
        Ok(self.db.read(move |c| store::memberships(c, user, after.as_deref(), rows)).await?)
    }

    /// All teams that a person belongs to, by slug.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn all_memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        self.memberships(user, None, TEAMS_MAX).await
    }

    /// A team, for one of its members.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member; 500 `internal` when the database fails.
    pub async fn find(&self, by: UserId, team: TeamRef) -> Result<Team> {
        self.db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Reviewer)?;
                store::team(c, access).map_err(Error::from)
            })
            .await
    }

    /// Changes the name or the settings of a team.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` when the person is no owner, 412
    /// `changed_meanwhile` when the team is no longer as the person has seen it; 500 `internal` when the database fails.
    pub(crate) async fn change(&self, by: UserId, team: TeamRef, seen: Seen, change: TeamChange) -> Result<Team> {
        let now = self.clock.now();
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Owner)?;
                seen.check(store::team(c, access)?.revision)?;
                store::change(c, access.team, &change)?;
                let TeamChange { name, retention_days } = &change;
                let mut event = access.event(now, Action::TeamChanged, access.team.as_str());
                event.detail = json!({ "name": name, "retention_days": retention_days });
                audit::store::append(c, &event)?;
                store::team(c, access).map_err(Error::from)
            })
            .await
    }

    /// A team's members by their ids: at most `rows` of those after `after`.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member; 500 `internal` when the database fails.
    pub async fn members(&self, by: UserId, team: TeamRef, after: Option<String>, rows: i64) -> Result<Vec<Member>> {
        self.db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Reviewer)?;
                store::members(c, access.team, after.as_deref(), rows).map_err(Error::from)
            })
            .await
    }

    /// All members of a team, by their ids.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member; 500 `internal` when the database fails.
    pub async fn all_members(&self, by: UserId, team: TeamRef) -> Result<Vec<Member>> {
        self.members(by, team, None, MEMBERS_MAX).await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or member, or the person is no member, 403 `role_required` when the person is no
    /// owner, 409 `last_owner` when nobody would own the team; 500 `internal` when the database fails.
    pub async fn set_role(&self, by: UserId, team: TeamRef, user: UserId, role: Role) -> Result<Member> {
        let now = self.clock.now();
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Owner)?;
                let before = store::role(c, access.team, user)?.ok_or_else(|| Refusal::not_found("member"))?;
                if before != role {
                    check_not_last_owner(c, access.team, before)?;
                    store::join(c, access.team, user, role, now)?;
                    let mut event = access.event(now, Action::MemberRoleChanged, user.as_str());
                    event.detail = json!({ "from": before, "to": role });
                    audit::store::append(c, &event)?;
                }
                let member = store::member(c, access.team, user)?;
                member.ok_or_else(|| Refusal::not_found("member").into())
            })
            .await
    }

    /// Removes a member. An owner may remove anybody, and everybody themselves.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or member, or the person is no member, 403 `role_required` when the person is no
    /// owner and removes another, 409 `last_owner` when nobody would own the team; 500 `internal` when the database fails.
    pub async fn remove(&self, by: UserId, team: TeamRef, user: UserId) -> Result<()> {
        let now = self.clock.now();
        let least = if by == user { Role::Reviewer } else { Role::Owner };
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, least)?;
                let role = store::role(c, access.team, user)?.ok_or_else(|| Refusal::not_found("member"))?;
                check_not_last_owner(c, access.team, role)?;
                leave(c, &access, user, now)
            })
            .await
    }

    /// A team's audit log, the newest entry first: at most `rows` of those before the place `before`.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` when the person is no owner; 500
    /// `internal` when the database fails.
    pub async fn audit(&self, by: UserId, team: TeamRef, before: Option<i64>, rows: i64) -> Result<Vec<Entry>> {
        self.db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Owner)?;
                audit::store::list(c, access.team, before, rows).map_err(Error::from)
            })
            .await
    }
}

/// Ends all memberships of a person whose account is erased. A team that has nobody else goes with them; one that has others must have
/// another owner.
///
/// # Errors
/// 409 `last_owner` when a team with other members would have no owner; 500 `internal` when the database fails.
pub(crate) fn leave_all(c: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<()> {
    for Membership { id: team, role, .. } in store::memberships(c, user, None, i64::MAX)? {
        let (members, _) = store::count(c, team)?;
        if members == 1 {
            store::delete(c, team)?;
            continue;
        }
        check_not_last_owner(c, team, role)?;
        leave(c, &Access { team, user, role }, user, now)?;
    }
    Ok(())
}

fn leave(c: &mut AnyConnection, access: &Access, user: UserId, now: Timestamp) -> Result<()> {
    store::leave(c, access.team, user)?;
    audit::store::append(c, &access.event(now, Action::MemberRemoved, user.as_str())).map_err(Error::from)
}

fn make_owner(c: &mut AnyConnection, slug: &Slug, user: UserId, now: Timestamp) -> Result<()> {
    let team = match store::by_slug(c, slug.as_str())? {
        Some(team) => team,
        None => {
            let team = insert(c, slug.as_str(), slug.as_str(), now)?.ok_or_else(|| slug_taken(slug))?;
            append_as_operator(c, team, Action::TeamMade, team.as_str(), now)?;
            team
        }
    };
    store::join(c, team, user, Role::Owner, now)?;
    append_as_operator(c, team, Action::MemberJoined, user.as_str(), now)
}

fn append_as_operator(c: &mut AnyConnection, team: TeamId, action: Action, subject: &str, at: Timestamp) -> Result<()> {
    let detail = json!({ "role": Role::Owner });
    audit::store::append(c, &Event { team, at, actor: Actor::Operator, action, subject, detail }).map_err(Error::from)
}

/// Adds a team and says its id; `None` when another team has the slug.
fn insert(c: &mut AnyConnection, slug: &str, name: &str, created_at: Timestamp) -> Result<Option<TeamId>> {
    let id = TeamId::new();
    let fresh = store::insert(c, &NewTeamRow { id, slug, name, created_at })?;
    Ok(fresh.then_some(id))
}

/// Refuses what would make somebody a member of too many teams.
///
/// # Errors
/// 409 `too_many_teams`; 500 `internal` when the database fails.
pub(super) fn check_count(c: &mut AnyConnection, user: UserId) -> Result<()> {
    if store::count_of(c, user)? < TEAMS_MAX {
        return Ok(());
    }
    let detail = "you belong to 50 teams, the most there can be: leave one first";
    Err(Refusal::conflict("too_many_teams", detail).into())
}

fn check_not_last_owner(c: &mut AnyConnection, team: TeamId, role: Role) -> Result<()> {
    let (_, owners) = store::count(c, team)?;
    if role != Role::Owner || owners > 1 {
        return Ok(());
    }
    Err(Refusal::conflict("last_owner", "the team would have no owner: make another member its owner first").into())
}

fn slug_taken(slug: &Slug) -> Refusal {
    Refusal::conflict("slug_taken", format!("\"{slug}\" is taken: choose another short name"))
}
