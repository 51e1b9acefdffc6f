//! Exams that hold: somebody with a second account looks everywhere for what an exam asks of the first one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Ask as _, Backend, Client, Database, Fixture, PageSession, TestApp, for_each_database};

for_each_database![a_second_account_learns_nothing_of_an_exam, no_attempt_tells_a_seed,];

/// The service with the small bank, which keeps `demo/kept` and its siblings for the set `exam`.
struct Demo(TestApp);

impl Fixture for Demo {
    async fn on(backend: Backend) -> Self {
        let folder = "tests/fixtures/bank".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.questions = Some(vec![folder])))
    }
}

/// Begins an attempt, and gives its id and what it asks.
async fn begin(person: &PageSession, set: &str) -> (String, Vec<Value>) {
    let attempt = person.post(&format!("/api/v1/sets/{set}/attempts"), json!({})).await.ok(201);
    (attempt["id"].as_str().unwrap().to_owned(), attempt["items"].as_array().unwrap().clone())
}

async fn a_second_account_learns_nothing_of_an_exam(Demo(app): Demo) {
    let (ada, thief) = (app.signed_in("Ada").await, app.signed_in("Thief").await);
    let (_, items) = begin(&ada, "exam").await;
    let ids = items.iter().map(|item| item["question"]["id"].as_str().or(item["prompt"]["id"].as_str()).unwrap());
    for id in ids {
        assert!(id.starts_with("demo/kept"), "{id}");
        for path in [
            format!("/api/v1/questions/{id}"),
            format!("/api/v1/questions/{id}?seed=0"),
            format!("/api/v1/questions/{id}/hints/1"),
            format!("/api/v1/prompts/{id}"),
            format!("/practice/{id}"),
            format!("/practice/{id}?seed=0"),
            format!("/prompts/{id}"),
        ] {
            thief.get(&path).await.refused(404, "not_found");
        }
        let answer = json!({"seed": 0, "answer": {"value": 1}});
        thief.post(&format!("/api/v1/questions/{id}/answers"), answer).await.refused(404, "not_found");
        thief.post(&format!("/api/v1/prompts/{id}/responses"), json!({"text": "x"})).await.refused(404, "not_found");
        for (path, fields) in [
            (format!("/practice/{id}"), &[("seed", "0"), ("hints", "0"), ("value", "1"), ("do", "answer")][..]),
            (format!("/practice/{id}"), &[("seed", "0"), ("hints", "0"), ("do", "hint")]),
            (format!("/prompts/{id}"), &[("text", "x")]),
        ] {
            let page = thief.submit(&path, fields).await;
            assert_eq!(page.status, 404, "{path}: {}", page.text());
        }
    }
    for path in [
        "/api/v1/questions?limit=100",
        "/api/v1/questions?topic=demo&difficulty=1&tag=pool&kind=numeric",
        "/api/v1/prompts",
        "/api/v1/topics",
        "/api/v1/topics/demo",
        "/api/v1/sets",
        "/api/v1/sets/exam",
        "/api/v1/me/scores",
        "/api/v1/attempts",
        "/",
        "/topics",
        "/topics/demo",
        "/practice/demo/truth?seed=0",
        "/prompts",
        "/sets",
        "/sets/exam",
        "/record",
    ] {
        let seen = thief.get(path).await;
        assert_eq!(seen.status, 200, "{path}");
        let text = seen.text();
        assert!(!text.contains("kept") && !text.contains("Kept"), "{path}: {text}");
    }
    // A topic counts what can be practised.
    assert_eq!(thief.get("/api/v1/topics/demo").await.ok(200)["questions"], 5);
}

/// With a variant's seed, practice would tell its key.
async fn no_attempt_tells_a_seed(Demo(app): Demo) {
    let ada = app.signed_in("Ada").await;
    for set in ["exam", "work"] {
        let (id, items) = begin(&ada, set).await;
        let numeric = items.iter().find(|item| item["question"]["kind"] == "numeric").unwrap();
        let position = numeric["position"].as_u64().unwrap();
        let (api, page) = (format!("/api/v1/attempts/{id}"), format!("/attempts/{id}"));
        let mut seen = vec![ada.get(&api).await.text(), ada.open(&format!("{page}/items/{position}")).await];
        for (name, value) in [("autosave", "8"), ("save", "apples"), ("next", "8")] {
            let fields = [("revision", "9"), ("value", value), ("do", name)];
            seen.push(ada.submit(&format!("{page}/items/{position}"), &fields).await.text());
        }
        seen.push(ada.open(&format!("{page}/submit")).await);
        seen.push(ada.post(&format!("{api}/submit"), json!({})).await.text());
        seen.push(ada.get(&format!("{api}/result")).await.text());
        seen.push(ada.open(&format!("{page}/result")).await);
        let script = ada.request(Method::GET, &format!("{page}/result")).header("accept", "application/json");
        seen.push(script.answer().await.text());
        for text in seen {
            assert!(!text.contains("seed"), "{set}: {text}");
            let is_told = text.contains("SECRET-EXPLANATION") || text.contains("SECRET-FEEDBACK");
            assert!(!is_told || set == "work", "{set}: {text}");
        }
    }
}
