//! Taking a set: begin, resume, save, submit.

use std::sync::Arc;

use super::load::{self, Loaded, own};
use super::save::{self, Place, check_open};
use super::store::{self, AttemptRow, ItemRow, SourceRow, thousandths};
use super::{Attempt, AttemptResult, ItemKind, Response, Save, State, Summary, result};
use crate::bank::{Bank, Seed, Set, Slug};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Refusal, Result};
use crate::id::{AttemptId, UserId};
use crate::sets::{self, Asked, Planned};

/// Taking sets. Cheap to clone.
#[derive(Clone)]
pub struct Attempts {
    db: Db,
    clock: Clock,
    bank: Bank,
}

impl Attempts {
    /// Over a database and a bank.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, bank: Bank) -> Self {
        Self { db, clock, bank }
    }

    /// Begins an attempt at a set.
    ///
    /// # Errors
    /// When there is no such set, or the candidate has no attempt left.
    pub async fn begin(&self, user: UserId, set: &Slug) -> Result<Attempt> {
        let set = Arc::clone(self.bank.set(set).ok_or_else(|| Refusal::not_found("set"))?);
        let now = self.clock.now();
        let row = AttemptRow {
            id: AttemptId::new(),
            user_id: user,
            set_slug: set.slug.to_string(),
            set_version: set.version.to_string(),
            state: State::Open,
            started_at: now,
            deadline: set.time_limit.map(|limit| now + limit),
            submitted_at: None,
        };
        let id = row.id;
        let (items, sources) = rows(id, &set, sets::plan(&set, &self.bank, Seed::random()));
        self.db
            .write(move |c| {
                if let Some(most) = set.attempts
                    && store::count(c, user, set.slug.as_str())? >= i64::from(most)
                {
                    let detail = format!("you have had all {most} attempts at this set");
                    return Err(Error::from(Refusal::conflict("no_attempts_left", detail)));
                }
                Ok(store::insert(c, &row, &items, &sources)?)
            })
            .await?;
        self.resume(user, id).await
    }

    /// An attempt with what is saved.
    ///
    /// # Errors
    /// When it is not the caller's.
    pub async fn resume(&self, user: UserId, id: AttemptId) -> Result<Attempt> {
        Ok(self.load(user, id).await?.shown())
    }

    /// A person's attempts, the newest first.
    ///
    /// # Errors
    /// Only ours.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Summary>> {
        let (bank, now) = (self.bank.clone(), self.clock.now());
        self.db
            .write(move |c| {
                let rows = store::of_user(c, user)?;
                rows.into_iter().map(|row| Ok(load::close_if_due(c, &bank, row, now)?.into())).collect::<Result<_>>()
            })
            .await
    }

    /// Saves an answer. The same save again is taken as saved; an older one is refused, with what is stored.
    ///
    /// # Errors
    /// When the attempt is over, the answer has another shape, or a newer one is stored.
    pub async fn save(&self, user: UserId, attempt: AttemptId, position: i32, save: Save) -> Result<Response> {
        let place = Place { user, attempt, position, now: self.clock.now() };
        let bank = self.bank.clone();
        self.db.write(move |c| save::save(c, &bank, &place, &save)).await?
    }

    /// Ends an attempt and scores what was saved.
    ///
    /// # Errors
    /// When it is over already.
    pub async fn submit(&self, user: UserId, id: AttemptId) -> Result<Attempt> {
        let (bank, now) = (self.bank.clone(), self.clock.now());
        let ended = self
            .db
            .write(move |c| {
                let row = own(c, &bank, user, id, now)?;
                // Refused outside of the transaction: it may have ended the attempt as of the deadline.
                if let Err(over) = check_open(&row) {
                    return Ok::<_, Error>(Err(over));
                }
                load::close(c, &bank, row.id, now).map(Ok)
            })
            .await?;
        ended?;
        self.resume(user, id).await
    }

    /// What an attempt earned, as far as its set tells.
    ///
    /// # Errors
    /// When it is still open.
    pub async fn result(&self, user: UserId, id: AttemptId) -> Result<AttemptResult> {
        let loaded = self.load(user, id).await?;
        if loaded.row.state == State::Open {
            return Err(Refusal::conflict("attempt_open", "this attempt is not over: submit it first").into());
        }
        Ok(result::of(&loaded, &self.bank))
    }

    /// A person's results, the newest attempt first, as far as the sets tell.
    ///
    /// # Errors
    /// Only ours.
    pub async fn results(&self, user: UserId) -> Result<Vec<AttemptResult>> {
        let (bank, now) = (self.bank.clone(), self.clock.now());
        self.db
            .write(move |c| {
                let mut results = Vec::new();
                for row in store::of_user(c, user)? {
                    let row = load::close_if_due(c, &bank, row, now)?;
                    if row.state == State::Submitted {
                        results.push(result::of(&load::load(c, &bank, row)?, &bank));
                    }
                }
                Ok(results)
            })
            .await
    }

    async fn load(&self, user: UserId, id: AttemptId) -> Result<Loaded> {
        let (bank, now) = (self.bank.clone(), self.clock.now());
        self.db
            .write(move |c| {
                let row = own(c, &bank, user, id, now)?;
                load::load(c, &bank, row)
            })
            .await
    }
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
        });
    }
    (items, sources)
}

fn source(kind: &'static str, name: &impl ToString, version: &impl ToString, source: &str) -> SourceRow {
    SourceRow { kind, name: name.to_string(), version: version.to_string(), source: source.into() }
}
