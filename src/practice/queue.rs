//! Answers on their way to the database, committed in groups.
//!
//! A commit costs a write to the disk whatever it holds. While one is under way others queue up; the next takes all of them. Nobody waits for
//! company: with an idle database an answer is committed at once, alone. Each caller hears of its own record after the commit.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::store::{self, AnswerRow, SourceRow};
use crate::db::{Db, Result};
use crate::error::{Error, Kind, Refusal};
use crate::id::UserId;

/// The most records that one transaction takes.
const GROUP: usize = 500;
/// The most records that wait; more are refused until it is less.
const WAITING: usize = 5_000;

/// The way to the database. Clones share it.
#[derive(Clone)]
pub(super) struct Queue {
    db: Db,
    /// Where groups are committed: the runtime that outlives the server's threads, which stop one after the other.
    runtime: Option<Handle>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    /// Whether somebody is taking what waits.
    busy: bool,
    /// Questions, with their version, whose source is in the database already.
    kept_sources: BTreeSet<(String, String)>,
}

struct Waiting {
    row: AnswerRow,
    source: Option<SourceRow>,
    done: oneshot::Sender<Result<(), Error>>,
}

impl Queue {
    pub(super) fn new(db: Db) -> Self {
        Self { db, runtime: Handle::try_current().ok(), state: Arc::default() }
    }

    /// Keeps an answer, and the source of what was answered; returns when both are safe.
    ///
    /// # Errors
    /// 503 `overloaded` when too many answers wait to be kept, 401 `unauthenticated` when the account is gone; 500 `internal`
    /// when the database fails.
    pub(super) async fn keep(&self, row: AnswerRow, source: &str) -> Result<(), Error> {
        let (done, told) = oneshot::channel();
        if self.join(row, source, done)? {
            // Not part of the caller's own future: that goes away with its connection, the group must not.
            match &self.runtime {
                Some(runtime) => drop(runtime.spawn(self.clone().take_all())),
                None => drop(tokio::spawn(self.clone().take_all())),
            }
        }
        told.await.unwrap_or_else(|_| Err(Error::internal("keep an answer", "its group was given up")))
    }

    /// Queues up an answer; true when the caller has to start the taking.
    fn join(&self, row: AnswerRow, source: &str, done: oneshot::Sender<Result<(), Error>>) -> Result<bool, Error> {
        let mut state = self.state();
        if state.waiting.len() >= WAITING {
            let detail = "too many answers wait to be kept: try again soon";
            let wait = std::time::Duration::from_secs(1);
            return Err(Refusal::new(Kind::Unavailable, "overloaded", detail).retry_after(wait).into());
        }
        let known = state.kept_sources.contains(&(row.question.clone(), row.version.clone()));
        let source = (!known).then(|| SourceRow::of_question(&row, source));
        state.waiting.push(Waiting { row, source, done });
        Ok(!std::mem::replace(&mut state.busy, true))
    }

    /// Commits group after group until nothing waits.
    async fn take_all(self) {
        while let Some(group) = self.next_group() {
            self.commit(group).await;
        }
    }

    fn next_group(&self) -> Option<Vec<Waiting>> {
        let mut state = self.state();
        let size = state.waiting.len().min(GROUP);
        state.busy = size > 0;
        state.busy.then(|| state.waiting.drain(..size).collect())
    }

    async fn commit(&self, group: Vec<Waiting>) {
        let rows: Arc<Vec<AnswerRow>> = Arc::new(group.iter().map(|waiting| waiting.row.clone()).collect());
        let sources: Arc<Vec<SourceRow>> =
            Arc::new(group.iter().filter_map(|waiting| waiting.source.clone()).collect());
        match self.insert(rows, Arc::clone(&sources)).await {
            Ok(gone) => {
                self.remember(&sources);
                for waiting in group {
                    let outcome = if gone.contains(&waiting.row.user_id) { Err(account_gone().into()) } else { Ok(()) };
                    tell(waiting.done, outcome);
                }
            }
            // One bad record must not take the others with it: each alone.
            Err(_) if group.len() > 1 => {
                for waiting in group {
                    Box::pin(self.commit(vec![waiting])).await;
                }
            }
            Err(error) => {
                if let Some(waiting) = group.into_iter().next() {
                    tell(waiting.done, Err(Error::from(error)));
                }
            }
        }
    }

    /// Commits one group, and says whose accounts are gone.
    async fn insert(&self, rows: Arc<Vec<AnswerRow>>, sources: Arc<Vec<SourceRow>>) -> Result<BTreeSet<UserId>> {
        self.db.write(move |c| store::insert_answers(c, &rows, &sources)).await
    }

    fn remember(&self, sources: &[SourceRow]) {
        if !sources.is_empty() {
            self.state()
                .kept_sources
                .extend(sources.iter().map(|source| (source.name.clone(), source.version.clone())));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An access token is good for a while after its account was erased.
fn account_gone() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "unauthenticated", "this account is gone")
}

/// Tells the outcome to the one who waits for it, who may have gone away.
fn tell(done: oneshot::Sender<Result<(), Error>>, outcome: Result<(), Error>) {
    drop(done.send(outcome));
}
