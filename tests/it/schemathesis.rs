//! The OpenAPI document against the service: schemathesis makes requests from the document, valid ones and others, and
//! compares each answer with what the document says of its status, media type, headers and schema.

use std::fs;
use std::process::Command;

use quorate::submissions::queue::Queue;

use crate::support::environment;
use crate::support::script::{policy, result};
use crate::support::{Backend, Client as _, Database, Fixture, TestApp, run};

/// Requests that are made up for each operation and phase.
const EXAMPLES_MAX: &str = "15";

/// What no schema can say: a password of the right length may still be too easy to guess, the item of an attempt may ask for another
/// exercise, the question of an item says which shape of an answer fits, the source of a question has rules of its own, and a draft with
/// problems can't be published.
///
/// Nor does a schema know the state of what is changed, which `If-Match` has to name.
const EXCEPTIONS: &str = r#"
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "428", "429"]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]

[[operations]]
include-path = ["/api/v1/auth/register", "/api/v1/me/password", "/api/v1/exercises/{slug}/submissions",
    "/api/v1/attempts/{id}/responses/{position}", "/api/v1/sets/{set}/preview", "/api/v1/sets/{set}/publish",
    "/api/v1/teams/{team}/questions/{slug}", "/api/v1/teams/{team}/questions/{slug}/preview",
    "/api/v1/teams/{team}/prompts/{slug}", "/api/v1/teams/{team}/prompts/{slug}/preview"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "412", "422", "428", "429"]
"#;

/// The service with the bank and the packages that it is shipped with, and those of the tests.
struct Shipped(TestApp);

impl Fixture for Shipped {
    async fn on(backend: Backend) -> Self {
        let packages = ["graders", "tests/fixtures/packages"].map(Into::into).to_vec();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.graders = Some(packages)))
    }
}

#[test]
fn answers_somebody_unknown_as_documented() {
    run(Backend::Sqlite, async |Shipped(app): Shipped| {
        check(&app, &[]).await;
    });
}

#[test]
fn answers_somebody_signed_in_as_documented() {
    run(Backend::Sqlite, async |Shipped(app): Shipped| {
        let ada = app.person("Ada").await;
        check(&app, &["--header", &format!("Authorization: Bearer {}", ada.access_token)]).await;
        // Whatever was sent, the account is still good.
        ada.get("/api/v1/attempts").await.ok(200);
    });
}

/// Gives every submission a verdict without running it, so that its events have an end.
async fn grade(queue: Queue, exercises: Vec<String>) {
    loop {
        while let Some(job) = queue.claim("test", &exercises).await.unwrap() {
            queue.finish(job.lease, result(true), vec![]).await.unwrap();
        }
        queue.wait_for_work().await;
    }
}

async fn check(app: &TestApp, who: &[&str]) {
    tokio::spawn(grade(app.submissions.queue(policy()), app.exercises.slugs()));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("schemathesis.toml"), EXCEPTIONS).unwrap();
    let mut command = Command::new(environment::schemathesis());
    command
        .current_dir(folder.path())
        .args(["run", "--no-color", "--continue-on-failure", "--generation-deterministic"])
        .args(["--max-examples", EXAMPLES_MAX])
        .args(who)
        .arg(format!("{}/api/openapi.json", app.url()));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    // It has not been stopped by a document that it can't read.
    assert!(report.contains("Coverage") && report.contains("Stateful"), "{report}");
    assert!(!report.contains("Unresolvable references"), "{report}");
}
