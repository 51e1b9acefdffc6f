//! Lets the grader use the time in which nothing is graded, in a thread of its own, so that what it does there holds up nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::watch;

use super::{LOOK_EVERY, WorkerConfig};

/// Begins to use spare time, until the worker is stopped.
pub(super) fn use_spare_time(config: &WorkerConfig, stopped: watch::Receiver<bool>) {
    let grader = Arc::clone(&config.grader);
    // The sender goes with the worker.
    let is_stopped = move || stopped.has_changed().is_err() || *stopped.borrow();
    let spawned = std::thread::Builder::new().name("spare-time".to_owned()).spawn(move || {
        while !is_stopped() {
            if catch_unwind(AssertUnwindSafe(|| grader.use_spare_time(LOOK_EVERY))).is_err() {
                tracing::error!("what the grader does in spare time panicked: it's left alone for a moment");
                std::thread::sleep(LOOK_EVERY);
            }
        }
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "failed to start a thread for spare time: gradings don't get quicker");
    }
}
