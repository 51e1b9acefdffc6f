//! Handing in, and looking at what was handed in.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::events::{EventStream, store as events};
use super::queue::{Queue, abandon_unserved};
use super::store::HandedIn;
use super::{Best, EventKind, Files, Filter, Mode, NewSubmission, Submission, Summary, Verdict, store};
use crate::accounts::Viewer;
use crate::attempts::Attempts;
use crate::clock::{Clock, Timestamp};
use crate::db::{AnyConnection, Db};
use crate::error::{Error, Refusal, Result};
use crate::exercises::Exercises;
use crate::id::{SubmissionId, UserId};
use crate::jobs::lanes::{ABANDONED_AFTER_HOURS, Grace, store as lanes};
use crate::jobs::store as jobs;
use crate::jobs::{JobKind, LeasePolicy, NewJob, QueueDepth, Wakeups};
use crate::telemetry;

/// How soon the same files have to come again to be taken for a second click on the same button.
const SECOND_CLICK: Duration = Duration::from_secs(10);
/// How long the events of a submission are kept after its verdict.
const EVENTS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Submissions to exercises. Cheap to clone.
#[derive(Clone)]
pub struct Submissions {
    db: Db,
    clock: Clock,
    attempts: Attempts,
    exercises: Exercises,
    wakeups: Wakeups<SubmissionId>,
    grace: Grace,
    /// Events of submissions that were graded before this moment are gone already, as far as this process knows.
    events_removed_until: Arc<Mutex<Timestamp>>,
}

impl Submissions {
    /// Submissions in a database, to some exercises.
    #[must_use]
    pub fn new(db: Db, clock: Clock, attempts: Attempts, exercises: Exercises) -> Self {
        let (grace, events_removed_until) =
            (Grace::new(clock.clone()), Arc::new(Mutex::new(Timestamp::from_micros(0))));
        Self { db, clock, attempts, exercises, wakeups: Wakeups::default(), grace, events_removed_until }
    }

    /// The workers' side, which wakes those who wait here.
    #[must_use]
    pub fn queue(&self, policy: LeasePolicy) -> Queue {
        Queue::new(self.db.clone(), self.clock.clone(), self.attempts.clone(), self.wakeups.clone(), policy)
    }

    /// How much waits to be graded, and for how long.
    ///
    /// # Errors
    /// `Error::Database` when the queue can't be read.
    pub async fn depth(&self) -> Result<QueueDepth> {
        let now = self.clock.now();
        self.db.read(move |c| jobs::depth(c, JobKind::Grading, now)).await.map_err(Error::from)
    }

    /// Gives up submissions to exercises that no worker has been able to grade for
    /// [`ABANDONED_AFTER`](crate::jobs::lanes::ABANDONED_AFTER), and says how many there were. That is a fault of ours: it
    /// counts for nobody.
    ///
    /// # Errors
    /// `Error::Database` when the queue can't be read. One that can't be given up is logged, and tried again at the next call.
    pub async fn abandon_unserved(&self) -> Result<usize> {
        let now = self.clock.now();
        if !self.grace.is_over() {
            return Ok(0);
        }
        let unserved = self.db.read(move |c| lanes::unserved(c, JobKind::Grading, now)).await?;
        let mut abandoned = 0;
        for (id, exercise) in unserved {
            match self.abandon_one(&id, now).await {
                Ok(true) => {
                    abandoned += 1;
                    tracing::error!(
                        submission = id,
                        exercise,
                        "no worker has been able to grade this exercise for {ABANDONED_AFTER_HOURS} hours, so the submission is \
                         an internal_error now. Start a worker that has the package, see in its log that the package was \
                         prepared, and grade the submission again: quorate admin regrade"
                    );
                }
                Ok(false) => {}
                Err(error) => tracing::error!(job = id, %error, "a job that no worker can do could not be given up"),
            }
        }
        self.db.write(move |c| lanes::forget_unserved(c, JobKind::Grading, now)).await?;
        Ok(abandoned)
    }

    async fn abandon_one(&self, id: &str, now: Timestamp) -> Result<bool> {
        let id: SubmissionId = id.parse().map_err(|error| Error::internal("read the id of a job", error))?;
        let attempts = self.attempts.clone();
        let abandoned = self.db.write(move |c| abandon_unserved(c, &attempts, id, now)).await?;
        self.wakeups.notify(id);
        Ok(abandoned)
    }

    /// Ends what follows submissions here, since this server stops: clients go on elsewhere or later.
    pub fn close(&self) {
        self.wakeups.close();
    }

    /// Takes in what a form sent, as [`Submissions::hand_in`] does. The same files for the same purpose a few seconds later
    /// are a second click on the same button, and lead to the first submission. (A program has `Idempotency-Key`.)
    ///
    /// # Errors
    /// Those of [`Submissions::hand_in`], for the same reasons.
    pub async fn hand_in_by_form(&self, new: NewSubmission) -> Result<Submission> {
        let since = self.clock.now() - SECOND_CLICK;
        self.take(new, Some(since)).await
    }

    /// The submission that a form has just handed in and hands in again, by a second click.
    ///
    /// # Errors
    /// 500 when the database fails.
    pub async fn repeated(&self, new: &NewSubmission) -> Result<Option<Submission>> {
        let (new, since) = (new.clone(), self.clock.now() - SECOND_CLICK);
        let user = new.user;
        match self.db.read(move |c| store::repeated(c, &new, since)).await? {
            Some(id) => self.find(Viewer::Person(user), id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Takes in a submission: once it is stored, it is queued.
    ///
    /// # Errors
    /// 404 `not_found` for the exercise or the attempt; 409 `exercise_unavailable`, `time_up`, `attempt_over` or
    /// `item_closed`; 422 `invalid` when the item asks for another exercise.
    pub async fn hand_in(&self, new: NewSubmission) -> Result<Submission> {
        self.take(new, None).await
    }

    /// Takes in a submission, unless the same came since `repeated_since`.
    async fn take(&self, new: NewSubmission, repeated_since: Option<Timestamp>) -> Result<Submission> {
        self.exercises.check_open(&new.exercise)?;
        let (id, user, now, attempts) = (SubmissionId::new(), new.user, self.clock.now(), self.attempts.clone());
        let traceparent = telemetry::traceparent();
        let id = self
            .db
            .write(move |c| {
                if let Some(since) = repeated_since
                    && let Some(first) = store::repeated(c, &new, since)?
                {
                    return Ok(first);
                }
                if let Some(item) = new.item {
                    attempts.check_exercise(c, user, item, &new.exercise, now)?;
                    if new.mode == Mode::Graded {
                        attempts.exercise_handed_in(c, item)?;
                    }
                }
                store::insert(c, id, &new, traceparent.as_deref(), now)?;
                enqueue(c, id, &new, traceparent.as_deref(), now)?;
                let queued = serde_json::json!({ "queue_position": jobs::place(c, id.as_str(), now)? });
                events::add(c, id, [(EventKind::Queued, queued)])?;
                Ok::<_, Error>(id)
            })
            .await?;
        self.wakeups.notify_workers();
        self.find(Viewer::Person(user), id).await
    }

    /// Queues a submission again whose grading was given up: its verdict was a fault of ours, and goes. An operator asks for
    /// this once the cause is mended. An attempt that it belongs to is pending until it is graded, whether or not it is over.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such submission, 409 `not_abandoned` when its verdict isn't `internal_error`.
    pub async fn regrade(&self, id: SubmissionId) -> Result<()> {
        let (now, attempts) = (self.clock.now(), self.attempts.clone());
        self.db
            .write(move |c| {
                let HandedIn { new, traceparent, verdict } = store::handed_in(c, id)?.ok_or_else(not_found)?;
                if verdict != Some(Verdict::InternalError) {
                    let detail = "only a submission whose grading was given up (internal_error) can be graded again";
                    return Err(Refusal::conflict("not_abandoned", detail).into());
                }
                store::forget_result(c, id)?;
                if let Some(item) = new.item.filter(|_| new.mode == Mode::Graded) {
                    attempts.exercise_graded_again(c, item)?;
                }
                enqueue(c, id, &new, traceparent.as_deref(), now)?;
                let queued = serde_json::json!({ "queue_position": jobs::place(c, id.as_str(), now)? });
                events::reopen(c, id, &queued)?;
                Ok::<_, Error>(())
            })
            .await?;
        self.wakeups.notify_workers();
        Ok(())
    }

    /// A submission, as far as the viewer may know about it.
    ///
    /// # Errors
    /// 404 `not_found` when the viewer may not see it; `Error::Database` when it can't be read.
    pub async fn find(&self, viewer: Viewer, id: SubmissionId) -> Result<Submission> {
        let (attempts, now) = (self.attempts.clone(), self.clock.now());
        self.db
            .read(move |c| {
                let mut found = store::find(c, id, viewer, now)?.ok_or_else(not_found)?;
                if found.summary.is_to_be_withheld() && is_of_silent_set(c, &attempts, &found.summary)? {
                    found.withhold();
                }
                Ok(found)
            })
            .await
    }

    /// A submission once it is finished, or as it is after `patience`.
    ///
    /// # Errors
    /// 404 `not_found` when the viewer may not see it; `Error::Database` when it can't be read.
    pub async fn wait(&self, viewer: Viewer, id: SubmissionId, patience: Duration) -> Result<Submission> {
        let deadline = Instant::now() + patience;
        // Watched before it is read, so that nothing falls between.
        let mut watch = self.wakeups.subscribe(id);
        loop {
            let submission = self.find(viewer, id).await?;
            if submission.is_finished() || Instant::now() >= deadline || self.wakeups.is_closed() {
                return Ok(submission);
            }
            watch.wait(deadline).await;
        }
    }

    /// The files of a submission.
    ///
    /// # Errors
    /// 404 `not_found` when the viewer may not see it; `Error::Database` when it can't be read.
    pub async fn files(&self, viewer: Viewer, id: SubmissionId) -> Result<Files> {
        let files = self.db.read(move |c| store::files(c, id, viewer)).await?;
        files.ok_or_else(|| not_found().into())
    }

    /// A person's submissions, the newest first: at most `rows` of those that are older than `before` (an id).
    ///
    /// # Errors
    /// `Error::Database` when they can't be read.
    pub async fn list(&self, user: UserId, filter: Filter, before: Option<String>, rows: i64) -> Result<Vec<Summary>> {
        let attempts = self.attempts.clone();
        self.db
            .read(move |c| {
                let silent = attempts.silent(c, user)?;
                let mut found = store::list(c, user, &filter, &silent, before.as_deref(), rows)?;
                for summary in &mut found {
                    let is_silent = summary.attempt.is_some_and(|attempt| silent.contains(&attempt));
                    if is_silent && summary.is_to_be_withheld() {
                        summary.withhold();
                    }
                }
                Ok(found)
            })
            .await
    }

    /// The best of a person at each exercise, by slug, without what the sets of attempts do not tell.
    ///
    /// # Errors
    /// `Error::Database` when they can't be read.
    pub async fn best(&self, user: UserId) -> Result<Vec<Best>> {
        let attempts = self.attempts.clone();
        self.db
            .read(move |c| {
                let silent = attempts.silent(c, user)?;
                Ok(store::best(c, user, &silent)?)
            })
            .await
    }

    /// Removes what submissions went through that were graded long ago, but for their ends; says how many events there were.
    ///
    /// # Errors
    /// `Error::Database` when the events can't be found or removed.
    pub async fn remove_old_events(&self) -> Result<usize> {
        let graded_before = self.clock.now() - EVENTS_KEPT;
        let graded_since = *self.events_removed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let mut removed = 0;
        loop {
            let old = self.db.read(move |c| events::with_old(c, graded_since, graded_before)).await?;
            if old.is_empty() {
                break;
            }
            removed += self.db.write(move |c| events::delete_but_last(c, &old)).await?;
        }
        *self.events_removed_until.lock().unwrap_or_else(PoisonError::into_inner) = graded_before;
        Ok(removed)
    }

    /// Follows a submission, from after the event numbered `after`.
    ///
    /// # Errors
    /// 404 `not_found` when the viewer may not see it; `Error::Database` when it can't be read.
    pub async fn follow(&self, viewer: Viewer, id: SubmissionId, after: i32) -> Result<EventStream> {
        let (attempts, now) = (self.attempts.clone(), self.clock.now());
        let withheld = self
            .db
            .read(move |c| {
                let found = store::find(c, id, viewer, now)?.ok_or_else(not_found)?;
                is_of_silent_set(c, &attempts, &found.summary)
            })
            .await?;
        Ok(EventStream::new(self.db.clone(), self.clock.clone(), self.wakeups.clone(), id, after, withheld))
    }
}

fn enqueue(
    c: &mut AnyConnection,
    id: SubmissionId,
    new: &NewSubmission,
    traceparent: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let (kind, lane, owner) = (JobKind::Grading, new.exercise.as_str(), new.user.as_str());
    Ok(jobs::enqueue(c, &NewJob { id: id.as_str(), kind, lane, owner, traceparent, now })?)
}

/// Whether a submission belongs to an attempt whose set keeps from its candidate how it was graded.
fn is_of_silent_set(c: &mut AnyConnection, attempts: &Attempts, summary: &Summary) -> Result<bool> {
    match summary.attempt {
        Some(attempt) if summary.mode == Mode::Graded => attempts.keeps_submissions_back(c, attempt),
        _ => Ok(false),
    }
}

fn not_found() -> Refusal {
    Refusal::not_found("submission")
}
