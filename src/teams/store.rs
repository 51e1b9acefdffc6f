//! Teams and their members in the database.

use diesel::prelude::*;

use super::{Membership, Role, Slug};
use crate::clock::Timestamp;
use crate::db::schema::{members, teams};
use crate::db::{AnyConnection, Result, each_database};
use crate::id::{TeamId, UserId};

/// Makes a person a member of a team in a role, in place of the role that the person had; makes the team where it is
/// not there yet.
///
/// # Errors
/// When the database fails.
pub(super) fn join(
    connection: &mut AnyConnection,
    team: &Slug,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<TeamId> {
    let known = teams::table.filter(teams::slug.eq(team.as_str())).select(teams::id);
    let id = match known.first::<TeamId>(connection).optional()? {
        Some(id) => id,
        None => insert(connection, team, now)?,
    };
    let member = (members::team_id.eq(id), members::user_id.eq(user), members::role.eq(role));
    each_database!(connection, c => diesel::insert_into(members::table)
        .values(member)
        .on_conflict((members::team_id, members::user_id))
        .do_update()
        .set(members::role.eq(role))
        .execute(c))?;
    Ok(id)
}

/// The teams that a person belongs to, by slug.
///
/// # Errors
/// When the database fails.
pub(super) fn memberships(connection: &mut AnyConnection, user: UserId) -> Result<Vec<Membership>> {
    let rows: Vec<(String, String, Role)> = members::table
        .inner_join(teams::table)
        .filter(members::user_id.eq(user))
        .order(teams::slug)
        .select((teams::slug, teams::name, members::role))
        .load(connection)?;
    Ok(rows.into_iter().map(|(slug, name, role)| Membership { slug, name, role }).collect())
}

/// Whether any team has an owner.
///
/// # Errors
/// When the database fails.
pub(super) fn have_an_owner(connection: &mut AnyConnection) -> Result<bool> {
    let owners = members::table.filter(members::role.eq(Role::Owner));
    Ok(owners.count().get_result::<i64>(connection)? > 0)
}

fn insert(connection: &mut AnyConnection, team: &Slug, now: Timestamp) -> Result<TeamId> {
    let id = TeamId::new();
    diesel::insert_into(teams::table)
        .values((
            teams::id.eq(id),
            teams::slug.eq(team.as_str()),
            teams::name.eq(team.as_str()),
            teams::created_at.eq(now),
        ))
        .execute(connection)?;
    Ok(id)
}
