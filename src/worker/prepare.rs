//! Keeps packages prepared: all of them when a worker starts, and again what changes.

use std::sync::Arc;

use tokio::sync::watch;

use super::{LOOK_EVERY, SubmissionGrader, WorkerConfig};
use crate::exercises::{Availability, Exercises};

/// Prepares every package, one after the other, and again what changes, in a thread of its own.
pub(super) fn keep_prepared(config: &WorkerConfig, stopped: watch::Receiver<bool>) {
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
