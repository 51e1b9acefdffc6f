//! Questions and prompts of teams in the database, and all versions of them.

use diesel::prelude::*;

use super::{ItemVersion, Kind, State, Summary};
use crate::bank::{QuestionId, Slug};
use crate::clock::Timestamp;
use crate::db::schema::{team_material as items, team_material_versions as versions, teams};
use crate::db::{AnyConnection, Error, Result};
use crate::id::TeamId;

/// Which item of which team.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) team: TeamId,
    pub(super) kind: Kind,
    pub(super) slug: Slug,
}

/// An item as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = items, treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) team_id: TeamId,
    pub(super) kind: Kind,
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) state: State,
    /// The version in force.
    pub(super) number: Option<i32>,
    pub(super) draft: Option<String>,
    pub(super) revision: i64,
    pub(super) changed_at: Timestamp,
}

/// A source that is or was in force.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = versions)]
pub(super) struct VersionRow {
    pub(super) team_id: TeamId,
    pub(super) kind: Kind,
    pub(super) slug: String,
    pub(super) number: i32,
    pub(super) version: String,
    pub(super) source: String,
    pub(super) made_at: Timestamp,
}

impl Row {
    /// The item in a list, with the hash of the version in force.
    pub(super) fn summary(self, team: &Slug, version: Option<String>) -> Result<Summary> {
        let slug = self.slug.parse().map_err(|error| Error::corrupt("an item of a team", error))?;
        Ok(Summary {
            id: QuestionId::new(team.clone(), slug),
            title: self.title,
            state: self.state,
            version,
            has_draft: self.draft.is_some(),
            changed_at: self.changed_at,
            revision: self.revision,
        })
    }
}

/// The slug of a team.
pub(super) fn team_slug(connection: &mut AnyConnection, team: TeamId) -> Result<Slug> {
    let slug: String = teams::table.find(team).select(teams::slug).first(connection)?;
    slug.parse().map_err(|error| Error::corrupt("the slug of a team", error))
}

/// How many items of a kind a team has.
pub(super) fn count(connection: &mut AnyConnection, team: TeamId, kind: Kind) -> Result<i64> {
    let all = items::table.filter(items::team_id.eq(team)).filter(items::kind.eq(kind));
    Ok(all.count().get_result(connection)?)
}

/// The item at a place, if there is one.
pub(super) fn find(connection: &mut AnyConnection, place: &Place) -> Result<Option<Row>> {
    let one = items::table.find((place.team, place.kind, place.slug.as_str()));
    Ok(one.select(Row::as_select()).first(connection).optional()?)
}

/// Adds an item that is new.
pub(super) fn insert(connection: &mut AnyConnection, row: &Row) -> Result<()> {
    diesel::insert_into(items::table).values(row).execute(connection)?;
    Ok(())
}

/// Puts a row in the place of the one that is there.
pub(super) fn update(connection: &mut AnyConnection, place: &Place, row: &Row) -> Result<()> {
    let one = items::table.find((place.team, place.kind, place.slug.as_str()));
    diesel::update(one).set(row).execute(connection)?;
    Ok(())
}

/// Adds a version, which is never changed.
pub(super) fn insert_version(connection: &mut AnyConnection, row: &VersionRow) -> Result<()> {
    diesel::insert_into(versions::table).values(row).execute(connection)?;
    Ok(())
}

/// A version of an item.
pub(super) fn version(connection: &mut AnyConnection, place: &Place, number: i32) -> Result<Option<VersionRow>> {
    let one = versions::table.find((place.team, place.kind, place.slug.as_str(), number));
    Ok(one.select(VersionRow::as_select()).first(connection).optional()?)
}

/// All versions of an item, the newest first.
pub(super) fn versions(connection: &mut AnyConnection, place: &Place) -> Result<Vec<ItemVersion>> {
    let rows: Vec<(i32, String, Timestamp)> = versions::table
        .filter(versions::team_id.eq(place.team))
        .filter(versions::kind.eq(place.kind))
        .filter(versions::slug.eq(place.slug.as_str()))
        .order(versions::number.desc())
        .select((versions::number, versions::version, versions::made_at))
        .load(connection)?;
    Ok(rows.into_iter().map(|(number, version, made_at)| ItemVersion { number, version, made_at }).collect())
}

/// The versions of a team's items that sets can ask.
pub(super) fn in_force(connection: &mut AnyConnection, team: TeamId) -> Result<Vec<VersionRow>> {
    let same_item = versions::team_id
        .eq(items::team_id)
        .and(versions::kind.eq(items::kind))
        .and(versions::slug.eq(items::slug))
        .and(versions::number.nullable().eq(items::number));
    let rows = items::table
        .inner_join(versions::table.on(same_item))
        .filter(items::team_id.eq(team))
        .filter(items::state.eq(State::Ready))
        .order((items::kind, items::slug))
        .select(VersionRow::as_select());
    Ok(rows.load(connection)?)
}

/// A team's items of a kind, by slug, each with the hash of the version in force: at most `rows` of those after `after`.
pub(super) fn list(
    connection: &mut AnyConnection,
    team: TeamId,
    kind: Kind,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<(Row, Option<String>)>> {
    let in_force = versions::team_id
        .eq(items::team_id)
        .and(versions::kind.eq(items::kind))
        .and(versions::slug.eq(items::slug))
        .and(versions::number.nullable().eq(items::number));
    let mut found = items::table
        .left_join(versions::table.on(in_force))
        .filter(items::team_id.eq(team))
        .filter(items::kind.eq(kind))
        .order(items::slug)
        .limit(rows)
        .select((Row::as_select(), versions::version.nullable()))
        .into_boxed();
    if let Some(after) = after {
        found = found.filter(items::slug.gt(after));
    }
    Ok(found.load(connection)?)
}
