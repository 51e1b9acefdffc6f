//! Whether a process is alive and ready, and what it counts: for those who run it. The same for servers and workers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::db::Db;
use crate::jobs::QueueDepth;
use crate::submissions::Submissions;
use crate::telemetry;
use crate::worker::{Probed, Sandbox, Status};

/// How long a finding about the database is reused: anybody may ask as often as they like, and the database is asked once in that
/// time.
const FINDING_STANDS: Duration = Duration::from_secs(1);
/// How long the database may take to answer. After that it's taken to be unreachable.
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);

/// What a process looks at to tell how it is.
#[derive(Clone)]
pub struct Health {
    db: Db,
    grading: Status,
    submissions: Submissions,
    reachable: Finding,
}

impl Health {
    /// The health of a process that uses this database, grades or doesn't, and has these submissions to grade.
    #[must_use]
    pub fn new(db: Db, grading: Status, submissions: Submissions) -> Self {
        Self { db, grading, submissions, reachable: Finding::default() }
    }
}

/// What was found last, and when.
#[derive(Clone, Default)]
struct Finding(Arc<Mutex<Option<(Instant, bool)>>>);

impl Finding {
    /// What `look` finds, or found a moment ago. Those who ask while it looks wait for what it finds.
    async fn of<L>(&self, look: impl FnOnce() -> L) -> bool
    where
        L: Future<Output = bool> + Send + 'static,
    {
        let mut last = Arc::clone(&self.0).lock_owned().await;
        if let Some((at, found)) = *last
            && at.elapsed() < FINDING_STANDS
        {
            return found;
        }
        let look = timeout(LOOK_TIMEOUT, look());
        // Whoever asked may go away, and the next one would look again. A task looks to the end.
        let task = tokio::spawn(async move {
            let found = look.await.unwrap_or(false);
            *last = Some((Instant::now(), found));
            found
        });
        task.await.unwrap_or(false)
    }
}

/// Alive: this process answers.
pub(super) async fn healthz() -> &'static str {
    "alive\n"
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: &'static str,
    sandbox: Probed,
}

/// Ready: the database answers, and what grading needs was proved. Why it is not ready is not everybody's business.
pub(super) async fn readyz(health: web::Data<Health>) -> HttpResponse {
    let ready = Readiness::of(&health).await.ready;
    answer(ready, &serde_json::json!({ "ready": ready }))
}

/// The same with the reasons, for those who run this process.
pub(super) async fn readyz_in_full(health: web::Data<Health>) -> HttpResponse {
    let report = Readiness::of(&health).await;
    answer(report.ready, &report)
}

impl Readiness {
    async fn of(health: &Health) -> Self {
        let db = health.db.clone();
        let database = health.reachable.of(|| async move { db.ping().await.is_ok() }).await;
        let sandbox = health.grading.get();
        Self {
            ready: database && matches!(sandbox.state, Sandbox::Holds | Sandbox::Unused),
            database: if database { "reachable" } else { "unreachable" },
            sandbox,
        }
    }
}

fn answer(ready: bool, report: &impl Serialize) -> HttpResponse {
    if ready { HttpResponse::Ok().json(report) } else { HttpResponse::ServiceUnavailable().json(report) }
}

/// Everything counted, for Prometheus.
pub(super) async fn metrics(health: web::Data<Health>) -> HttpResponse {
    match health.submissions.depth().await {
        Ok(depth) => count(depth),
        // The figures of before stand; the database's failure is told by others.
        Err(error) => tracing::warn!(%error, "the queue could not be measured"),
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(telemetry::metrics())
}

/// Gives the depth of the queue to the metrics.
fn count(depth: QueueDepth) {
    let number = |count: i64| f64::from(i32::try_from(count).unwrap_or(i32::MAX));
    metrics::gauge!("quorate_queue_submissions", "state" => "queued").set(number(depth.queued));
    metrics::gauge!("quorate_queue_submissions", "state" => "running").set(number(depth.leased));
    metrics::gauge!("quorate_queue_oldest_seconds").set(depth.oldest.as_secs_f64());
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    /// A look that is counted, and that lets others come in between.
    fn counted(looks: &Arc<AtomicUsize>) -> impl Future<Output = bool> + Send + 'static {
        let looks = Arc::clone(looks);
        async move {
            looks.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            true
        }
    }

    #[tokio::test]
    async fn many_who_ask_at_once_make_one_look() {
        let (finding, looks) = (Finding::default(), Arc::default());
        let found = join_all((0..100).map(|_| finding.of(|| counted(&looks)))).await;
        assert!(found.into_iter().all(|found| found));
        assert_eq!(looks.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_look_goes_on_when_the_one_who_asked_is_gone() {
        let (finding, looks) = (Finding::default(), Arc::default());
        for _ in 0..10 {
            // Asks once, and goes away.
            let mut asking = Box::pin(finding.of(|| counted(&looks)));
            assert!(futures_util::poll!(&mut asking).is_pending());
        }
        assert!(finding.of(|| counted(&looks)).await);
        assert_eq!(looks.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_database_that_does_not_answer_in_time_is_unreachable() {
        let (finding, began) = (Finding::default(), Instant::now());
        let found = join_all((0..10).map(|_| finding.of(std::future::pending::<bool>))).await;
        assert!(found.into_iter().all(|found| !found));
        assert!(began.elapsed() < 3 * LOOK_TIMEOUT, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_finding_stands_for_a_moment_only() {
        let long_ago = Instant::now().checked_sub(FINDING_STANDS).unwrap();
        let finding = Finding(Arc::new(Mutex::new(Some((long_ago, true)))));
        assert!(!finding.of(|| async { false }).await);
        assert!(!finding.of(|| async { true }).await);
    }
}
