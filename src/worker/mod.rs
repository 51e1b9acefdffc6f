//! Grades what was handed in: claim, heartbeat, grade, finish; and reaps the leases of those that fell silent.
//!
//! The same config works inside `serve` and as `quorate worker`, any number of them on one database. Each grading runs in a
//! thread of its own, which knows neither the database nor the web: it is given files and tells what happens through a
//! channel. A thread can't be stopped; one whose lease is lost or handed back is left to end, and nobody listens to it.

mod builder;
mod grading;
mod identity;
mod sandboxed;
mod status;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

pub use builder::WorkerBuilder;
pub use sandboxed::SandboxedGrader;
pub use status::{Probed, Sandbox, Status};

use self::identity::Identity;
use crate::exercises::{Availability, Exercises};
use crate::jobs::Setback;
use crate::submissions::Mode;
use crate::submissions::events::Progress;
use crate::submissions::queue::{Graded, GradingJob, Queue};

/// How long gradings may go on after a worker of ours was told to stop.
pub const GRACE: Duration = Duration::from_secs(10);
/// How often the folders of exercises are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often in the length of a lease a worker says that it is alive, and looks for those that are not.
const HEARTBEATS_PER_LEASE: u32 = 4;

/// Any failure of ours, for the log.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What grades. Called from threads that may block.
pub trait SubmissionGrader: Send + Sync + 'static {
    /// Makes an exercise ready to be graded.
    ///
    /// # Errors
    /// When it can't be graded here; the text is for its author and the operator.
    fn prepare(&self, exercise: &str) -> Result<(), Failure>;

    /// Removes what earlier versions of exercises have left; once all are prepared.
    fn sweep(&self) {}

    /// Grades the files of one submission.
    ///
    /// # Errors
    /// Ours alone: whatever a candidate hands in gets a verdict.
    fn grade(&self, job: &GradingJob, mode: Mode, tell: &mut dyn FnMut(Progress)) -> Result<Graded, Failure>;
}

/// Everything that work needs.
#[derive(Clone)]
pub struct WorkerConfig {
    /// Where work comes from.
    pub queue: Queue,
    /// What can be graded here.
    pub exercises: Exercises,
    /// Grades the submissions that are claimed.
    pub grader: Arc<dyn SubmissionGrader>,
    /// Tells this worker from others in the database and in the log.
    pub name: String,
    /// How many submissions are graded at once.
    pub at_once: usize,
    /// How long gradings may go on after the worker was told to stop; then they are handed back.
    pub grace: Duration,
}

/// A worker that runs.
pub struct Worker {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Held for as long as the worker runs.
    identity: Option<Identity>,
}

impl WorkerConfig {
    /// Begins to work: packages are prepared in the background, and what is ready is graded.
    #[must_use]
    pub fn start(self) -> Worker {
        let (stop, stopped) = watch::channel(false);
        keep_prepared(&self, stopped.clone());
        let tasks = vec![tokio::spawn(reap(self.queue.clone(), stopped.clone())), tokio::spawn(work(self, stopped))];
        Worker { stop, tasks, identity: None }
    }
}

impl Worker {
    /// The name by which the database and the log know this worker.
    #[must_use]
    pub fn name(&self) -> &str {
        self.identity.as_ref().map_or("", |identity| &identity.name)
    }

    /// Stops: nothing more is claimed, gradings under way may end for a few seconds, the rest are handed back.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that panicked has said so in the log.
            let _ = task.await;
        }
    }
}

/// Prepares every package, one after the other, and again what changes, in a thread of its own.
fn keep_prepared(config: &WorkerConfig, stopped: watch::Receiver<bool>) {
    let (exercises, grader) = (config.exercises.clone(), Arc::clone(&config.grader));
    let spawned = std::thread::Builder::new().name("prepare".to_owned()).spawn(move || {
        let mut folders = exercises.watch();
        prepare_all(&exercises, grader.as_ref());
        grader.sweep();
        // The sender goes with the worker.
        while stopped.has_changed().is_ok() && !*stopped.borrow() {
            std::thread::sleep(LOOK_EVERY);
            if folders.look() {
                prepare_all(&exercises, grader.as_ref());
            }
        }
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "failed to start a thread that prepares exercises");
    }
}

fn prepare_all(exercises: &Exercises, grader: &dyn SubmissionGrader) {
    let slugs = exercises.slugs();
    for (done, slug) in slugs.iter().enumerate() {
        exercises.set(slug, prepare(grader, slug));
        tracing::info!(exercise = slug, "prepared {} of {} exercises", done + 1, slugs.len());
    }
}

fn prepare(grader: &dyn SubmissionGrader, slug: &str) -> Availability {
    match grader.prepare(slug) {
        Ok(()) => Availability::ready(),
        Err(error) => {
            tracing::error!(exercise = slug, %error, "this exercise can't be graded");
            // The error may quote hidden tests.
            Availability::unavailable("it can't be graded on this server: the server's log says why")
        }
    }
}

/// Claims and grades until told to stop.
async fn work(config: WorkerConfig, mut stopped: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(config.at_once));
    let mut gradings = JoinSet::new();
    loop {
        let slot = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        let Ok(slot) = slot else { break };
        while gradings.try_join_next().is_some() {}
        match claim(&config).await {
            Some(job) => {
                gradings.spawn(grading::grade(config.clone(), job, slot, stopped.clone()));
            }
            None => tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => break,
                () = config.queue.wait_for_work() => {}
            },
        }
    }
    while gradings.join_next().await.is_some() {}
}

async fn claim(config: &WorkerConfig) -> Option<GradingJob> {
    let ready = config.exercises.ready();
    if ready.is_empty() {
        return None;
    }
    match config.queue.claim(&config.name, &ready).await {
        Ok(job) => job,
        Err(error) => {
            tracing::error!(%error, "no work could be claimed: trying again");
            None
        }
    }
}

/// Gives back what silent workers held, again and again.
async fn reap(queue: Queue, mut stopped: watch::Receiver<bool>) {
    let mut beat = tokio::time::interval(queue.policy().lease / HEARTBEATS_PER_LEASE);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = beat.tick() => {}
        }
        match queue.expire().await {
            Ok(expired) => {
                for (submission, setback) in expired {
                    metrics::counter!("quorate_leases_lost_total").increment(1);
                    tracing::warn!(%submission, ?setback, "a worker fell silent: its lease is over");
                    if matches!(setback, Setback::Abandoned { .. }) {
                        abandoned(submission);
                    }
                }
            }
            Err(error) => tracing::error!(%error, "leases could not be looked at"),
        }
    }
}

/// An `internal_error` is ours: somebody should look.
fn abandoned(submission: crate::id::SubmissionId) {
    metrics::counter!("quorate_verdicts_total", "verdict" => "internal_error").increment(1);
    tracing::error!(%submission, "abandoned: it is an internal_error now, which does not count");
}
