//! Attempts: begin, resume, save, submit, and what was earned.

use std::sync::Arc;

use super::load::{self, Loaded};
use super::save::{self, Place, check_open};
use super::score;
use super::store::{self, AttemptRow, ItemRow, SourceRow, thousandths};
use super::{
    Attempt, AttemptItem, AttemptResult, AttemptScore, Begun, EndedBy, ItemKind, Response, Save, State, Summary, result,
};
use crate::accounts::Viewer;
use crate::bank::{Bank, FeedbackPolicy, Seed, Set, Slug};
use crate::clock::{Clock, Timestamp};
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Refusal, Result};
use crate::id::{AttemptId, UserId};
use crate::sets::{self, Asked, Planned};

/// The most attempts that a person may begin at one set, where the set itself has no limit.
const ATTEMPTS_MAX: u32 = 500;
/// The most characters of saved answers that a person keeps in all attempts; with more, no further attempt begins.
const SAVED_MAX_CHARS: i64 = 50_000_000;
/// How many attempts one round of [`Attempts::close_due`] ends at the most.
const CLOSED_AT_ONCE: i64 = 200;

/// Attempts at sets. Cheap to clone.
#[derive(Clone)]
pub struct Attempts {
    db: Db,
    clock: Clock,
    bank: Bank,
}

impl Attempts {
    /// Attempts in a database, at the sets of a bank.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, bank: Bank) -> Self {
        Self { db, clock, bank }
    }

    /// Begins an attempt at a set. There is one open attempt of a person at a set at a time: while there is one, that is what
    /// comes back, so that asking twice begins nothing twice.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such set, 409 `no_attempts_left`.
    pub async fn begin(&self, user: UserId, set: &Slug) -> Result<Begun> {
        let set = Arc::clone(self.bank.set(set).ok_or_else(|| Refusal::not_found("set"))?);
        let now = self.clock.now();
        let row = AttemptRow::new(user, (&set.slug, &set.version), now, set.time_limit.map(|limit| now + limit));
        let id = row.id;
        let (items, sources) = rows(id, &set, sets::plan(&set, &self.bank, Seed::random()));
        let open = self
            .db
            .write(move |c| {
                if let Some(open) = open_at(c, user, &set, now)? {
                    return Ok(open);
                }
                check_attempts_left(c, user, &set)?;
                store::insert(c, &row, &items, &sources)?;
                Ok::<_, Error>(row.id)
            })
            .await?;
        Ok(Begun { attempt: self.resume(Viewer::Person(user), open).await?, is_new: open == id })
    }

    /// An attempt with what is saved.
    ///
    /// # Errors
    /// 404 `not_found` when the viewer may not see it.
    pub async fn resume(&self, viewer: Viewer, id: AttemptId) -> Result<Attempt> {
        Ok(self.load(viewer, id).await?.shown(self.clock.now()))
    }

    /// A person's attempts, the newest first: at most `rows` of those that are older than `before` (an id).
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn list(&self, user: UserId, before: Option<String>, rows: i64) -> Result<Vec<Summary>> {
        let now = self.clock.now();
        let found = self.db.read(move |c| store::list(c, user, before.as_deref(), rows)).await?;
        Ok(found.iter().map(|row| row.summary(now)).collect())
    }

    /// A person's attempts that can be gone on with, the newest first.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn open(&self, user: UserId) -> Result<Vec<Summary>> {
        let now = self.clock.now();
        let rows = self.db.read(move |c| store::not_closed(c, user)).await?;
        Ok(rows.iter().filter(|row| !row.is_due(now)).map(|row| row.summary(now)).collect())
    }

    /// Saves an answer; see [`Save`]. The same save again counts as saved.
    ///
    /// # Errors
    /// 404 `not_found`; 409 `time_up`, `attempt_over`, `item_closed`, or `older_revision` with what is stored; 422
    /// `invalid` when the answer has another shape.
    pub async fn save(&self, user: UserId, attempt: AttemptId, position: i32, save: Save) -> Result<Response> {
        let place = Place { user, attempt, position, now: self.clock.now() };
        let bank = self.bank.clone();
        self.db.write(move |c| save::save(c, &bank, &place, &save)).await
    }

    /// Ends an attempt and scores what was saved.
    ///
    /// # Errors
    /// 404 `not_found`; 409 `time_up` or `attempt_over`.
    pub async fn submit(&self, user: UserId, id: AttemptId) -> Result<Attempt> {
        let (bank, now, viewer) = (self.bank.clone(), self.clock.now(), Viewer::Person(user));
        self.db
            .write(move |c| {
                let row = store::find(c, id, viewer)?.ok_or_else(|| Refusal::not_found("attempt"))?;
                check_open(&row, now)?;
                close(c, &bank, row.id, now, EndedBy::Candidate)
            })
            .await?;
        self.resume(viewer, id).await
    }

    /// What an attempt earned, as far as its set tells.
    ///
    /// # Errors
    /// 404 `not_found`; 409 `attempt_open` before it has ended.
    pub async fn result(&self, viewer: Viewer, id: AttemptId) -> Result<AttemptResult> {
        let loaded = self.load(viewer, id).await?;
        if loaded.row.state_at(self.clock.now()) == State::Open {
            return Err(Refusal::conflict("attempt_open", "this attempt is not over: submit it first").into());
        }
        Ok(result::of(&loaded, &self.bank))
    }

    /// What a person earned in attempts that have ended, the newest first, at one set or at all, as far as the sets tell.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn scores(&self, user: UserId, set: Option<&Slug>) -> Result<Vec<AttemptScore>> {
        self.close_due_of(user).await?;
        let (bank, set) = (self.bank.clone(), set.map(ToString::to_string));
        self.db
            .read(move |c| {
                let sums = store::sums(c, user, set.as_deref())?;
                score::of_all(c, &bank, sums)
            })
            .await
    }

    /// How many attempts a person has begun at a set.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn count(&self, user: UserId, set: &Slug) -> Result<u32> {
        let set = set.to_string();
        let count = self.db.read(move |c| store::count(c, user, &set)).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Ends attempts whose deadline has passed, as of the deadline, and says how many there were. Maintenance calls it, so
    /// that scores are there although nobody looks.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn close_due(&self) -> Result<usize> {
        let now = self.clock.now();
        let due = self.db.read(move |c| store::due(c, now, CLOSED_AT_ONCE)).await?;
        for id in &due {
            self.close_if_due(*id).await?;
        }
        Ok(due.len())
    }

    async fn close_due_of(&self, user: UserId) -> Result<()> {
        let now = self.clock.now();
        let rows = self.db.read(move |c| store::not_closed(c, user)).await?;
        for row in rows.iter().filter(|row| row.is_due(now)) {
            self.close_if_due(row.id).await?;
        }
        Ok(())
    }

    async fn close_if_due(&self, id: AttemptId) -> Result<()> {
        let (bank, now) = (self.bank.clone(), self.clock.now());
        self.db
            .write(move |c| match store::by_id(c, id)? {
                Some(row) if row.is_due(now) => {
                    let at = row.deadline.unwrap_or(now);
                    close(c, &bank, id, at, EndedBy::Deadline)
                }
                _ => Ok(()),
            })
            .await
    }

    /// Reads an attempt. One whose deadline has passed is closed first, so that its scores are there.
    async fn load(&self, viewer: Viewer, id: AttemptId) -> Result<Loaded> {
        let loaded = self.read(viewer, id).await?;
        if !loaded.row.is_due(self.clock.now()) {
            return Ok(loaded);
        }
        self.close_if_due(id).await?;
        self.read(viewer, id).await
    }

    async fn read(&self, viewer: Viewer, id: AttemptId) -> Result<Loaded> {
        let bank = self.bank.clone();
        self.db
            .read(move |c| {
                let row = store::find(c, id, viewer)?.ok_or_else(|| Refusal::not_found("attempt"))?;
                load::load(c, &bank, row)
            })
            .await
    }
}

/// What submissions ask of attempts, inside a transaction of their own.
impl Attempts {
    /// Checks that an exercise may be handed in for an item now.
    ///
    /// # Errors
    /// 404 `not_found`; 409 `time_up`, `attempt_over` or `item_closed`; 422 `invalid` when the item asks for another one.
    pub fn check_exercise(
        &self,
        c: &mut AnyConnection,
        user: UserId,
        item: AttemptItem,
        exercise: &str,
        now: Timestamp,
    ) -> Result<()> {
        let place = Place { user, attempt: item.attempt, position: item.position, now };
        save::check_exercise(c, &self.bank, &place, exercise)
    }

    /// Counts a submission that is on its way to be graded.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub fn exercise_handed_in(&self, c: &mut AnyConnection, item: AttemptItem) -> Result<()> {
        Ok(store::add_submission(c, item.attempt, item.position)?)
    }

    /// Takes in what a graded submission earned, `part` of `whole`; the best one counts. A submission that failed on our
    /// side earns nothing and takes nothing away: `earned` is `None`.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub fn exercise_graded(&self, c: &mut AnyConnection, item: AttemptItem, earned: Option<(u64, u64)>) -> Result<()> {
        let Some(row) = store::item(c, item.attempt, item.position)? else { return Ok(()) };
        let earned = earned.map(|(part, whole)| row.max_points().share(part, whole));
        let best = earned.into_iter().chain(row.points()).max();
        Ok(store::end_grading(c, &row, best)?)
    }

    /// How much the set of an attempt tells its candidate.
    ///
    /// # Errors
    /// Ours, when the database fails or the attempt is gone.
    pub fn feedback_policy(&self, c: &mut AnyConnection, attempt: AttemptId) -> Result<FeedbackPolicy> {
        let row = store::by_id(c, attempt)?.ok_or_else(|| Refusal::not_found("attempt"))?;
        Ok(load::set(c, &self.bank, &row)?.feedback)
    }
}

/// The attempt of a person at a set that can be gone on with.
fn open_at(c: &mut AnyConnection, user: UserId, set: &Set, now: Timestamp) -> Result<Option<AttemptId>> {
    let not_closed = store::not_closed(c, user)?.into_iter();
    let mut open = not_closed.filter(|row| row.set_slug == set.slug.as_str() && !row.is_due(now));
    Ok(open.next().map(|row| row.id))
}

fn check_attempts_left(c: &mut AnyConnection, user: UserId, set: &Set) -> Result<()> {
    let most = set.attempts.unwrap_or(ATTEMPTS_MAX);
    if store::count(c, user, set.slug.as_str())? >= i64::from(most) {
        return Err(
            Refusal::conflict("no_attempts_left", format!("you have had all {most} attempts at this set")).into()
        );
    }
    if store::saved_chars(c, user)? >= SAVED_MAX_CHARS {
        let detail = "your saved answers take all the space that one person has, so no further attempt can begin";
        return Err(Refusal::conflict("no_attempts_left", detail).into());
    }
    Ok(())
}

/// Ends an attempt and writes down what its questions earned. Exercises and prompts get their scores when they are graded.
fn close(c: &mut AnyConnection, bank: &Bank, id: AttemptId, at: Timestamp, by: EndedBy) -> Result<()> {
    if !store::close(c, id, at, by)? {
        return Ok(());
    }
    for item in load::items(c, bank, id)? {
        if let Some(score) = item.earned() {
            store::set_score(c, id, item.row.position, score)?;
        }
    }
    Ok(())
}

fn rows(id: AttemptId, set: &Set, plan: Vec<Planned>) -> (Vec<ItemRow>, Vec<SourceRow>) {
    let mut sources = vec![source("set", &set.slug, &set.version, &set.source)];
    let mut items = Vec::new();
    for (position, planned) in (1..).zip(plan) {
        let (kind, name, version) = match &planned.what {
            Asked::Question(question) => {
                sources.push(source("question", question.id(), question.version(), question.source()));
                (ItemKind::Question, question.id().to_string(), question.version().to_string())
            }
            Asked::Prompt(prompt) => {
                sources.push(source("prompt", &prompt.id, &prompt.version, &prompt.source));
                (ItemKind::Prompt, prompt.id.to_string(), prompt.version.to_string())
            }
            Asked::Exercise(slug) => (ItemKind::Exercise, slug.to_string(), String::new()),
        };
        items.push(ItemRow {
            attempt_id: id,
            position,
            section: planned.section,
            kind,
            name,
            version,
            seed: i64::try_from(planned.seed.get()).unwrap_or_default(),
            max_score: thousandths(planned.max_score),
            score: None,
            grading: 0,
            submissions: 0,
        });
    }
    (items, sources)
}

fn source(kind: &'static str, name: &impl ToString, version: &impl ToString, source: &str) -> SourceRow {
    SourceRow { kind, name: name.to_string(), version: version.to_string(), source: source.into() }
}
