//! One grading, from the claim to the result.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, oneshot, watch};
use tokio::time::{Instant, interval_at, sleep};
use tracing::{Instrument as _, Span};

use super::fitness::Fitness;
use super::{Failure, HEARTBEATS_PER_LEASE, WorkerConfig};
use crate::id::SubmissionId;
use crate::jobs::Setback;
use crate::submissions::Graded;
use crate::submissions::events::Progress;
use crate::submissions::queue::{GradingJob, Lease};
use crate::telemetry;

/// Wait before a result that could not be written is written again.
const AGAIN_AFTER: Duration = Duration::from_millis(250);

/// How a grading came to its end for this worker.
enum End {
    /// The grader is done.
    Done(Box<Graded>),
    /// The grader failed, which isn't the candidate's fault.
    Failed(Failure),
    /// Another worker has it now.
    Lost,
    /// This worker is being stopped.
    Stopped,
}

/// Grades a job; the slot is free again when its thread has ended.
pub(super) async fn grade(
    config: WorkerConfig,
    fitness: Arc<Fitness>,
    job: GradingJob,
    slot: OwnedSemaphorePermit,
    stopped: watch::Receiver<bool>,
) {
    let submission = job.lease.submission;
    let span = tracing::info_span!(parent: None, "grading", %submission, exercise = job.exercise, attempt = job.attempt,
        worker = config.name, verdict = tracing::field::Empty);
    telemetry::continue_trace(&span, job.traceparent.as_deref());
    grade_in_span(&config, &fitness, job, slot, stopped).instrument(span).await;
}

async fn grade_in_span(
    config: &WorkerConfig,
    fitness: &Fitness,
    job: GradingJob,
    slot: OwnedSemaphorePermit,
    stopped: watch::Receiver<bool>,
) {
    let began = Instant::now();
    let lease = job.lease;
    let (tell, mut told) = unbounded_channel();
    let ended = spawn(config, job, slot, tell);
    match supervise(config, lease, ended, &mut told, stopped).await {
        End::Done(graded) => {
            fitness.succeeded();
            let rest = drain(&mut told);
            finish(config, lease, *graded, rest, began).await;
        }
        End::Failed(error) => {
            fitness.failed(lease.submission);
            let rest = drain(&mut told);
            fail(config, lease, rest, &error).await;
        }
        End::Lost => lost(),
        End::Stopped => match config.queue.release(lease).await {
            Ok(_) => tracing::info!("handed back: this worker stops"),
            Err(error) => tracing::error!(%error, "not handed back: its lease will run out"),
        },
    }
}

/// Starts the thread that grades.
fn spawn(
    config: &WorkerConfig,
    job: GradingJob,
    slot: OwnedSemaphorePermit,
    tell: UnboundedSender<Progress>,
) -> oneshot::Receiver<Result<Graded, Failure>> {
    let (done, ended) = oneshot::channel();
    let (grader, span) = (config.grader.clone(), Span::current());
    let thread = std::thread::Builder::new().name("grading".to_owned());
    let spawned = thread.spawn(move || {
        let _slot = slot;
        // Nobody listens any more once the lease is lost or handed back.
        let outcome = span.in_scope(|| {
            grader.grade(&job, job.mode, &mut |progress| {
                let _ = tell.send(progress);
            })
        });
        let _ = done.send(outcome);
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "failed to start a thread that grades");
    }
    ended
}

/// Stays with a grading until it ends: writes down its progress and renews the lease.
async fn supervise(
    config: &WorkerConfig,
    lease: Lease,
    mut ended: oneshot::Receiver<Result<Graded, Failure>>,
    told: &mut UnboundedReceiver<Progress>,
    mut stopped: watch::Receiver<bool>,
) -> End {
    let (every, grace) = (config.queue.policy().lease / HEARTBEATS_PER_LEASE, config.grace);
    let mut beat = interval_at(Instant::now() + every, every);
    let mut stop = std::pin::pin!(async move {
        // When the sender is gone, so is the worker.
        let _ = stopped.wait_for(|stop| *stop).await;
        sleep(grace).await;
    });
    loop {
        let own = tokio::select! {
            biased;
            outcome = &mut ended => {
                return match outcome {
                    Ok(Ok(graded)) => End::Done(Box::new(graded)),
                    Ok(Err(error)) => End::Failed(error),
                    Err(_) => End::Failed("the thread that grades panicked".into()),
                };
            }
            () = &mut stop => return End::Stopped,
            _ = beat.tick() => config.queue.heartbeat(lease).await,
            Some(first) = told.recv() => {
                let progress = std::iter::once(first).chain(drain(told)).collect();
                config.queue.record_progress(lease, progress).await
            }
        };
        match own {
            Ok(true) => {}
            Ok(false) => return End::Lost,
            // The lease outlasts a few failures: the next heartbeat may reach the database.
            Err(error) => {
                tracing::warn!(%error, "failed to renew a lease or to write progress: the next heartbeat tries again")
            }
        }
    }
}

fn drain(told: &mut UnboundedReceiver<Progress>) -> Vec<Progress> {
    std::iter::from_fn(|| told.try_recv().ok()).collect()
}

/// Writes a result. Tries again for as long as the lease may still be ours, so that a database that's away for a moment costs no
/// grading.
async fn finish(config: &WorkerConfig, lease: Lease, graded: Graded, progress: Vec<Progress>, began: Instant) {
    let give_up = Instant::now() + config.queue.policy().lease;
    loop {
        match config.queue.finish(lease, graded.clone(), progress.clone()).await {
            Ok(true) => return count(&graded, began),
            Ok(false) => return lost(),
            Err(error) if Instant::now() < give_up => {
                tracing::warn!(%error, "a result could not be written: trying again");
                sleep(AGAIN_AFTER).await;
            }
            Err(error) => return tracing::error!(%error, "a result could not be written: it will be graded again"),
        }
    }
}

fn count(graded: &Graded, began: Instant) {
    let verdict = graded.verdict.as_str();
    Span::current().record("verdict", verdict);
    metrics::counter!("quorate_verdicts_total", "verdict" => verdict).increment(1);
    metrics::histogram!("quorate_grading_seconds").record(began.elapsed().as_secs_f64());
    for stage in &graded.report.stages {
        let seconds = Duration::from_millis(stage.duration_ms).as_secs_f64();
        metrics::histogram!("quorate_stage_seconds", "stage" => stage.name.as_str()).record(seconds);
    }
    tracing::info!(score = graded.score, max_score = graded.max_score, "graded");
}

fn lost() {
    metrics::counter!("quorate_leases_lost_total").increment(1);
    tracing::warn!("the lease is another worker's now: this grading is dropped");
}

async fn fail(config: &WorkerConfig, lease: Lease, progress: Vec<Progress>, error: &Failure) {
    tracing::error!(%error, "failed to grade");
    if let Err(error) = config.queue.record_progress(lease, progress).await {
        tracing::warn!(%error, "failed to write the progress of a grading that failed");
    }
    match config.queue.fail(lease).await {
        Ok(Setback::Requeued) => tracing::info!("it will be graded again"),
        Ok(Setback::Abandoned { .. }) => abandoned(lease.submission),
        Ok(Setback::LeaseLost) => lost(),
        Err(error) => tracing::error!(%error, "the failure could not be written: its lease will run out"),
    }
}

/// An `internal_error` is ours: somebody should look.
pub(super) fn abandoned(submission: SubmissionId) {
    metrics::counter!("quorate_verdicts_total", "verdict" => "internal_error").increment(1);
    tracing::error!(%submission, "abandoned: it is an internal_error now, which does not count");
}
