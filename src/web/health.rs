//! Whether a process is alive and ready, and what it counts: for whoever runs it. The same for servers and workers.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::db::Db;
use crate::jobs::QueueDepth;
use crate::submissions::Submissions;
use crate::telemetry;
use crate::worker::{Probed, Sandbox, Status};

/// What tells whether a process is well.
#[derive(Clone)]
pub struct Health {
    /// The database, which is asked whether it answers.
    pub db: Db,
    /// Whether this process can grade.
    pub grading: Status,
    /// The submissions, of which those that wait are counted.
    pub submissions: Submissions,
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

/// The same with the reasons, for whoever runs this process.
pub(super) async fn readyz_in_full(health: web::Data<Health>) -> HttpResponse {
    let report = Readiness::of(&health).await;
    answer(report.ready, &report)
}

impl Readiness {
    async fn of(health: &Health) -> Self {
        let database = health.db.ping().await.is_ok();
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
