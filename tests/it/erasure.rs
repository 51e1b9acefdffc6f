//! Erasing an account: nothing of it is left where somebody could look for it, and nothing else suffers.

use std::fs;

use diesel::connection::SimpleConnection as _;
use reqwest::Method;
use serde_json::json;

use crate::support::{Ask as _, Backend, Client, Database, PASSWORD, TestApp, run};

fn demo(database: Database) -> TestApp {
    TestApp::with(database, |settings| settings.questions = Some(vec!["tests/fixtures/bank".into()]))
}

/// Whether a text is anywhere in the files of a service's SQLite database, its journal included.
fn is_on_disk(app: &TestApp, text: &str) -> bool {
    let file = app.config.database_url.trim_start_matches("sqlite:");
    let found = |path: String| {
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    ["", "-wal"].iter().any(|end| found(format!("{file}{end}")))
}

#[test]
fn what_is_erased_is_gone_from_the_disk() {
    run(Backend::Sqlite, async |database: Database| {
        let app = demo(database);
        let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
        let path = "/api/v1/prompts/demo/design/responses";
        // One text fits into a page of the database, and the other takes several.
        let short = "SECRET-SHORT of Ada";
        let long = format!("{} SECRET-LONG of Ada", "A queue and a log. ".repeat(900));
        for text in [short, &long] {
            ada.post(path, json!({"text": text})).await.ok(201);
        }
        bob.post(path, json!({"text": "SECRET of Bob"})).await.ok(201);
        // As on a server that has run for a while: the text is in the database itself.
        app.maintenance.tidy().await;
        assert!(is_on_disk(&app, short) && is_on_disk(&app, "SECRET-LONG of Ada"));
        let erased = ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD})).answer().await;
        assert_eq!(erased.status, 204);
        app.maintenance.tidy().await;
        for gone in [short, "SECRET-LONG of Ada", "A queue and a log.", "ada@example.org"] {
            assert!(!is_on_disk(&app, gone), "{gone:?} can still be read");
        }
        assert!(is_on_disk(&app, "SECRET of Bob"));
    });
}

/// Only a row that refers to the caller's own account says that the account is gone.
#[test]
fn a_broken_reference_of_ours_is_not_the_callers_fault() {
    run(Backend::Sqlite, async |database: Database| {
        let app = demo(database);
        let ada = app.person("Ada").await;
        let broken = "CREATE TRIGGER broken AFTER INSERT ON prompt_responses BEGIN
            INSERT INTO members (team_id, user_id, role) VALUES ('tea_none', NEW.user_id, 'owner'); END";
        app.db.write(move |c| Ok::<_, quorate::db::Error>(c.batch_execute(broken)?)).await.unwrap();
        let respond = async || {
            let request = ada.request(Method::POST, "/api/v1/prompts/demo/design/responses");
            request.json(&json!({"text": "A queue."})).send().await.unwrap().status().as_u16()
        };
        assert_eq!(respond().await, 500);
        let erased = ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD})).answer().await;
        assert_eq!(erased.status, 204);
        assert_eq!(respond().await, 401);
    });
}
