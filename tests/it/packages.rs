//! `quorate check` on every built-in package, and what candidates see of the kinds.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::script::worker;
use crate::support::{Backend, Client, Database, TestApp, for_each_database, run};

/// Checks a package as its author does.
fn check(package: &str) {
    // Prepared once for all tests.
    let data_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade-data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(["check", package, "--repeat=1"]).env("QUORATE_DATA_DIR", data_dir).env("QUORATE_GRADERS", "graders");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("warning"), "{text}");
}

macro_rules! built_in {
    ($($test:ident: $slug:literal,)*) => {
        const BUILT_IN: &[&str] = &[$($slug),*];

        $(#[test]
        fn $test() {
            check($slug);
        })*
    };
}

built_in! {
    dedup_store_tests_hold: "dedup-store-tests",
    idempotent_ledger_holds: "idempotent-ledger",
    lost_update_cart_holds: "lost-update-cart",
    retry_storm_holds: "retry-storm",
    traced_handler_holds: "traced-handler",
    traceparent_holds: "traceparent",
    vector_clock_holds: "vector-clock",
}

#[test]
fn every_built_in_package_is_checked() {
    let folders = fs::read_dir("graders").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(folders.collect::<BTreeSet<_>>(), BUILT_IN.iter().map(|&slug| slug.to_owned()).collect());
}

#[test]
fn tests_are_measured_by_implementations() {
    check("tests/fixtures/packages/counter-tests");
}

for_each_database![an_exercise_shows_its_questions_and_rules_without_keys, a_diagnosis_is_given_by_a_form,];

async fn an_exercise_shows_its_questions_and_rules_without_keys(database: Database) {
    let app = TestApp::with(database, |settings| settings.graders = Some(vec!["graders".into()]));
    let anyone = app.anonymous();
    let storm = anyone.get("/api/v1/exercises/retry-storm").await.ok(200);
    assert_eq!(storm["kind"], "debug");
    let question = &storm["questions"][0];
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(question), ["choices", "name", "score", "several", "stem"]);
    assert_eq!(keys(&question["choices"][0]), ["id", "text"]);
    let cart = anyone.get("/api/v1/exercises/lost-update-cart").await.ok(200);
    assert_eq!(cart["gates"][0]["name"], json!("no-blind-put"));
    let page = anyone.get("/exercises/retry-storm").await.text();
    assert!(page.contains("incident/metrics.csv") && page.contains("diagnosis.toml"));
}

async fn a_diagnosis_is_given_by_a_form(database: Database) {
    let app = TestApp::with(database, |settings| settings.graders = Some(vec!["graders".into()]));
    let ada = app.signed_in("Ada").await;
    let page = ada.open("/exercises/retry-storm").await;
    assert!(page.contains(r#"type="radio" name="choice.trigger" value="b""#), "{page}");
    assert!(page.contains(r#"type="checkbox" name="choice.what-ends-it" value="a""#), "{page}");
    let fields = [
        ("path", "src/client.rs"),
        ("text", "// mine\n"),
        ("choice.trigger", "b"),
        ("choice.what-ends-it", "a"),
        ("choice.what-ends-it", "c"),
        ("mode", "graded"),
    ];
    let submission = ada.submit("/exercises/retry-storm/submissions", &fields).await.redirected().to_owned();
    let files = ada.get(&format!("/api/v1{submission}/files")).await.ok(200);
    let written = "trigger = \"b\"\nwhat-ends-it = [\"a\", \"c\"]\n";
    assert_eq!(files["files"]["diagnosis.toml"], json!(written), "{files}");
    // The next time the form begins with these answers.
    let again = ada.open("/exercises/retry-storm").await;
    assert!(again.contains(r#"name="choice.trigger" value="b" checked"#), "{again}");
    assert_eq!(again.matches(" checked>").count(), 3);
}

#[test]
fn what_an_author_changes_is_noticed() {
    run(Backend::Sqlite, exercises_follow_their_folders);
}

/// While the server runs: another title, a mistake, a package more, a package less.
async fn exercises_follow_their_folders(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let package = |name: &str| folder.path().join(name);
    let write = |name: &str, toml: &str| {
        fs::create_dir_all(package(name).join("starter/src")).unwrap();
        fs::create_dir_all(package(name).join("hidden")).unwrap();
        fs::write(package(name).join("starter/Cargo.toml"), format!("[package]\nname = \"{name}\"\n")).unwrap();
        fs::write(package(name).join("starter/src/lib.rs"), "").unwrap();
        fs::write(package(name).join("hidden/all.rs"), "").unwrap();
        fs::write(package(name).join("grader.toml"), toml).unwrap();
    };
    write("first", "title = \"One\"\nkind = \"implement\"\n");
    let app = TestApp::with(database, |settings| settings.graders = Some(vec![folder.path().to_owned()]));
    let (_, worker) = worker(&app);
    let anyone = app.anonymous();
    let until = async |slug: &str, wanted: &str| {
        let shown = async || {
            let answer = anyone.get(&format!("/api/v1/exercises/{slug}")).await;
            let Ok(exercise) = serde_json::from_str::<Value>(&answer.text()) else { return String::new() };
            format!("{} {} {}", exercise["title"], exercise["availability"]["state"], exercise["code"])
        };
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !shown().await.contains(wanted) {
            assert!(std::time::Instant::now() < deadline, "{slug} is not yet {wanted}: {}", shown().await);
            tokio::task::yield_now().await;
        }
    };
    until("first", "\"One\" \"ready\"").await;
    write("first", "title = \"Uno\"\nkind = \"implement\"\n");
    until("first", "\"Uno\" \"ready\"").await;
    // A mistake leaves the last good version as it was.
    write("first", "title = \"Due\"\nkind = \"none such\"\n");
    write("second", "title = \"Two\"\nkind = \"implement\"\n");
    until("second", "\"Two\" \"ready\"").await;
    until("first", "\"Uno\" \"ready\"").await;
    fs::remove_dir_all(package("second")).unwrap();
    until("second", "not_found").await;
    worker.stop().await;
}
