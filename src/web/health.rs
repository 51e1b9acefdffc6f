//! Whether a process is alive and ready, and what it counts: for whoever runs it. The same for servers and workers.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::db::Db;
use crate::submissions::Submissions;
use crate::telemetry;
use crate::worker::{Probed, Sandbox, Status};

/// What is looked at.
#[derive(Clone)]
pub struct Health {
    /// Whether it answers.
    pub db: Db,
    /// Whether this process can grade.
    pub grading: Status,
    /// What waits.
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

/// Ready: the database answers, and what grading needs was proved.
pub(super) async fn readyz(health: web::Data<Health>) -> HttpResponse {
    let database = health.db.ping().await.is_ok();
    let sandbox = health.grading.get();
    let report = Readiness {
        ready: database && matches!(sandbox.state, Sandbox::Holds | Sandbox::Unused),
        database: if database { "reachable" } else { "unreachable" },
        sandbox,
    };
    if report.ready { HttpResponse::Ok().json(report) } else { HttpResponse::ServiceUnavailable().json(report) }
}

/// Everything counted, for Prometheus.
pub(super) async fn metrics(health: web::Data<Health>) -> HttpResponse {
    match health.submissions.load().await {
        Ok(load) => load.count(),
        // The figures of before stand; the database's failure is told by others.
        Err(error) => tracing::warn!(%error, "the queue could not be measured"),
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(telemetry::metrics())
}
