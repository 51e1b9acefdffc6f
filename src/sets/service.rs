//! Sets of teams: written, checked while they are edited, published, previewed.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use super::definition::{SetDefinition, Written};
use super::store::{self, Row, VersionRow};
use super::team_set::{PoolFacts, Preview, PreviewItem, TeamSet, TeamSetSummary};
use super::{Asked, Planned, plan};
use crate::audit::{self, Action};
use crate::bank::{Bank, Points, Pool, Seed, Set, SetEntry, Slug, title_from_slug};
use crate::clock::Clock;
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Field, Refusal, Result};
use crate::exercises::Exercises;
use crate::id::{SetId, TeamId, UserId};
use crate::material::{self, InForce, Pinned};
use crate::revision::Seen;
use crate::teams::access::Access;
use crate::teams::authorize::authorize;
use crate::teams::{Role, TeamRef};

/// Most sets of a team.
const SETS_MAX: i64 = 500;

/// Sets of teams. Cheap to clone.
#[derive(Clone)]
pub struct Sets {
    db: Db,
    clock: Clock,
    bank: Bank,
    exercises: Exercises,
}

impl Sets {
    /// Sets in a database, which ask what a bank and the exercises hold.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, bank: Bank, exercises: Exercises) -> Self {
        Self { db, clock, bank, exercises }
    }

    /// Makes a set, as a draft.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member, 403 `role_required` for a reviewer, 422 `invalid` when a text
    /// or a list is too long, 409 `too_many_sets` when the team has 500; 500 `internal` when the database fails.
    pub(crate) async fn make(&self, by: UserId, team: TeamRef, definition: SetDefinition) -> Result<TeamSet> {
        check_size(&definition)?;
        let (now, checker) = (self.clock.now(), self.clone());
        self.db
            .write(move |c| {
                let access = authorize(c, by, &team, Role::Author)?;
                if store::count(c, access.team)? >= SETS_MAX {
                    return Err(too_many().into());
                }
                let row = Row {
                    id: SetId::new(),
                    team_id: access.team,
                    title: definition.title.clone(),
                    definition: text(&definition)?,
                    number: 0,
                    edited: 1,
                    revision: 1,
                    created_at: now,
                    changed_at: now,
                };
                store::insert(c, &row)?;
                audit::store::append(c, &access.event(now, Action::SetMade, row.id.as_str()))?;
                checker.checked(c, row)
            })
            .await
    }

    /// A set, for its team.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such set or the person is no member of its team; 500 `internal` when the database fails.
    pub(crate) async fn find(&self, by: UserId, id: SetId) -> Result<TeamSet> {
        let checker = self.clone();
        self.db
            .read(move |c| {
                let (_, row) = found(c, by, id, Role::Reviewer)?;
                checker.checked(c, row)
            })
            .await
    }

    /// A team's sets, by their ids: at most `rows` of those after `after`.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such team or the person is no member; 500 `internal` when the database fails.
    pub(crate) async fn list(
        &self,
        by: UserId,
        team: TeamRef,
        after: Option<String>,
        rows: i64,
    ) -> Result<Vec<TeamSetSummary>> {
        self.db
            .read(move |c| {
                let access = authorize(c, by, &team, Role::Reviewer)?;
                let rows = store::list(c, access.team, after.as_deref(), rows)?;
                Ok(rows.into_iter().map(Row::summary).collect())
            })
            .await
    }

    /// Puts another draft in the place of the one that is there. What was published stays as it is.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such set or the person is no member of its team, 403 `role_required` for a reviewer, 412
    /// `changed_meanwhile` when the draft is no longer as the person has seen it, 422 `invalid` when a text or a list is too long;
    /// 500 `internal` when the database fails.
    pub(crate) async fn edit(&self, by: UserId, id: SetId, seen: Seen, definition: SetDefinition) -> Result<TeamSet> {
        check_size(&definition)?;
        let (now, checker) = (self.clock.now(), self.clone());
        self.db
            .write(move |c| {
                let (_, row) = found(c, by, id, Role::Author)?;
                seen.check(row.revision)?;
                let text = text(&definition)?;
                let same = store::version(c, id, row.number)?.is_some_and(|last| last.definition == text);
                let row = Row {
                    title: definition.title.clone(),
                    definition: text,
                    edited: i32::from(!same),
                    revision: row.revision + 1,
                    changed_at: now,
                    ..row
                };
                store::update(c, &row)?;
                checker.checked(c, row)
            })
            .await
    }

    /// Publishes the draft as the next version, which never changes, with the versions of the team's material that it can ask. A draft that is
    /// published already stays the version that it is.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such set or the person is no member of its team, 403 `role_required` for a reviewer, 412
    /// `changed_meanwhile` when the draft is no longer as the person has seen it, 422 `invalid` with all problems of the draft; 500
    /// `internal` when the database fails.
    pub(crate) async fn publish(&self, by: UserId, id: SetId, seen: Seen) -> Result<TeamSet> {
        let (now, checker) = (self.clock.now(), self.clone());
        self.db
            .write(move |c| {
                let (access, row) = found(c, by, id, Role::Author)?;
                seen.check(row.revision)?;
                let (set, publishable) = checker.look_at(c, row.clone())?;
                let Some(publishable) = publishable else { return Err(Refusal::invalid(set.problems).into()) };
                let (definition, material) = (row.definition.clone(), text(&publishable.asked())?);
                let last = store::version(c, id, row.number)?;
                if last.is_some_and(|last| last.definition == definition && last.material == material) {
                    return Ok(set);
                }
                let row = Row { number: row.number + 1, edited: 0, revision: row.revision + 1, changed_at: now, ..row };
                let version = VersionRow { set_id: id, number: row.number, definition, material, published_at: now };
                store::insert_version(c, &version)?;
                store::update(c, &row)?;
                let mut event = access.event(now, Action::SetPublished, id.as_str());
                event.detail = json!({ "version": row.number });
                audit::store::append(c, &event)?;
                Ok(TeamSet {
                    version: row.number,
                    state: row.state(),
                    changed_at: row.changed_at,
                    revision: row.revision,
                    ..set
                })
            })
            .await
    }

    /// What one attempt at the draft would ask with a seed. Nothing is kept.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such set or the person is no member of its team, 403 `role_required` for a reviewer, 422
    /// `invalid` with all problems of the draft; 500 `internal` when the database fails.
    pub(crate) async fn preview(&self, by: UserId, id: SetId, seed: Seed) -> Result<Preview> {
        let checker = self.clone();
        self.db
            .read(move |c| {
                let (_, row) = found(c, by, id, Role::Author)?;
                let (set, publishable) = checker.look_at(c, row)?;
                let Publishable { set, bank, .. } = publishable.ok_or_else(|| Refusal::invalid(set.problems))?;
                Ok(shown(seed, plan(&set, &bank, seed)))
            })
            .await
    }

    /// A set with what is wrong with its draft, and what its pools draw from.
    fn checked(&self, c: &mut AnyConnection, row: Row) -> Result<TeamSet> {
        Ok(self.look_at(c, row)?.0)
    }

    /// The same, and the draft as it can be published and drawn from, if nothing is wrong with it.
    fn look_at(&self, c: &mut AnyConnection, row: Row) -> Result<(TeamSet, Option<Publishable>)> {
        let corrupt = |error| Error::corrupt("the definition of a set", error);
        let definition: SetDefinition = serde_json::from_str(&row.definition).map_err(corrupt)?;
        let file = definition.written();
        let (problems, pools, publishable) = match file.read(slug_of(row.team_id)?) {
            Ok(set) => {
                let InForce { questions, prompts, versions } = material::in_force(c, row.team_id)?;
                let bank = self.bank.for_team(questions, prompts);
                let problems = self.problems(&set, &bank, &file);
                let pools = self.pools(&set, &bank, &file);
                let publishable = problems.is_empty().then_some(Publishable { set, bank, versions });
                (problems, pools, publishable)
            }
            Err(problems) => (problems, Vec::new(), None),
        };
        let set = TeamSet {
            id: row.id,
            team: row.team_id,
            version: row.number,
            state: row.state(),
            changed_at: row.changed_at,
            problems,
            pools,
            definition,
            revision: row.revision,
        };
        Ok((set, publishable))
    }

    fn problems(&self, set: &Set, bank: &Bank, file: &Written) -> Vec<Field> {
        let in_bank = bank.mistakes_of(set);
        let in_bank = in_bank.iter().map(|(line, message)| file.field_at(*line, message));
        let exercises = set.items().filter_map(|(line, entry)| match entry {
            SetEntry::Exercise(slug) if self.exercises.exercise(slug.as_str()).is_err() => {
                Some(file.field_at(line, &format!("there is no exercise `{slug}`")))
            }
            _ => None,
        });
        in_bank.chain(exercises).collect()
    }

    fn pools(&self, set: &Set, bank: &Bank, file: &Written) -> Vec<PoolFacts> {
        let practised: BTreeSet<_> = self.bank.questions().map(|question| question.id().clone()).collect();
        let facts = |line: usize, pool: &Pool| {
            let questions = bank.with_exam_material().questions();
            let matching: Vec<_> = questions.filter(|question| pool.may_draw(question)).collect();
            let in_practice = matching.iter().filter(|question| practised.contains(question.id())).count();
            let pointer = file.field_at(line, "").pointer;
            PoolFacts { pointer, draws: pool.count, matching: matching.len(), in_practice }
        };
        let pools = set.items().filter_map(|(line, entry)| match entry {
            SetEntry::Pool(pool) => Some(facts(line, pool)),
            _ => None,
        });
        pools.collect()
    }
}

/// A draft without problems, with what it asks from.
struct Publishable {
    set: Set,
    bank: Bank,
    /// The versions of the team's material that are in force.
    versions: Vec<Pinned>,
}

impl Publishable {
    /// The versions of the team's material that the set can ask: what it names, and what its pools can draw.
    fn asked(&self) -> Vec<Pinned> {
        let bank = self.bank.with_exam_material();
        let may_ask = |Pinned { kind, id, .. }: &&Pinned| {
            self.set.items().any(|(_, entry)| match (kind, entry) {
                (material::Kind::Question, SetEntry::Question(named))
                | (material::Kind::Prompt, SetEntry::Prompt(named)) => named == id,
                (material::Kind::Question, SetEntry::Pool(pool)) => {
                    bank.question(id).is_some_and(|question| pool.may_draw(question))
                }
                _ => false,
            })
        };
        self.versions.iter().filter(may_ask).cloned().collect()
    }
}

/// A set that somebody may see or change, by their role in its team. For whom it isn't, there is none.
fn found(c: &mut AnyConnection, by: UserId, id: SetId, least: Role) -> Result<(Access, Row)> {
    let row = store::find(c, id)?.ok_or_else(no_such_set)?;
    match authorize(c, by, &TeamRef::Id(row.team_id), least) {
        Ok(access) => Ok((access, row)),
        Err(Error::Refused(refusal)) if refusal.code == "not_found" => Err(no_such_set().into()),
        Err(error) => Err(error),
    }
}

/// The name under which the rules of files read a team's set: its own is an id, which no file has.
fn slug_of(team: TeamId) -> Result<Slug> {
    let slug = team.as_str().replace('_', "-").parse();
    slug.map_err(|error: crate::bank::NameError| Error::internal("name a set", error.to_string()))
}

fn shown(seed: Seed, plan: Vec<Planned>) -> Preview {
    let items: Vec<_> = (1..).zip(plan).map(|(position, planned)| shown_item(position, &planned)).collect();
    let max_score: Points = items.iter().map(|item| item.max_score).sum();
    Preview { seed, items, max_score }
}

fn shown_item(position: usize, planned: &Planned) -> PreviewItem {
    let Planned { section, what, seed, max_score } = planned;
    let (kind, name, title, question) = match what {
        Asked::Question(question) => {
            let variant = Arc::clone(question).instance(*seed).variant();
            ("question", question.id().to_string(), question.title().to_owned(), Some(variant))
        }
        Asked::Prompt(prompt) => ("prompt", prompt.id.to_string(), prompt.title.clone(), None),
        Asked::Exercise(slug) => ("exercise", slug.to_string(), title_from_slug(slug.as_str()), None),
    };
    PreviewItem { position, section: section.clone(), kind, name, title, max_score: *max_score, question }
}

fn check_size(definition: &SetDefinition) -> Result<()> {
    let wrong = definition.too_long();
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::invalid(wrong).into()) }
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::internal("write a set", error))
}

fn no_such_set() -> Refusal {
    Refusal::not_found("set")
}

fn too_many() -> Refusal {
    Refusal::conflict("too_many_sets", "the team has 500 sets, the most there can be")
}
