//! Who is let into a team.

use super::access::Access;
use super::{Role, TeamRef, store};
use crate::db::AnyConnection;
use crate::error::{Refusal, Result};
use crate::id::UserId;

/// The access of somebody to a team, if their role covers `least`.
///
/// # Errors
/// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` when the role doesn't cover it; 500
/// `internal` when the database fails.
pub(crate) fn authorize(c: &mut AnyConnection, user: UserId, team: &TeamRef, least: Role) -> Result<Access> {
    let access = store::access(c, user, team)?.ok_or_else(|| Refusal::not_found("team"))?;
    access.require(least)?;
    Ok(access)
}
