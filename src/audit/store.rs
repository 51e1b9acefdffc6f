//! Audit logs in the database.

use diesel::prelude::*;

use super::chain::Link;
use super::{Entry, Event};
use crate::clock::Timestamp;
use crate::db::schema::audit_entries as entries;
use crate::db::{AnyConnection, Error, Result};
use crate::id::TeamId;

/// An entry as it is kept.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = entries)]
pub(super) struct Row {
    pub(super) team_id: String,
    pub(super) seq: i64,
    pub(super) at: Timestamp,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) subject: String,
    pub(super) detail: String,
    pub(super) hash: String,
}

impl Row {
    /// What the hash of this entry has to cover.
    pub(super) fn link(&self) -> Link<'_> {
        Link {
            team: &self.team_id,
            seq: self.seq,
            at: self.at,
            actor: &self.actor,
            action: &self.action,
            subject: &self.subject,
            detail: &self.detail,
        }
    }

    fn entry(self) -> Result<Entry> {
        let detail = serde_json::from_str(&self.detail).map_err(|error| Error::corrupt("an audit entry", error))?;
        let Self { seq, at, actor, action, subject, hash, .. } = self;
        Ok(Entry { seq, at, actor, action, subject, detail, hash })
    }
}

/// Adds an entry behind the last one of its team. It has to be part of the transaction that does what the entry tells.
///
/// # Errors
/// When the database fails.
pub(crate) fn append(connection: &mut AnyConnection, event: &Event<'_>) -> Result<()> {
    let last = entries::table.filter(entries::team_id.eq(event.team)).order(entries::seq.desc());
    let last: Option<(i64, String)> = last.select((entries::seq, entries::hash)).first(connection).optional()?;
    let (seq, before) = last.unwrap_or_default();
    let mut row = Row {
        team_id: event.team.to_string(),
        seq: seq + 1,
        at: event.at,
        actor: event.actor.as_str().to_owned(),
        action: event.action.to_string(),
        subject: event.subject.to_owned(),
        detail: event.detail.to_string(),
        hash: String::new(),
    };
    row.hash = row.link().hash(&before);
    diesel::insert_into(entries::table).values(&row).execute(connection)?;
    Ok(())
}

/// A team's entries, the newest first: at most `rows` of those before `before`.
///
/// # Errors
/// When the database fails or an entry can't be read back.
pub(crate) fn list(connection: &mut AnyConnection, team: TeamId, before: Option<i64>, rows: i64) -> Result<Vec<Entry>> {
    let mut found =
        entries::table.filter(entries::team_id.eq(team)).order(entries::seq.desc()).limit(rows).into_boxed();
    if let Some(before) = before {
        found = found.filter(entries::seq.lt(before));
    }
    let found: Vec<Row> = found.select(Row::as_select()).load(connection)?;
    found.into_iter().map(Row::entry).collect()
}

/// Entries of all teams as they are kept, team by team and in their order: at most `rows` of those after `after`.
///
/// # Errors
/// When the database fails.
pub(super) fn after(connection: &mut AnyConnection, after: Option<&(String, i64)>, rows: i64) -> Result<Vec<Row>> {
    let mut found = entries::table.order((entries::team_id, entries::seq)).limit(rows).into_boxed();
    if let Some((team, seq)) = after {
        let same_team = entries::team_id.eq(team).and(entries::seq.gt(*seq));
        found = found.filter(entries::team_id.gt(team).or(same_team));
    }
    Ok(found.select(Row::as_select()).load(connection)?)
}
