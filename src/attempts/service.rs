//! Attempts: begin, resume, save, submit, and what was earned.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::backoff::Backoffs;
use super::close;
use super::load::{self, Loaded};
use super::save::{self, Place, check_open};
use super::store::{self, AttemptRow, ItemRow, SourceRow, thousandths};
use super::unreadable::or_logged;
use super::wording::{self, Wording};
use super::{
    Attempt, AttemptItem, AttemptResult, AttemptScore, Begun, Graded, ItemKind, Response, Save, Scored, State, Summary,
    result, score, scoring,
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
/// How many attempts [`Attempts::close_due`] reads from the database at once.
const DUE_AT_ONCE: i64 = 200;
/// How long [`Attempts::close_due`] goes on before it leaves the rest to the next call.
const CLOSING_MAX: Duration = Duration::from_secs(60);

/// Attempts at sets. Cheap to clone.
#[derive(Clone)]
pub struct Attempts {
    db: Db,
    clock: Clock,
    bank: Bank,
    backoffs: Arc<Mutex<Backoffs>>,
}

impl Attempts {
    /// Attempts in a database, at the sets of a bank.
    #[must_use]
    pub fn new(db: Db, clock: Clock, bank: Bank) -> Self {
        Self { db, clock, bank, backoffs: Arc::default() }
    }

    /// Begins an attempt at a set. There is one open attempt of a person at a set at a time: while there is one, that is what
    /// comes back, so that asking twice begins nothing twice.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such set, 409 `no_attempts_left` when the person has had all attempts
    /// or has no space left for answers, 500 `internal` when the database fails.
    pub async fn begin(&self, user: UserId, set: &Slug) -> Result<Begun> {
        let set = Arc::clone(self.bank.set(set).ok_or_else(|| Refusal::not_found("set"))?);
        let now = self.clock.now();
        let row = AttemptRow::new(user, (&set.slug, &set.version), now, set.time_limit.map(|limit| now + limit));
        let id = row.id;
        let rows = Rows::of(id, &set, &self.bank, sets::plan(&set, &self.bank, Seed::random()));
        // Summed before the transaction, since it reads all that the person has saved. A new attempt adds nothing to the sum.
        let saved_chars = self.db.read(move |c| store::saved_chars(c, user)).await?;
        let open = self
            .db
            .write(move |c| {
                if let Some(open) = open_at(c, user, &set, now)? {
                    return Ok(open);
                }
                check_attempts_left(c, user, &set, saved_chars)?;
                wording::store::insert(c, &rows.wordings)?;
                store::insert(c, &row, &rows.items, &rows.sources)?;
                Ok::<_, Error>(row.id)
            })
            .await?;
        Ok(Begun { attempt: self.resume(Viewer::Person(user), open).await?, is_new: open == id })
    }

    /// An attempt with what is saved.
    ///
    /// # Errors
    /// 404 `not_found` when the viewer may not see it, 500 `internal` when it can't be read back.
    pub async fn resume(&self, viewer: Viewer, id: AttemptId) -> Result<Attempt> {
        self.load(viewer, id).await?.shown(self.clock.now())
    }

    /// A person's attempts, the newest first: at most `rows` of those that are older than `before` (an id).
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn list(&self, user: UserId, before: Option<String>, rows: i64) -> Result<Vec<Summary>> {
        let now = self.clock.now();
        let found = self.db.read(move |c| store::list(c, user, before.as_deref(), rows)).await?;
        Ok(found.iter().map(|row| row.summary(now)).collect())
    }

    /// A person's attempts that can be gone on with, the newest first.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn open(&self, user: UserId) -> Result<Vec<Summary>> {
        let now = self.clock.now();
        let rows = self.db.read(move |c| store::not_closed(c, user)).await?;
        Ok(rows.iter().filter(|row| !row.is_due(now)).map(|row| row.summary(now)).collect())
    }

    /// Saves an answer; see [`Save`]. The same save again counts as saved.
    ///
    /// # Errors
    /// 404 `not_found` when the attempt is not the person's or has no such item; 409 `time_up` after the deadline,
    /// `attempt_over` after it was submitted, `item_closed` when a one-way set has gone on, `older_revision`, with what is stored,
    /// when that is as new; 422 `invalid` when the answer has another shape; 500 `internal` when the database fails.
    pub async fn save(&self, user: UserId, attempt: AttemptId, position: i32, save: Save) -> Result<Response> {
        let place = Place { user, attempt, position, now: self.clock.now() };
        let bank = self.bank.clone();
        self.db.write(move |c| save::save(c, &bank, &place, &save)).await
    }

    /// Ends an attempt and scores what was saved.
    ///
    /// # Errors
    /// 404 `not_found` when the attempt is not the person's, 409 `time_up` after the deadline, 409 `attempt_over` when it was
    /// submitted before, 500 `internal` when the database fails.
    pub async fn submit(&self, user: UserId, id: AttemptId) -> Result<Attempt> {
        let (bank, now, viewer) = (self.bank.clone(), self.clock.now(), Viewer::Person(user));
        self.db
            .write(move |c| {
                let row = store::find(c, id, viewer)?.ok_or_else(|| Refusal::not_found("attempt"))?;
                check_open(&row, now)?;
                close::submit(c, &bank, row.id, now)
            })
            .await?;
        self.resume(viewer, id).await
    }

    /// What an attempt earned, as far as its set tells.
    ///
    /// # Errors
    /// 404 `not_found` when the viewer may not see it, 409 `attempt_open` before it has ended, 500 `internal` when it
    /// can't be read back.
    pub async fn result(&self, viewer: Viewer, id: AttemptId) -> Result<AttemptResult> {
        let loaded = self.load(viewer, id).await?;
        if loaded.row.state_at(self.clock.now()) == State::Open {
            return Err(Refusal::conflict("attempt_open", "this attempt is not over: submit it first").into());
        }
        result::of(&loaded)
    }

    /// What a person earned in attempts that have ended, the newest first, at one set or at all, as far as the sets tell. An
    /// attempt that can't be read back is logged and left out.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn scores(&self, user: UserId, set: Option<&Slug>) -> Result<Vec<AttemptScore>> {
        self.close_due_of(user).await?;
        let (bank, set) = (self.bank.clone(), set.map(ToString::to_string));
        self.db
            .read(move |c| {
                let sums = score::store::sums(c, user, set.as_deref())?;
                score::of_all(c, &bank, sums)
            })
            .await
    }

    /// How many attempts a person has begun at a set.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn count(&self, user: UserId, set: &Slug) -> Result<u32> {
        let set = set.to_string();
        let count = self.db.read(move |c| store::count(c, user, &set)).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Ends attempts whose deadline has passed, as of the deadline, and says how many there were. Maintenance calls it, so
    /// that scores are there although nobody looks. One that can't be ended is logged, keeps no other from ending, and is
    /// tried again by a later call, after a wait that doubles with each failure.
    ///
    /// # Errors
    /// 500 `internal` when the database fails to say which they are.
    pub async fn close_due(&self) -> Result<usize> {
        let (now, until) = (self.clock.now(), Instant::now() + CLOSING_MAX);
        let (mut closed, mut due, mut after) = (0, BTreeSet::new(), None);
        while Instant::now() < until {
            let place = after.take();
            let next = self.db.read(move |c| store::due(c, now, place.as_ref(), DUE_AT_ONCE)).await?;
            after = next.last().cloned();
            if after.is_none() {
                self.backoffs().keep(&due);
                break;
            }
            for (_, id) in next {
                closed += usize::from(self.close_unless_backing_off(&id).await);
                due.insert(id);
            }
        }
        Ok(closed)
    }

    /// Ends one attempt, unless it failed to end a short while ago, and says whether it has ended.
    async fn close_unless_backing_off(&self, id: &str) -> bool {
        let uptime = self.clock.uptime();
        if self.backoffs().waits(id, uptime) {
            return false;
        }
        let closed = match id.parse() {
            Ok(attempt) => self.close_if_due(attempt).await,
            Err(error) => Err(crate::db::Error::corrupt("the id of an attempt", error).into()),
        };
        if let Err(error) = &closed {
            tracing::error!(attempt = %id, ?error, "failed to end an attempt: it will be tried again");
            self.backoffs().failed(id, uptime);
        }
        closed.is_ok()
    }

    fn backoffs(&self) -> MutexGuard<'_, Backoffs> {
        self.backoffs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Scores what has no score in attempts that are over because it couldn't be read back when they ended, and can be now. One
    /// that fails keeps no other from being scored.
    ///
    /// # Errors
    /// 500 `internal` when the database fails to say which they are.
    pub async fn rescore(&self) -> Result<Scored> {
        let mut scored = Scored::default();
        for attempt in self.db.read(store::unscored).await? {
            let bank = self.bank.clone();
            match self.db.write(move |c| scoring::score(c, &bank, attempt)).await {
                Ok(of_attempt) => scored.add(of_attempt),
                Err(error) => scored.failed.push((attempt, error)),
            }
        }
        Ok(scored)
    }

    async fn close_due_of(&self, user: UserId) -> Result<()> {
        let now = self.clock.now();
        let rows = self.db.read(move |c| store::not_closed(c, user)).await?;
        for attempt in rows.iter().filter(|row| row.is_due(now)).map(|row| row.id) {
            if let Err(error) = self.close_if_due(attempt).await {
                tracing::error!(%attempt, ?error, "failed to end an attempt: it will be tried again");
            }
        }
        Ok(())
    }

    async fn close_if_due(&self, id: AttemptId) -> Result<()> {
        let (bank, now) = (self.bank.clone(), self.clock.now());
        self.db.write(move |c| close::close_if_due(c, &bank, id, now)).await
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
    /// 404 `not_found` when the attempt is not the person's or has no such item; 409 `time_up` after the deadline,
    /// `attempt_over` after it was submitted, `item_closed` when a one-way set has gone on; 422 `invalid` when the item asks for
    /// something else; 500 `internal` when the database fails.
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
    /// 500 `internal` when it can't be written.
    pub fn exercise_handed_in(&self, c: &mut AnyConnection, item: AttemptItem) -> Result<()> {
        store::add_submission(c, item.attempt, item.position)?;
        Ok(store::advance(c, item.attempt, item.position)?)
    }

    /// Counts a submission that was handed in before and is on its way to be graded again.
    ///
    /// # Errors
    /// 500 `internal` when it can't be written.
    pub fn exercise_graded_again(&self, c: &mut AnyConnection, item: AttemptItem) -> Result<()> {
        Ok(store::begin_grading(c, item.attempt, item.position)?)
    }

    /// Takes in what a graded submission earned; the best one counts, and of equals the one that was
    /// handed in first, in whatever order they are graded. One that failed on our side
    /// (`graded` is `None`) earns nothing and takes nothing away.
    ///
    /// # Errors
    /// 500 `internal` when it can't be written or the item can't be read back.
    pub fn exercise_graded(&self, c: &mut AnyConnection, item: AttemptItem, graded: Option<&Graded>) -> Result<()> {
        let Some(row) = store::item(c, item.attempt, item.position)? else { return Ok(()) };
        store::end_grading(c, &row)?;
        let Some(graded) = graded else { return Ok(()) };
        let earned = row.max_points()?.share(graded.part, graded.whole);
        let is_first = |counted: &str| graded.submission.as_str() < counted;
        let is_better = match row.points()? {
            Some(best) if earned == best => row.counted_submission.as_deref().is_some_and(is_first),
            Some(best) => earned > best,
            None => true,
        };
        if is_better {
            store::count_submission(c, &row, graded, earned)?;
        }
        Ok(())
    }

    /// Whether the set of an attempt keeps from its candidate how single submissions were graded. A set that can't be read
    /// back tells nothing.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such attempt, 500 `internal` when the database fails.
    pub fn keeps_submissions_back(&self, c: &mut AnyConnection, attempt: AttemptId) -> Result<bool> {
        let row = store::by_id(c, attempt)?.ok_or_else(|| Refusal::not_found("attempt"))?;
        is_silent(c, &self.bank, &row)
    }

    /// A person's attempts at sets that keep from their candidates how single submissions were graded.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub fn silent(&self, c: &mut AnyConnection, user: UserId) -> Result<BTreeSet<AttemptId>> {
        let mut sets: BTreeMap<(String, String), bool> = BTreeMap::new();
        let mut silent = BTreeSet::new();
        for row in store::list(c, user, None, i64::MAX)? {
            let is_silent = match sets.entry((row.set_slug.clone(), row.set_version.clone())) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(place) => *place.insert(is_silent(c, &self.bank, &row)?),
            };
            if is_silent {
                silent.insert(row.id);
            }
        }
        Ok(silent)
    }
}

fn is_silent(c: &mut AnyConnection, bank: &Bank, row: &AttemptRow) -> Result<bool> {
    let set = or_logged(load::set(c, bank, row), row.id)?;
    Ok(set.is_none_or(|set| set.feedback != FeedbackPolicy::AfterSubmit))
}

/// The attempt of a person at a set that can be gone on with.
fn open_at(c: &mut AnyConnection, user: UserId, set: &Set, now: Timestamp) -> Result<Option<AttemptId>> {
    let not_closed = store::not_closed(c, user)?.into_iter();
    let mut open = not_closed.filter(|row| row.set_slug == set.slug.as_str() && !row.is_due(now));
    Ok(open.next().map(|row| row.id))
}

fn check_attempts_left(c: &mut AnyConnection, user: UserId, set: &Set, saved_chars: i64) -> Result<()> {
    let most = set.attempts.unwrap_or(ATTEMPTS_MAX);
    if store::count(c, user, set.slug.as_str())? >= i64::from(most) {
        return Err(
            Refusal::conflict("no_attempts_left", format!("you have had all {most} attempts at this set")).into()
        );
    }
    if saved_chars >= SAVED_MAX_CHARS {
        let detail = "your saved answers take all the space that one person has, so no further attempt can begin";
        return Err(Refusal::conflict("no_attempts_left", detail).into());
    }
    Ok(())
}

/// The rows of an attempt that begins, beside its own.
struct Rows {
    items: Vec<ItemRow>,
    sources: Vec<SourceRow>,
    wordings: Vec<Wording>,
}

impl Rows {
    fn of(id: AttemptId, set: &Set, bank: &Bank, plan: Vec<Planned>) -> Self {
        let sources = vec![source("set", &set.slug, &set.version, &set.source)];
        let mut rows = Self { items: Vec::new(), sources, wordings: Vec::new() };
        for (position, planned) in (1..).zip(plan) {
            rows.add(id, position, planned, bank);
        }
        rows
    }

    fn add(&mut self, id: AttemptId, position: i32, planned: Planned, bank: &Bank) {
        let mut wording = None;
        let (kind, name, version) = match &planned.what {
            Asked::Question(question) => {
                let words = Wording::of(question, bank);
                wording = Some(words.hash.clone());
                self.wordings.push(words);
                (ItemKind::Question, question.id().to_string(), question.version().to_string())
            }
            Asked::Prompt(prompt) => {
                self.sources.push(source("prompt", &prompt.id, &prompt.version, &prompt.source));
                (ItemKind::Prompt, prompt.id.to_string(), prompt.version.to_string())
            }
            Asked::Exercise(slug) => (ItemKind::Exercise, slug.to_string(), String::new()),
        };
        self.items.push(ItemRow {
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
            wording,
            counted_submission: None,
            counted_version: None,
        });
    }
}

fn source(kind: &'static str, name: &impl ToString, version: &impl ToString, source: &str) -> SourceRow {
    SourceRow { kind, name: name.to_string(), version: version.to_string(), source: source.into() }
}
