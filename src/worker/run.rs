//! The loop of a worker: claim what can be graded here, grade it, and end the leases of workers that fell silent.

use std::fs::File;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, interval};

use super::fitness::Fitness;
use super::grading::{abandoned, grade};
use super::prepare::keep_prepared;
use super::spare_time::use_spare_time;
use super::{HEARTBEATS_PER_LEASE, LOOK_EVERY, WorkerConfig};
use crate::exercises::Exercises;
use crate::jobs::Setback;
use crate::jobs::lanes::SAID_EVERY;
use crate::submissions::queue::{GradingJob, Queue};

/// A worker that runs.
pub struct Worker {
    name: String,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// What keeps others from having the same name, for as long as the worker runs.
    lock: Option<File>,
}

impl WorkerConfig {
    /// Begins to work: packages are prepared in the background, and what is ready is graded.
    #[must_use]
    pub fn start(self) -> Worker {
        let (stop, stopped) = watch::channel(false);
        keep_prepared(&self, stopped.clone());
        use_spare_time(&self, stopped.clone());
        let name = self.name.clone();
        let tasks = vec![
            tokio::spawn(reap(self.queue.clone(), stopped.clone())),
            tokio::spawn(say_lanes(self.queue.clone(), self.exercises.clone(), stopped.clone())),
            tokio::spawn(work(self, stopped)),
        ];
        Worker { name, stop, tasks, lock: None }
    }
}

impl Worker {
    /// The same worker, which holds the lock on its name while it runs.
    pub(super) fn holding(self, lock: Option<File>) -> Self {
        Self { lock, ..self }
    }

    /// The name by which the database and the log know this worker.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Stops: nothing more is claimed, gradings under way may end for a few seconds, the rest are handed back.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A task that panicked has said so in the log.
            let _ = task.await;
        }
        drop(self.lock);
    }
}

/// Claims and grades until told to stop.
async fn work(config: WorkerConfig, mut stopped: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(config.at_once));
    let fitness = Arc::new(Fitness::new(config.clock.clone(), config.status.clone()));
    let mut gradings = JoinSet::new();
    loop {
        let slot = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        let Ok(mut slot) = slot else { break };
        while gradings.try_join_next().is_some() {}
        let is_idle = slots.available_permits() + 1 == config.at_once;
        match claim(&config, &fitness, is_idle).await {
            Some(job) => {
                if job.was_lost || fitness.is_doubted() {
                    take_rest(&slots, &mut slot);
                }
                gradings.spawn(grade(config.clone(), fitness.clone(), job, slot, stopped.clone()));
            }
            None => tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => break,
                () = config.queue.wait_for_work() => {}
            },
        }
    }
    while gradings.join_next().await.is_some() {}
}

/// Takes all slots that are free beside one, so that nothing is graded beside it. Nobody else takes any meanwhile.
fn take_rest(slots: &Arc<Semaphore>, slot: &mut OwnedSemaphorePermit) {
    let free = u32::try_from(slots.available_permits()).unwrap_or(u32::MAX);
    if let Ok(rest) = Arc::clone(slots).try_acquire_many_owned(free) {
        slot.merge(rest);
    }
}

async fn claim(config: &WorkerConfig, fitness: &Fitness, is_idle: bool) -> Option<GradingJob> {
    let ready = config.exercises.ready();
    if ready.is_empty() || fitness.is_pausing() || (fitness.is_doubted() && !is_idle) {
        return None;
    }
    let (queue, name) = (&config.queue, &config.name);
    let claimed = if is_idle { queue.claim(name, &ready).await } else { queue.claim_another(name, &ready).await };
    match claimed {
        Ok(job) => job,
        Err(error) => {
            tracing::error!(%error, "no work could be claimed: trying again");
            None
        }
    }
}

/// Says which exercises can be graded here, when that changes, and now and then. Those that are being prepared are among them:
/// however long that takes, what waits for it isn't given up.
async fn say_lanes(queue: Queue, exercises: Exercises, mut stopped: watch::Receiver<bool>) {
    let mut every = interval(LOOK_EVERY);
    let mut said: Option<(Vec<String>, Instant)> = None;
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        let served = exercises.ready_or_preparing();
        let is_news = said.as_ref().is_none_or(|(lanes, at)| *lanes != served || at.elapsed() >= SAID_EVERY);
        if served.is_empty() || !is_news {
            continue;
        }
        match queue.serve(&served).await {
            Ok(()) => said = Some((served, Instant::now())),
            Err(error) => tracing::warn!(%error, "failed to tell the queue which exercises are graded here"),
        }
    }
}

/// Gives back what silent workers held, again and again.
async fn reap(queue: Queue, mut stopped: watch::Receiver<bool>) {
    let mut beat = interval(queue.policy().lease / HEARTBEATS_PER_LEASE);
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
