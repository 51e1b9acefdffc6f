//! Teams and their members in the database.

use diesel::prelude::*;

use super::access::Access;
use super::{Member, Membership, Role, Team, TeamChange, TeamRef};
use crate::clock::Timestamp;
use crate::db::schema::{members, teams, users};
use crate::db::{AnyConnection, Result, each_database, is_unique_violation};
use crate::id::{TeamId, UserId};

/// A team that is to be stored.
#[derive(Insertable)]
#[diesel(table_name = teams)]
pub(super) struct NewTeamRow<'r> {
    pub(super) id: TeamId,
    pub(super) slug: &'r str,
    pub(super) name: &'r str,
    pub(super) created_at: Timestamp,
}

/// Adds a team; `false` when its slug is another team's.
pub(super) fn insert(connection: &mut AnyConnection, team: &NewTeamRow<'_>) -> Result<bool> {
    match diesel::insert_into(teams::table).values(team).execute(connection) {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The id of the team with a slug.
pub(super) fn by_slug(connection: &mut AnyConnection, slug: &str) -> Result<Option<TeamId>> {
    Ok(teams::table.filter(teams::slug.eq(slug)).select(teams::id).first(connection).optional()?)
}

/// What a person may do in a team; `None` when there is no such team or the person is no member.
pub(super) fn access(connection: &mut AnyConnection, user: UserId, team: &TeamRef) -> Result<Option<Access>> {
    let mut found = members::table.inner_join(teams::table).filter(members::user_id.eq(user)).into_boxed();
    found = match team {
        TeamRef::Slug(slug) => found.filter(teams::slug.eq(slug.as_str())),
        TeamRef::Id(id) => found.filter(teams::id.eq(*id)),
    };
    let found: Option<(TeamId, Role)> = found.select((teams::id, members::role)).first(connection).optional()?;
    Ok(found.map(|(team, role)| Access { team, user, role }))
}

/// A team as a member of this role sees it.
pub(super) fn team(connection: &mut AnyConnection, access: Access) -> Result<Team> {
    let columns = (teams::slug, teams::name, teams::retention_days, teams::created_at, teams::revision);
    let (slug, name, retention_days, created_at, revision) =
        teams::table.find(access.team).select(columns).first(connection)?;
    Ok(Team { id: access.team, slug, name, retention_days, created_at, role: access.role, revision })
}

/// Changes what is named of a team, and counts its revision up.
pub(super) fn change(connection: &mut AnyConnection, team: TeamId, change: &TeamChange) -> Result<()> {
    let one = teams::table.find(team);
    diesel::update(one).set(teams::revision.eq(teams::revision + 1)).execute(connection)?;
    if let Some(name) = &change.name {
        diesel::update(one).set(teams::name.eq(name)).execute(connection)?;
    }
    if let Some(days) = change.retention_days {
        diesel::update(one).set(teams::retention_days.eq(days)).execute(connection)?;
    }
    Ok(())
}

/// Removes a team with everything that belongs to it.
pub(super) fn delete(connection: &mut AnyConnection, team: TeamId) -> Result<()> {
    diesel::delete(teams::table.find(team)).execute(connection)?;
    Ok(())
}

/// Makes a person a member of a team in a role, in place of the role that the person had.
pub(super) fn join(
    connection: &mut AnyConnection,
    team: TeamId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<()> {
    let member =
        (members::team_id.eq(team), members::user_id.eq(user), members::role.eq(role), members::joined_at.eq(now));
    each_database!(connection, c => diesel::insert_into(members::table)
        .values(member)
        .on_conflict((members::team_id, members::user_id))
        .do_update()
        .set(members::role.eq(role))
        .execute(c))?;
    Ok(())
}

/// Ends a membership; `false` when there was none.
pub(super) fn leave(connection: &mut AnyConnection, team: TeamId, user: UserId) -> Result<bool> {
    Ok(diesel::delete(members::table.find((team, user))).execute(connection)? > 0)
}

/// What a member may do.
pub(super) fn role(connection: &mut AnyConnection, team: TeamId, user: UserId) -> Result<Option<Role>> {
    Ok(members::table.find((team, user)).select(members::role).first(connection).optional()?)
}

/// How many members a team has, and how many of them are owners.
pub(super) fn count(connection: &mut AnyConnection, team: TeamId) -> Result<(i64, i64)> {
    let all = members::table.filter(members::team_id.eq(team));
    let owners = all.filter(members::role.eq(Role::Owner)).count().get_result(connection)?;
    Ok((all.count().get_result(connection)?, owners))
}

/// How many teams a person belongs to.
pub(super) fn count_of(connection: &mut AnyConnection, user: UserId) -> Result<i64> {
    Ok(members::table.filter(members::user_id.eq(user)).count().get_result(connection)?)
}

/// A team's members by their ids: at most `rows` of those after `after`.
pub(super) fn members(
    connection: &mut AnyConnection,
    team: TeamId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<Member>> {
    let mut found = members::table
        .inner_join(users::table)
        .filter(members::team_id.eq(team))
        .order(users::id)
        .limit(rows)
        .into_boxed();
    if let Some(after) = after {
        found = found.filter(users::id.gt(after));
    }
    let found: Vec<MemberColumns> = found.select(MEMBER).load(connection)?;
    Ok(found.into_iter().map(read_member).collect())
}

/// One member of a team.
pub(super) fn member(connection: &mut AnyConnection, team: TeamId, user: UserId) -> Result<Option<Member>> {
    let found = members::table.inner_join(users::table).filter(members::team_id.eq(team));
    let found = found.filter(users::id.eq(user)).select(MEMBER).first(connection).optional()?;
    Ok(found.map(read_member))
}

type MemberColumns = (UserId, String, String, Role, Timestamp);
const MEMBER: (users::id, users::display_name, users::email, members::role, members::joined_at) =
    (users::id, users::display_name, users::email, members::role, members::joined_at);

fn read_member((user, display_name, email, role, joined_at): MemberColumns) -> Member {
    Member { user, display_name, email, role, joined_at }
}

/// The teams that a person belongs to, by slug: at most `rows` of those after `after`.
pub(super) fn memberships(
    connection: &mut AnyConnection,
    user: UserId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<Membership>> {
    let mut found = members::table
        .inner_join(teams::table)
        .filter(members::user_id.eq(user))
        .order(teams::slug)
        .limit(rows)
        .select((teams::id, teams::slug, teams::name, members::role))
        .into_boxed();
    if let Some(after) = after {
        found = found.filter(teams::slug.gt(after));
    }
    let found: Vec<(TeamId, String, String, Role)> = found.load(connection)?;
    Ok(found.into_iter().map(|(id, slug, name, role)| Membership { id, slug, name, role }).collect())
}

/// Whether any team has an owner.
pub(super) fn have_an_owner(connection: &mut AnyConnection) -> Result<bool> {
    let owners = members::table.filter(members::role.eq(Role::Owner));
    Ok(owners.count().get_result::<i64>(connection)? > 0)
}
