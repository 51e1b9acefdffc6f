//! Taking sets, by REST, with the small bank of `tests/fixtures/bank`.

mod closing;
mod exercises;
mod unreadable;
mod wording;

use std::collections::BTreeSet;
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
    the_open_attempt_is_gone_on_with,
    of_two_that_begin_at_once_one_is_new,
    an_emptied_answer_is_none,
    an_empty_answer_closes_nothing,
    an_emptied_answer_opens_nothing,
    a_save_that_is_repeated_was_saved,
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
    assert_eq!(slugs(&list.ok(200)), ["drawn", "exam"]);
    let next = list.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    assert_eq!(slugs(&app.anonymous().get(&next).await.ok(200)), ["once", "one-way"]);
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
        let told = |number: i32| if scores { json!(number) } else { Value::Null };
        assert_eq!((&result["score"], &result["max_score"]), (&told(2), &told(3)), "{set}: {result}");
        let items = result["items"].as_array().unwrap();
        assert_eq!(items.len(), if scores { 2 } else { 0 }, "{set}: {result}");
        assert!(items.iter().all(|item| item["review"].is_object() == reviews), "{set}: {result}");
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
    let (path, _) = begin(&ada, "once").await;
    ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
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

/// Every name that may stand in an open attempt. A new one is looked at by whoever adds it here.
const TOLD: [&str; 42] = [
    // Of the attempt.
    "id",
    "set",
    "title",
    "state",
    "started_at",
    "deadline",
    "submitted_at",
    "ended_by",
    "navigation",
    "furthest",
    "items",
    // Of an item.
    "position",
    "section",
    "kind",
    "max_score",
    "question",
    "prompt",
    "exercise",
    "response",
    "answer",
    "revision",
    "saved_at",
    "choice",
    "slug",
    "grading",
    "submissions",
    // Of a question.
    "version",
    "difficulty",
    "stem",
    "stem_html",
    "choices",
    "text",
    "html",
    "unit",
    "units",
    "hint_costs",
    // Of a prompt.
    "brief_html",
    "constraints_html",
    "hand_in_html",
    "criteria",
    "levels",
    "keep_order",
];

fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            found.insert(name.clone());
            names(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

async fn nothing_tells_a_key_before_the_end(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for set in ["timed", "drawn", "exam"] {
        let (path, attempt) = begin(&ada, set).await;
        let first = attempt["items"].as_array().unwrap().iter().find(|item| item["question"].is_object()).unwrap();
        let position = u32::try_from(first["position"].as_u64().unwrap()).unwrap();
        let answer = if first["question"]["kind"] == "numeric" { json!({"value": 8}) } else { json!({"choice": "b"}) };
        let saved = save(&ada, &path, position, answer, 1).await.ok(200);
        let mut found = BTreeSet::new();
        for told in [attempt, saved, ada.get(&path).await.ok(200)] {
            assert!(!told.to_string().contains("SECRET"), "{told}");
            names(&told, &mut found);
        }
        let more: Vec<_> = found.iter().filter(|name| !TOLD.contains(&name.as_str()) && *name != "value").collect();
        assert_eq!(more, Vec::<&String>::new(), "{set}");
    }
}

async fn the_open_attempt_is_gone_on_with(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, first) = begin(&ada, "once").await;
    let again = ada.post("/api/v1/sets/once/attempts", json!({})).await;
    assert_eq!((again.ok(200), again.header("location")), (first, path.as_str()));
    // At another set another one begins, and after its end so does another one at this.
    begin(&ada, "timed").await;
    app.pass(Duration::from_secs(20 * 60));
    begin(&ada.sign_in_again().await, "timed").await;
}

async fn of_two_that_begin_at_once_one_is_new(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let click = || ada.post("/api/v1/sets/timed/attempts", json!({}));
    let (one, other) = tokio::join!(click(), click());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201]);
    assert_eq!(ada.get("/api/v1/attempts").await.ok(200)["items"].as_array().unwrap().len(), 1);
}

async fn an_emptied_answer_is_none(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "work").await;
    let answers = [json!({"choice": "a"}), json!({"value": 7}), json!({"text": "A design."})];
    for (position, answer) in (1..).zip(&answers) {
        save(&ada, &path, position, answer.clone(), 1).await.ok(200);
    }
    for (position, empty) in (1..).zip([Value::Null, json!({"value": " "}), json!({"text": "\n \t"})]) {
        let saved = save(&ada, &path, position, empty.clone(), 2).await.ok(200);
        assert_eq!((&saved["answer"], &saved["revision"]), (&Value::Null, &json!(2)));
        assert_eq!(save(&ada, &path, position, empty, 2).await.ok(200), saved, "the same save again");
    }
    ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
    let result = ada.get(&format!("{path}/result")).await.ok(200);
    assert_eq!((&result["score"], &result["pending"]), (&json!(0), &json!(false)), "{result}");
}

async fn an_empty_answer_closes_nothing(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, _) = begin(&ada, "one-way").await;
    save(&ada, &path, 2, Value::Null, 1).await.ok(200);
    save(&ada, &path, 1, json!({"choice": "a"}), 1).await.ok(200);
}

async fn an_emptied_answer_opens_nothing(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (path, attempt) = begin(&ada, "one-way").await;
    assert_eq!(attempt["furthest"], 0);
    save(&ada, &path, 1, json!({"choice": "a"}), 1).await.ok(200);
    save(&ada, &path, 2, json!({"value": true}), 1).await.ok(200);
    save(&ada, &path, 2, Value::Null, 2).await.ok(200);
    save(&ada, &path, 1, json!({"choice": "b"}), 2).await.refused(409, "item_closed");
    assert_eq!(ada.get(&path).await.ok(200)["furthest"], 2);
    save(&ada, &path, 2, json!({"value": false}), 3).await.ok(200);
}

/// A client that lost the response sends the same again, and is told what became of it: it was saved.
async fn a_save_that_is_repeated_was_saved(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let (one_way, _) = begin(&ada, "one-way").await;
    let first = save(&ada, &one_way, 1, json!({"choice": "a"}), 1).await.ok(200);
    save(&ada, &one_way, 2, json!({"value": true}), 1).await.ok(200);
    assert_eq!(save(&ada, &one_way, 1, json!({"choice": "a"}), 1).await.ok(200), first);
    save(&ada, &one_way, 1, json!({"choice": "b"}), 1).await.refused(409, "item_closed");

    let (timed, _) = begin(&ada, "timed").await;
    let saved = save(&ada, &timed, 1, json!({"choice": "a"}), 1).await.ok(200);
    let emptied = save(&ada, &timed, 2, Value::Null, 1).await.ok(200);
    app.pass(Duration::from_secs(20 * 60));
    let ada = ada.sign_in_again().await;
    for _ in ["due", "closed"] {
        assert_eq!(save(&ada, &timed, 1, json!({"choice": "a"}), 1).await.ok(200), saved);
        assert_eq!(save(&ada, &timed, 2, Value::Null, 1).await.ok(200), emptied);
        save(&ada, &timed, 1, json!({"choice": "a"}), 2).await.refused(409, "time_up");
        save(&ada, &timed, 1, json!({"choice": "b"}), 1).await.refused(409, "time_up");
        app.maintenance.close_attempts().await;
    }
    let eve = app.person("Eve").await;
    save(&eve, &timed, 1, json!({"choice": "a"}), 1).await.refused(404, "not_found");
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
