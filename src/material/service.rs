//! Questions and prompts of teams: kept, put in force, copied, retired.

use serde_json::json;

use super::parsed::Parsed;
use super::store::{self, Place, Row, VersionRow};
use super::{
    CopyRequest, ITEMS_MAX, Item, Kind, Outcome, PreviewRequest, SOURCE_MAX_CHARS, SourceRequest, State, Summary,
};
use crate::audit::{self, Action};
use crate::bank::{Bank, QuestionId, Slug, title_from_slug};
use crate::clock::{Clock, Timestamp};
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Refusal, Result};
use crate::id::UserId;
use crate::revision::{self, Seen};
use crate::teams::access::Access;
use crate::teams::authorize::authorize;
use crate::teams::{Role, TeamRef};

/// Questions and prompts of teams. Cheap to clone.
#[derive(Clone)]
pub struct Material {
    db: Db,
    clock: Clock,
    bank: Bank,
}

/// A source that was kept.
#[derive(Debug)]
pub(crate) struct Put {
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// Whether the item is new.
    pub(crate) is_new: bool,
}

impl Material {
    /// Material in a database, by the rules and the misconceptions of a bank.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, bank: Bank) -> Self {
        Self { db, clock, bank }
    }

    /// Puts a source in force, or keeps it as a draft. The same source again changes nothing.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` for a reviewer, 412
    /// `changed_meanwhile` and 428 `if_match_missing` as [`revision::check_write`] says, 409 `too_many_items` when the team has
    /// 2,000; 422 `invalid` with all mistakes of a source that is to be in force; 500 `internal` when the database fails.
    pub(crate) async fn put(
        &self,
        by: UserId,
        team: TeamRef,
        (kind, slug): (Kind, Slug),
        seen: Option<Seen>,
        request: SourceRequest,
    ) -> Result<Put> {
        let SourceRequest { source, draft } = request;
        check_size(&source)?;
        let (now, bank) = (self.clock.now(), self.bank.clone());
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Author)?;
                let place = Place { team: access.team, kind, slug: slug.clone() };
                let edit = Edit { bank: &bank, access, place, now };
                if draft { edit.keep_draft(c, seen, &source) } else { edit.put_in_force(c, seen, &source) }
            })
            .await
    }

    /// Makes an item of what everybody may see of the bank, and puts it in force.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or nothing to copy, or the person is no member, 403 `role_required` for a reviewer,
    /// 409 `item_exists` when the team has an item of that name, `too_many_items` when it has 2,000; 500 `internal` when the
    /// database fails.
    pub(crate) async fn copy(
        &self,
        by: UserId,
        team: TeamRef,
        (kind, slug): (Kind, Slug),
        request: CopyRequest,
    ) -> Result<Outcome> {
        let source = self.source_of(kind, &request.from)?;
        let (now, bank) = (self.clock.now(), self.bank.clone());
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Author)?;
                let place = Place { team: access.team, kind, slug: slug.clone() };
                if store::find(c, &place)?.is_some() {
                    return Err(item_exists(&slug).into());
                }
                let put = Edit { bank: &bank, access, place, now }.put_in_force(c, None, &source)?;
                Ok(put.outcome)
            })
            .await
    }

    /// The source of something that everybody may see.
    fn source_of(&self, kind: Kind, from: &QuestionId) -> Result<String> {
        let source = match kind {
            Kind::Question => self.bank.question(from).map(|question| question.source().to_owned()),
            Kind::Prompt => self.bank.prompt(from).map(|prompt| prompt.source.clone()),
        };
        source.ok_or_else(|| Refusal::not_found(kind.as_str()).into())
    }

    /// Takes an item out of use: no further set can name or draw it. A source that is put in force later brings it back.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or item, or the person is no member, 403 `role_required` for a reviewer, 412
    /// `changed_meanwhile` when the item is no longer as the person has seen it; 500 `internal` when the database fails.
    pub(crate) async fn retire(&self, by: UserId, team: TeamRef, (kind, slug): (Kind, Slug), seen: Seen) -> Result<()> {
        let now = self.clock.now();
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Author)?;
                let place = Place { team: access.team, kind, slug: slug.clone() };
                let row = store::find(c, &place)?.ok_or_else(|| Refusal::not_found(kind.as_str()))?;
                seen.check(row.revision)?;
                let retired = Row { state: State::Retired, revision: row.revision + 1, changed_at: now, ..row };
                store::update(c, &place, &retired)?;
                audit::store::append(c, &event(&access, &place, now, Action::MaterialRetired, None))
                    .map_err(Error::from)
            })
            .await
    }

    /// An item with its source, for its team.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or item, or the person is no member; 500 `internal` when the database fails.
    pub(crate) async fn find(&self, by: UserId, team: TeamRef, (kind, slug): (Kind, Slug)) -> Result<Item> {
        self.db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Reviewer)?;
                let place = Place { team: access.team, kind, slug: slug.clone() };
                let row = store::find(c, &place)?.ok_or_else(|| Refusal::not_found(kind.as_str()))?;
                item(c, &place, row)
            })
            .await
    }

    /// A team's items of a kind, by slug: at most `rows` of those after the slug `after`.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member; 500 `internal` when the database fails.
    pub(crate) async fn list(
        &self,
        by: UserId,
        team: TeamRef,
        kind: Kind,
        after: Option<String>,
        rows: i64,
    ) -> Result<Vec<Summary>> {
        self.db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Reviewer)?;
                let slug = store::team_slug(c, access.team)?;
                let found = store::list(c, access.team, kind, after.as_deref(), rows)?;
                let summaries = found.into_iter().map(|(row, version)| row.summary(&slug, version));
                summaries.collect::<crate::db::Result<_>>().map_err(Error::from)
            })
            .await
    }

    /// Reads a source as the item of this name, and keeps nothing.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` for a reviewer, 422 `invalid` with
    /// all mistakes of the source; 500 `internal` when the database fails.
    pub(crate) async fn preview(
        &self,
        by: UserId,
        team: TeamRef,
        (kind, slug): (Kind, Slug),
        request: &PreviewRequest,
    ) -> Result<Parsed> {
        check_size(&request.source)?;
        let team = self
            .db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Author)?;
                store::team_slug(c, access.team).map_err(Error::from)
            })
            .await?;
        Parsed::read(&self.bank, kind, QuestionId::new(team, slug), &request.source)
    }
}

/// One change of one item, by somebody who may make it.
struct Edit<'e> {
    bank: &'e Bank,
    access: Access,
    place: Place,
    now: Timestamp,
}

impl Edit<'_> {
    /// Keeps a source that no set can use. Where it's the one in force, there is no draft any more.
    fn keep_draft(&self, c: &mut AnyConnection, seen: Option<Seen>, source: &str) -> Result<Put> {
        let before = self.checked(c, seen)?;
        let in_force = before.as_ref().and_then(|row| row.number).map(|number| store::version(c, &self.place, number));
        let in_force = in_force.transpose()?.flatten();
        let draft =
            Some(source.to_owned()).filter(|source| in_force.as_ref().is_none_or(|known| known.source != *source));
        let (is_new, row) = match before {
            Some(row) => (false, Row { draft, revision: row.revision + 1, changed_at: self.now, ..row }),
            None => (true, Row { draft, ..self.new_row(title_from_slug(self.place.slug.as_str())) }),
        };
        self.store(c, is_new, &row)?;
        self.outcome(c, row, is_new, Vec::new())
    }

    /// Puts a source in force: as another version, unless the one in force has the same source.
    fn put_in_force(&self, c: &mut AnyConnection, seen: Option<Seen>, source: &str) -> Result<Put> {
        let before = self.checked(c, seen)?;
        let team = store::team_slug(c, self.access.team)?;
        let id = QuestionId::new(team, self.place.slug.clone());
        let parsed = Parsed::read(self.bank, self.place.kind, id, source)?;
        let (is_new, row) = match before {
            Some(row) => (false, row),
            None => (true, self.new_row(parsed.title().to_owned())),
        };
        let number = self.next_version(c, &row, source)?;
        let next = Row {
            title: parsed.title().to_owned(),
            state: State::Ready,
            number: Some(number),
            draft: None,
            revision: if is_new { row.revision } else { row.revision + 1 },
            changed_at: self.now,
            ..row.clone()
        };
        self.store(c, is_new, &next)?;
        if row.number != Some(number) {
            let (version, made_at) = (parsed.version().to_owned(), self.now);
            let Place { team, kind, slug } = self.place.clone();
            let slug = slug.to_string();
            let source = source.to_owned();
            store::insert_version(c, &VersionRow { team_id: team, kind, slug, number, version, source, made_at })?;
        }
        let event = event(&self.access, &self.place, self.now, Action::MaterialPublished, Some(number));
        audit::store::append(c, &event)?;
        self.outcome(c, next, is_new, parsed.warnings(self.bank))
    }

    /// The item as it is, which the caller has to have seen.
    fn checked(&self, c: &mut AnyConnection, seen: Option<Seen>) -> Result<Option<Row>> {
        let before = store::find(c, &self.place)?;
        revision::check_write(seen, before.as_ref().map(|row| row.revision))?;
        if before.is_none() && store::count(c, self.access.team, self.place.kind)? >= ITEMS_MAX {
            return Err(too_many(self.place.kind).into());
        }
        Ok(before)
    }

    /// The number of the version that a source is or becomes.
    fn next_version(&self, c: &mut AnyConnection, row: &Row, source: &str) -> Result<i32> {
        let in_force = row.number.map(|number| store::version(c, &self.place, number)).transpose()?.flatten();
        match in_force {
            Some(known) if known.source == source => Ok(known.number),
            _ => Ok(store::versions(c, &self.place)?.first().map_or(0, |newest| newest.number) + 1),
        }
    }

    fn new_row(&self, title: String) -> Row {
        let Place { team, kind, slug } = &self.place;
        Row {
            team_id: *team,
            kind: *kind,
            slug: slug.to_string(),
            title,
            state: State::Draft,
            number: None,
            draft: None,
            revision: 1,
            changed_at: self.now,
        }
    }

    fn store(&self, c: &mut AnyConnection, is_new: bool, row: &Row) -> Result<()> {
        if is_new {
            store::insert(c, row)?
        } else {
            store::update(c, &self.place, row)?
        }
        Ok(())
    }

    fn outcome(&self, c: &mut AnyConnection, row: Row, is_new: bool, warnings: Vec<String>) -> Result<Put> {
        let summary = item(c, &self.place, row)?.summary;
        Ok(Put { outcome: Outcome { summary, warnings }, is_new })
    }
}

/// An item with what belongs to it.
fn item(c: &mut AnyConnection, place: &Place, row: Row) -> Result<Item> {
    let team = store::team_slug(c, place.team)?;
    let in_force = row.number.map(|number| store::version(c, place, number)).transpose()?.flatten();
    let (version, source) = in_force.map(|known| (known.version, known.source)).unzip();
    let source = row.draft.clone().or(source).unwrap_or_default();
    Ok(Item { versions: store::versions(c, place)?, summary: row.summary(&team, version)?, source })
}

fn event<'e>(
    access: &Access,
    place: &'e Place,
    at: Timestamp,
    action: Action,
    number: Option<i32>,
) -> audit::Event<'e> {
    let mut event = access.event(at, action, place.slug.as_str());
    event.detail = json!({ "kind": place.kind, "number": number });
    event
}

fn check_size(source: &str) -> Result<()> {
    if (1..=SOURCE_MAX_CHARS).contains(&source.chars().count()) {
        return Ok(());
    }
    Err(Refusal::invalid_field("/source", "a source has 1 to 65,536 characters").into())
}

fn item_exists(slug: &Slug) -> Refusal {
    Refusal::conflict("item_exists", format!("the team has \"{slug}\" already: choose another name"))
}

fn too_many(kind: Kind) -> Refusal {
    Refusal::conflict("too_many_items", format!("the team has 2,000 {kind}s, the most there can be"))
}
