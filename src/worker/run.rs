//! The loop of a worker: claim what can be graded here, grade it, and end the leases of workers that fell silent.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::grading::{abandoned, grade};
use super::identity::Identity;
use super::prepare::keep_prepared;
use super::{HEARTBEATS_PER_LEASE, WorkerConfig};
use crate::jobs::Setback;
use crate::submissions::queue::{GradingJob, Queue};

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
    /// The same worker, which keeps its identity to itself while it runs.
    pub(super) fn with_identity(self, identity: Identity) -> Self {
        Self { identity: Some(identity), ..self }
    }

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
                gradings.spawn(grade(config.clone(), job, slot, stopped.clone()));
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
