//! Sets of teams in the database, and the versions that were published.

use diesel::prelude::*;

use super::team_set::{State, TeamSetSummary};
use crate::clock::Timestamp;
use crate::db::schema::{team_set_versions as versions, team_sets as sets};
use crate::db::{AnyConnection, Result};
use crate::id::{SetId, TeamId};

/// A set as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sets)]
pub(super) struct Row {
    pub(super) id: SetId,
    pub(super) team_id: TeamId,
    pub(super) title: String,
    pub(super) definition: String,
    /// The last version that was published, 0 before the first.
    pub(super) number: i32,
    /// 1 where the draft differs from that version.
    pub(super) edited: i32,
    pub(super) revision: i64,
    pub(super) created_at: Timestamp,
    pub(super) changed_at: Timestamp,
}

/// A version that was published.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = versions)]
pub(super) struct VersionRow {
    pub(super) set_id: SetId,
    pub(super) number: i32,
    pub(super) definition: String,
    pub(super) material: String,
    pub(super) published_at: Timestamp,
}

impl Row {
    /// Where the set stands.
    pub(super) const fn state(&self) -> State {
        match (self.number, self.edited) {
            (0, _) => State::Draft,
            (_, 0) => State::Published,
            _ => State::Edited,
        }
    }

    /// The set in a list.
    pub(super) fn summary(self) -> TeamSetSummary {
        let state = self.state();
        TeamSetSummary { id: self.id, title: self.title, version: self.number, state, changed_at: self.changed_at }
    }
}

/// How many sets a team has.
pub(super) fn count(connection: &mut AnyConnection, team: TeamId) -> Result<i64> {
    Ok(sets::table.filter(sets::team_id.eq(team)).count().get_result(connection)?)
}

/// Adds a set that is new.
pub(super) fn insert(connection: &mut AnyConnection, row: &Row) -> Result<()> {
    diesel::insert_into(sets::table).values(row).execute(connection)?;
    Ok(())
}

/// Puts a row in the place of the one that is there.
pub(super) fn update(connection: &mut AnyConnection, row: &Row) -> Result<()> {
    diesel::update(sets::table.find(row.id)).set(row).execute(connection)?;
    Ok(())
}

/// The set with this id, whichever team's it is.
pub(super) fn find(connection: &mut AnyConnection, id: SetId) -> Result<Option<Row>> {
    Ok(sets::table.find(id).select(Row::as_select()).first(connection).optional()?)
}

/// A team's sets, by their ids: at most `rows` of those after `after`.
pub(super) fn list(connection: &mut AnyConnection, team: TeamId, after: Option<&str>, rows: i64) -> Result<Vec<Row>> {
    let mut found = sets::table.filter(sets::team_id.eq(team)).order(sets::id).limit(rows).into_boxed();
    if let Some(after) = after {
        found = found.filter(sets::id.gt(after));
    }
    Ok(found.select(Row::as_select()).load(connection)?)
}

/// Adds a version, which never changes.
pub(super) fn insert_version(connection: &mut AnyConnection, row: &VersionRow) -> Result<()> {
    diesel::insert_into(versions::table).values(row).execute(connection)?;
    Ok(())
}

/// A version that was published.
pub(super) fn version(connection: &mut AnyConnection, id: SetId, number: i32) -> Result<Option<VersionRow>> {
    Ok(versions::table.find((id, number)).select(VersionRow::as_select()).first(connection).optional()?)
}
