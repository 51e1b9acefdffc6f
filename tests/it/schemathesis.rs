//! The OpenAPI document against the service: schemathesis makes requests from the document, valid ones and others, and
//! compares each answer with what the document says of its status, media type, headers and schema.

use std::process::Command;

use crate::support::environment;
use crate::support::{Backend, Client as _, Database, Fixture, TestApp, run};

/// Requests that are made up for each operation and phase.
const EXAMPLES_MAX: &str = "15";

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

async fn check(app: &TestApp, who: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
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
