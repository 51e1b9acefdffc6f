//! Taking sets, by REST, with the small bank of `tests/fixtures/bank`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use quorate::accounts::Viewer;
use quorate::attempts::Attempts;
use quorate::bank;
use serde_json::{Value, json};

use crate::support::{Answer, Backend, Client, Database, Fixture, TestApp, for_each_database};

for_each_database![
    sets_are_listed_and_told,
    an_attempt_is_fixed_when_it_begins,
    an_answer_is_saved_and_found_again,
    an_older_revision_is_refused_and_told_what_is_stored,
    an_answer_of_another_shape_is_refused,
    the_result_is_told_as_far_as_the_set_tells,
    what_is_saved_in_time_is_scored_and_what_is_late_is_refused,
    an_attempt_is_submitted_once,
    attempts_can_be_counted_out,
    a_one_way_set_closes_what_is_behind,
    an_attempt_is_its_candidates_alone,
    a_changed_question_changes_no_attempt,
    nothing_tells_a_key_before_the_end,
    the_best_at_each_set_and_topic_is_in_the_record,
];

/// The service with the small bank.
struct Demo(TestApp);

impl Fixture for Demo {
    async fn on(backend: Backend) -> Self {
        let folder = Path::new("tests/fixtures/bank").to_owned();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.questions = Some(vec![folder])))
    }
}

async fn begin(person: &impl Client, set: &str) -> (String, Value) {
    let attempt = person.post(&format!("/api/v1/sets/{set}/attempts"), json!({})).await.ok(201);
    (format!("/api/v1/attempts/{}", attempt["id"].as_str().unwrap()), attempt)
}

async fn save(person: &impl Client, attempt: &str, position: u32, answer: Value, revision: i64) -> Answer {
    let body = json!({"answer": answer, "revision": revision});
    person.put(&format!("{attempt}/responses/{position}"), body).await
}

async fn sets_are_listed_and_told(Demo(app): Demo) {
    let list = app.anonymous().get("/api/v1/sets?limit=2").await;
    assert_eq!(slugs(&list.ok(200)), ["drawn", "once"]);
    let next = list.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    assert_eq!(slugs(&app.anonymous().get(&next).await.ok(200)), ["one-way", "scores-only"]);
    let timed = app.anonymous().get("/api/v1/sets/timed").await.ok(200);
    assert_eq!((&timed["time_limit_seconds"], &timed["pass_mark"]), (&json!(1200), &json!(0.5)));
    app.anonymous().get("/api/v1/sets/none").await.refused(404, "not_found");
    app.anonymous().post("/api/v1/sets/timed/attempts", json!({})).await.refused(401, "unauthenticated");
}

fn slugs(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|set| set["slug"].as_str().unwrap()).collect()
}

async fn an_attempt_is_fixed_when_it_begins(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, attempt) = begin(&ada, "drawn").await;
    let kinds: Vec<_> =
        attempt["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "question").count(), 3);
    assert_eq!(attempt["deadline"], Value::Null);
    app.pass(Duration::from_secs(24 * 3600));
    let ada = ada.sign_in_again().await;
    assert_eq!(ada.get(&path).await.ok(200), attempt);
}

async fn an_answer_is_saved_and_found_again(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "timed").await;
    let saved = save(&ada, &path, 1, json!({"choice": "a"}), 1).await.ok(200);
    assert_eq!(save(&ada, &path, 1, json!({"choice": "a"}), 1).await.ok(200), saved, "a retry is taken as saved");
    save(&ada, &path, 1, json!({"choice": "b"}), 2).await.ok(200);
    let resumed = ada.get(&path).await.ok(200);
    assert_eq!(resumed["items"][0]["response"]["answer"], json!({"choice": "b"}));
    assert_eq!(resumed["items"][1]["response"], Value::Null);
}

async fn an_older_revision_is_refused_and_told_what_is_stored(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "timed").await;
    save(&ada, &path, 1, json!({"choice": "a"}), 5).await.ok(200);
    for revision in [4, 5] {
        let problem = save(&ada, &path, 1, json!({"choice": "b"}), revision).await.refused(409, "older_revision");
        assert_eq!(
            (&problem["stored"]["answer"], &problem["stored"]["revision"]),
            (&json!({"choice": "a"}), &json!(5))
        );
    }
}

async fn an_answer_of_another_shape_is_refused(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "timed").await;
    assert_eq!(save(&ada, &path, 1, json!({"value": true}), 1).await.invalid(), ["/answer/value"]);
    assert_eq!(save(&ada, &path, 1, json!("a"), 1).await.invalid(), ["/answer"]);
    save(&ada, &path, 9, json!({"choice": "a"}), 1).await.refused(404, "not_found");
    assert_eq!(ada.get(&path).await.ok(200)["items"][0]["response"], Value::Null);
    let (path, attempt) = begin(&ada, "drawn").await;
    let of_kind = |kind: &str| {
        let items = attempt["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["kind"] == kind).unwrap();
        u32::try_from(item["position"].as_u64().unwrap()).unwrap()
    };
    assert_eq!(save(&ada, &path, of_kind("exercise"), json!({"text": "code"}), 1).await.invalid(), ["/answer"]);
    assert_eq!(
        save(&ada, &path, of_kind("prompt"), json!({"text": "é".repeat(20_001)}), 1).await.invalid(),
        ["/answer/text"]
    );
    save(&ada, &path, of_kind("prompt"), json!({"text": "é".repeat(20_000)}), 1).await.ok(200);
}

async fn the_result_is_told_as_far_as_the_set_tells(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for (set, scores, reviews) in [("timed", true, true), ("scores-only", true, false), ("silent", false, false)] {
        let (path, _) = begin(&ada, set).await;
        save(&ada, &path, 1, json!({"choice": "b"}), 1).await.ok(200);
        save(&ada, &path, 2, json!({"value": true}), 1).await.ok(200);
        ada.get(&format!("{path}/result")).await.refused(409, "attempt_open");
        ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
        let result = ada.get(&format!("{path}/result")).await.ok(200);
        assert_eq!(result["score"] == 2 && result["max_score"] == 3, scores, "{set}: {result}");
        assert_eq!(result.to_string().contains("SECRET-FEEDBACK"), reviews, "{set}: {result}");
        assert_eq!(result.to_string().contains("SECRET-EXPLANATION"), reviews, "{set}: {result}");
        assert_eq!(result["passed"], if set == "timed" { json!(true) } else { Value::Null }, "{set}");
    }
}

async fn what_is_saved_in_time_is_scored_and_what_is_late_is_refused(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "timed").await;
    save(&ada, &path, 2, json!({"value": true}), 1).await.ok(200);
    app.pass(Duration::from_secs(20 * 60));
    let ada = ada.sign_in_again().await;
    save(&ada, &path, 1, json!({"choice": "a"}), 1).await.refused(409, "time_up");
    ada.post(&format!("{path}/submit"), json!({})).await.refused(409, "time_up");
    let over = ada.get(&path).await.ok(200);
    assert_eq!((&over["state"], &over["submitted_at"]), (&json!("submitted"), &over["deadline"]));
    let result = ada.get(&format!("{path}/result")).await.ok(200);
    assert_eq!((&result["score"], &result["max_score"], &result["passed"]), (&json!(2), &json!(3), &json!(true)));
}

async fn an_attempt_is_submitted_once(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "timed").await;
    ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
    ada.post(&format!("{path}/submit"), json!({})).await.refused(409, "attempt_over");
    save(&ada, &path, 1, json!({"choice": "a"}), 1).await.refused(409, "attempt_over");
    let result = ada.get(&format!("{path}/result")).await.ok(200);
    assert_eq!((&result["score"], &result["pending"]), (&json!(0), &json!(false)));
}

async fn attempts_can_be_counted_out(Demo(app): Demo) {
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    begin(&ada, "once").await;
    ada.post("/api/v1/sets/once/attempts", json!({})).await.refused(409, "no_attempts_left");
    begin(&ben, "once").await;
}

async fn a_one_way_set_closes_what_is_behind(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "one-way").await;
    save(&ada, &path, 2, json!({"value": false}), 1).await.ok(200);
    save(&ada, &path, 1, json!({"choice": "a"}), 1).await.refused(409, "item_closed");
    save(&ada, &path, 2, json!({"value": true}), 2).await.ok(200);
}

async fn an_attempt_is_its_candidates_alone(Demo(app): Demo) {
    let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
    let (path, _) = begin(&ada, "timed").await;
    eve.get(&path).await.refused(404, "not_found");
    save(&eve, &path, 1, json!({"choice": "a"}), 1).await.refused(404, "not_found");
    eve.post(&format!("{path}/submit"), json!({})).await.refused(404, "not_found");
    eve.get("/api/v1/attempts/att_1").await.refused(404, "not_found");
    assert_eq!(eve.get("/api/v1/attempts").await.ok(200)["items"], json!([]));
    assert_eq!(ada.get("/api/v1/attempts").await.ok(200)["items"].as_array().unwrap().len(), 1);
}

async fn a_changed_question_changes_no_attempt(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, attempt) = begin(&ada, "timed").await;
    save(&ada, &path, 2, json!({"value": true}), 1).await.ok(200);
    let changed = another_bank(|text| text.replace("answer = true", "answer = false").replace("20m", "1m"));
    let attempts = Attempts::new(app.db.clone(), app.clock.clone(), changed);
    let (user, id) = (ada.id.parse().unwrap(), attempt["id"].as_str().unwrap().parse().unwrap());
    let resumed = serde_json::to_value(attempts.resume(Viewer::Person(user), id).await.unwrap()).unwrap();
    assert_eq!((&resumed["deadline"], &resumed["items"][0]), (&attempt["deadline"], &attempt["items"][0]));
    attempts.submit(user, id).await.unwrap();
    assert_eq!(serde_json::to_value(attempts.result(Viewer::Person(user), id).await.unwrap()).unwrap()["score"], 2);
}

/// The small bank with every file changed.
fn another_bank(change: impl Fn(String) -> String) -> bank::Bank {
    let folder = tempfile::tempdir().unwrap();
    for part in ["", "demo", "sets"] {
        fs::create_dir_all(folder.path().join(part)).unwrap();
        for entry in fs::read_dir(Path::new("tests/fixtures/bank").join(part)).unwrap() {
            let file = entry.unwrap().path();
            if file.is_file() {
                let text = change(fs::read_to_string(&file).unwrap());
                fs::write(folder.path().join(part).join(file.file_name().unwrap()), text).unwrap();
            }
        }
    }
    let (bank, mistakes) = bank::load(&[folder.path().to_owned()]);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    bank
}

async fn nothing_tells_a_key_before_the_end(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for set in ["timed", "drawn"] {
        let (path, attempt) = begin(&ada, set).await;
        let saved = save(&ada, &path, 1, json!({"choice": "b"}), 1).await.text();
        for told in [attempt.to_string(), saved, ada.get(&path).await.text()] {
            assert!(!told.contains("SECRET") && !told.contains("correct") && !told.contains("solution"), "{told}");
        }
    }
}

async fn the_best_at_each_set_and_topic_is_in_the_record(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for choice in ["b", "a", "b"] {
        let (path, _) = begin(&ada, "timed").await;
        save(&ada, &path, 1, json!({"choice": choice}), 1).await.ok(200);
        ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
    }
    let (silent, _) = begin(&ada, "silent").await;
    ada.post(&format!("{silent}/submit"), json!({})).await.ok(200);
    let answer = json!({"seed": 0, "answer": {"value": true}});
    ada.post("/api/v1/questions/demo/truth/answers", answer).await.ok(200);
    let record = ada.get("/api/v1/me/scores").await.ok(200);
    let sets = record["sets"].as_array().unwrap();
    assert_eq!(sets.len(), 1, "a set that tells nothing is not in the record: {record}");
    assert_eq!((&sets[0]["score"], &sets[0]["max_score"], &sets[0]["attempts"]), (&json!(1), &json!(3), &json!(3)));
    let topic = json!({"topic": "demo", "score": 2, "max_score": 2, "answered": 1, "questions": 5});
    assert_eq!(record["topics"], json!([topic]));
}
