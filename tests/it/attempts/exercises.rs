//! What an exercise of an attempt earns: nothing when nothing was handed in, and not yet known while a grading is owed.

use std::process::Command;

use diesel::prelude::*;
use quorate::db::schema::jobs;
use quorate::id::SubmissionId;
use quorate::jobs::Setback;
use quorate::submissions::queue::GradingJob;
use serde_json::{Value, json};

use super::begin;
use crate::support::script::{policy, result};
use crate::support::{Backend, Client, Database, Fixture, PageSession, TestApp, for_each_database};

for_each_database![
    what_was_never_handed_in_earns_nothing,
    what_was_handed_in_and_not_graded_is_pending,
    a_grading_that_failed_on_our_side_is_owed,
    the_result_names_the_submission_that_counted,
];

/// The service with the small bank, some of whose sets ask for a vector clock.
struct WithSets(TestApp);

impl Fixture for WithSets {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::with(Database::migrated(backend), |settings| {
            settings.questions = Some(vec!["tests/fixtures/bank".into()]);
            settings.graders = Some(vec!["graders".into()]);
        }))
    }
}

/// Somebody at an attempt at a set whose first item, or one of whose items, is the exercise.
struct Candidate {
    browser: PageSession,
    attempt: String,
    position: i64,
}

impl Candidate {
    async fn begins(app: &TestApp, set: &str) -> Self {
        let browser = app.signed_in("Ada").await;
        let (attempt, told) = begin(&browser, set).await;
        let items = told["items"].as_array().unwrap();
        let position = items.iter().find(|item| item["kind"] == "exercise").unwrap()["position"].as_i64().unwrap();
        Self { browser, attempt, position }
    }

    async fn hands_in(&self, text: &str) -> SubmissionId {
        let id = self.attempt.rsplit('/').next().unwrap();
        let address = format!("/api/v1/exercises/vector-clock/submissions?attempt={id}&position={}", self.position);
        let submission = self.browser.post(&address, json!({"files": {"src/lib.rs": text}})).await.ok(202);
        submission["id"].as_str().unwrap().parse().unwrap()
    }

    async fn submits(&self) {
        self.browser.post(&format!("{}/submit", self.attempt), json!({})).await.ok(200);
    }

    /// The result, and what it says of the exercise.
    async fn result(&self) -> (Value, Value) {
        let result = self.browser.get(&format!("{}/result", self.attempt)).await.ok(200);
        let item = result["items"].as_array().unwrap().iter().find(|item| item["position"] == self.position);
        let item = item.cloned().unwrap_or_default();
        (result, item)
    }

    async fn page(&self) -> String {
        self.browser.open(&format!("{}/result", self.attempt.replace("/api/v1", ""))).await
    }

    /// Whether the record of the person counts this attempt as pending.
    async fn is_pending_in_record(&self) -> Value {
        self.browser.get("/api/v1/me/scores").await.ok(200)["sets"][0]["pending"].clone()
    }
}

async fn claim(app: &TestApp) -> Option<GradingJob> {
    app.submissions.queue(policy()).claim("test", &["vector-clock".to_owned()]).await.unwrap()
}

/// Fails the only grading that waits until it is given up.
async fn give_up(app: &TestApp) {
    while let Some(job) = claim(app).await {
        let setback = app.submissions.queue(policy()).fail(job.lease).await.unwrap();
        assert!(matches!(setback, Setback::Requeued | Setback::Abandoned { .. }), "{setback:?}");
    }
}

/// What the command of an operator prints.
async fn regrade(app: &TestApp, submission: SubmissionId) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(["admin", "--database-url", &app.config.database_url]).arg("--data-dir").arg(&app.config.data_dir);
    let output = command.args(["regrade", submission.as_str()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The command has the time of the machine, which is later than that of the test.
    let ready = diesel::update(jobs::table.find(submission.to_string())).set(jobs::ready_at.eq(0_i64));
    assert_eq!(app.db.read(move |c| Ok::<_, quorate::db::Error>(ready.execute(c)?)).await.unwrap(), 1);
    String::from_utf8(output.stdout).unwrap()
}

/// The code with which it is refused to grade a submission again.
async fn refusal(app: &TestApp, submission: SubmissionId) -> String {
    let refused = format!("{:?}", app.submissions.regrade(submission).await.unwrap_err());
    refused.split_once("code: \"").unwrap().1.split('"').next().unwrap().to_owned()
}

async fn grade(app: &TestApp, accepted: bool, version: &str) {
    let job = claim(app).await.unwrap();
    let mut graded = result(accepted);
    graded.report.package_version = Some(version.to_owned());
    assert!(app.submissions.queue(policy()).finish(job.lease, graded, vec![]).await.unwrap());
}

async fn what_was_never_handed_in_earns_nothing(WithSets(app): WithSets) {
    let ada = Candidate::begins(&app, "drawn").await;
    ada.submits().await;
    let (result, item) = ada.result().await;
    assert_eq!((&item["score"], &item["pending"]), (&json!(0), &json!(false)), "{item}");
    assert_eq!((&result["score"], &result["pending"]), (&json!(0), &json!(false)), "{result}");
    assert_eq!(ada.is_pending_in_record().await, json!(false));
}

async fn what_was_handed_in_and_not_graded_is_pending(WithSets(app): WithSets) {
    let ada = Candidate::begins(&app, "drawn").await;
    ada.hands_in("// one").await;
    ada.submits().await;
    let (result, item) = ada.result().await;
    assert_eq!((&item["score"], &item["pending"], &result["pending"]), (&Value::Null, &json!(true), &json!(true)));
    assert_eq!(ada.is_pending_in_record().await, json!(true));
    grade(&app, false, "x1_one").await;
    let (result, item) = ada.result().await;
    assert_eq!((&item["score"], &item["pending"], &result["pending"]), (&json!(0), &json!(false), &json!(false)));
    assert_eq!(ada.is_pending_in_record().await, json!(false));
}

async fn a_grading_that_failed_on_our_side_is_owed(WithSets(app): WithSets) {
    let ada = Candidate::begins(&app, "drawn").await;
    let submission = ada.hands_in("// one").await;
    assert_eq!(refusal(&app, submission).await, "not_abandoned", "it waits already");
    ada.submits().await;
    give_up(&app).await;
    let (result, item) = ada.result().await;
    assert_eq!((&item["score"], &item["pending"]), (&Value::Null, &json!(true)), "{item}");
    assert_eq!((&result["pending"], &result["passed"]), (&json!(true), &Value::Null), "{result}");
    assert_eq!(ada.is_pending_in_record().await, json!(true));
    let told = ada.browser.get(&format!("/api/v1/submissions/{submission}")).await.ok(200);
    let reason = told["reason"].as_str().unwrap();
    assert!(reason.contains("doesn't count") && !reason.contains("hand it in"), "{reason}");

    assert!(regrade(&app, submission).await.contains(&format!("{submission} waits to be graded again")));
    let told = ada.browser.get(&format!("/api/v1/submissions/{submission}")).await.ok(200);
    assert_eq!((&told["state"], &told["verdict"], &told["reason"]), (&json!("queued"), &Value::Null, &Value::Null));
    assert_eq!(ada.result().await.1["pending"], json!(true));
    grade(&app, true, "x1_two").await;
    let (result, item) = ada.result().await;
    assert_eq!((&item["score"], &item["pending"], &result["pending"]), (&json!(10), &json!(false), &json!(false)));
    // Whoever follows it is told of one end, which is the last event.
    let events = ada.browser.get(&format!("/api/v1/submissions/{submission}/events")).await.text();
    assert_eq!(events.matches("event: finished").count(), 1, "{events}");
    assert!(events.trim_end().ends_with("\"verdict\":\"accepted\"}"), "{events}");
    assert_eq!(refusal(&app, submission).await, "not_abandoned", "it has a verdict");
    assert_eq!(refusal(&app, SubmissionId::new()).await, "not_found");
}

async fn the_result_names_the_submission_that_counted(WithSets(app): WithSets) {
    let ada = Candidate::begins(&app, "drawn").await;
    let mut handed_in = Vec::new();
    for (text, accepted, version) in [
        ("// one", false, "x1_one"),
        ("// two", true, "x1_two"),
        ("// three", true, "x1_three"),
        ("// four", false, "x1_four"),
    ] {
        handed_in.push(ada.hands_in(text).await);
        grade(&app, accepted, version).await;
    }
    ada.submits().await;
    let (_, item) = ada.result().await;
    // The first of those that earned the most.
    let counted = json!({"id": handed_in[1], "package_version": "x1_two"});
    assert_eq!(item["counted"], counted, "{item}");
    let page = ada.page().await;
    assert!(page.contains(&format!("href=\"/submissions/{}\"", handed_in[1])) && page.contains("x1_two"), "{page}");
    assert!(!page.contains("x1_three"), "{page}");
}
