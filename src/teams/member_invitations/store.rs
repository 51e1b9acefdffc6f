//! Invitations of members in the database, each with the hash of its link.

use diesel::prelude::*;

use super::MemberInvitation;
use crate::clock::Timestamp;
use crate::db::schema::{member_invitations as invitations, teams};
use crate::db::{AnyConnection, Result};
use crate::id::{MemberInvitationId, TeamId};
use crate::teams::Role;

/// How many invitations of a team are good.
pub(super) fn count(connection: &mut AnyConnection, team: TeamId, now: Timestamp) -> Result<i64> {
    let good = invitations::table.filter(invitations::team_id.eq(team)).filter(invitations::expires_at.gt(now));
    Ok(good.count().get_result(connection)?)
}

/// Whether there is an invitation of this id, whatever team it is of.
pub(super) fn exists(connection: &mut AnyConnection, id: MemberInvitationId) -> Result<bool> {
    Ok(invitations::table.find(id).count().get_result::<i64>(connection)? > 0)
}

/// Adds an invitation to a team.
pub(super) fn insert(
    connection: &mut AnyConnection,
    team: TeamId,
    new: &MemberInvitation,
    token_hash: &str,
) -> Result<()> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(new.id),
            invitations::team_id.eq(team),
            invitations::role.eq(new.role),
            invitations::email.eq(&new.email),
            invitations::token_hash.eq(token_hash),
            invitations::created_at.eq(new.created_at),
            invitations::expires_at.eq(new.expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// A team's invitations that are good, by their ids: at most `rows` of those after `after`.
pub(super) fn list(
    connection: &mut AnyConnection,
    team: TeamId,
    now: Timestamp,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<MemberInvitation>> {
    let mut found = invitations::table
        .filter(invitations::team_id.eq(team))
        .filter(invitations::expires_at.gt(now))
        .order(invitations::id)
        .limit(rows)
        .select(INVITATION)
        .into_boxed();
    if let Some(after) = after {
        found = found.filter(invitations::id.gt(after));
    }
    let found: Vec<Columns> = found.load(connection)?;
    Ok(found.into_iter().map(read).collect())
}

/// The invitation with this hash, its team and that team's name, unless it has ended.
pub(super) fn good(
    connection: &mut AnyConnection,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<(MemberInvitation, TeamId, String)>> {
    let found: Option<(Columns, TeamId, String)> = invitations::table
        .inner_join(teams::table)
        .filter(invitations::token_hash.eq(token_hash))
        .filter(invitations::expires_at.gt(now))
        .select((INVITATION, teams::id, teams::name))
        .first(connection)
        .optional()?;
    Ok(found.map(|(columns, team, name)| (read(columns), team, name)))
}

/// Removes an invitation of a team; `false` when there is none.
pub(super) fn delete(connection: &mut AnyConnection, team: TeamId, id: MemberInvitationId) -> Result<bool> {
    let one = invitations::table.find(id).filter(invitations::team_id.eq(team));
    Ok(diesel::delete(one).execute(connection)? > 0)
}

/// Removes invitations that have ended, and says how many.
pub(super) fn delete_expired(connection: &mut AnyConnection, now: Timestamp) -> Result<usize> {
    Ok(diesel::delete(invitations::table.filter(invitations::expires_at.le(now))).execute(connection)?)
}

type Columns = (MemberInvitationId, Role, Option<String>, Timestamp, Timestamp);
const INVITATION: (
    invitations::id,
    invitations::role,
    invitations::email,
    invitations::created_at,
    invitations::expires_at,
) = (invitations::id, invitations::role, invitations::email, invitations::created_at, invitations::expires_at);

fn read((id, role, email, created_at, expires_at): Columns) -> MemberInvitation {
    MemberInvitation { id, role, email, created_at, expires_at }
}
