//! What is kept about a person: exported, limited, and erased with the account.

use diesel::prelude::*;
use futures_util::future::join_all;
use quorate::db::schema::{members, responses, teams};
use serde_json::{Value, json};

use super::{ME, Writer, log_in};
use crate::database::catalog;
use crate::support::{Ask as _, Client, Database, PASSWORD, Person, TestApp, for_each_database};

for_each_database![
    an_erased_account_fails_nobody_elses_answer,
    saved_answers_take_so_much_space_of_one_person_and_no_more,
    an_erased_account_leaves_nothing,
    an_export_holds_everything_of_one_person,
    every_table_about_a_person_is_exported_or_left_out_for_a_reason,
];

async fn an_erased_account_fails_nobody_elses_answer(database: Database) {
    let app = TestApp::with(database, |settings| settings.questions = Some(vec!["tests/fixtures/bank".into()]));
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let erased = ada.request(reqwest::Method::DELETE, ME).json(&json!({"password": PASSWORD})).answer().await;
    assert_eq!(erased.status, 204);
    let answer = async |person: &Person| {
        let answer = json!({"seed": 0, "answer": {"choice": "b"}});
        person.post("/api/v1/questions/demo/choice/answers", answer).await
    };
    // All that come while the writer's place is taken are committed as one group.
    let writer = Writer::hold(&app).await;
    let people: Vec<_> = (0..20).map(|number| if number % 5 == 2 { &ada } else { &bob }).collect();
    let (answers, ()) = tokio::join!(join_all(people.iter().map(|person| answer(person))), async {
        tokio::task::yield_now().await;
        writer.release().await;
    });
    for (number, answer) in answers.iter().enumerate() {
        if number % 5 == 2 {
            answer.refused(401, "unauthenticated");
        } else {
            answer.ok(200);
        }
    }
    let kept = app.db.read(|c| Ok::<_, quorate::db::Error>(rows_by_table(c))).await.unwrap();
    assert!(kept.contains(&("answers".to_owned(), 16)), "{kept:?}");
}

async fn saved_answers_take_so_much_space_of_one_person_and_no_more(database: Database) {
    let app = TestApp::with(database, |settings| settings.questions = Some(vec!["tests/fixtures/bank".into()]));
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let first = ada.post("/api/v1/sets/drawn/attempts", json!({})).await.ok(201)["id"].as_str().unwrap().to_owned();
    ada.post(&format!("/api/v1/attempts/{first}/submit"), json!({})).await.ok(200);
    let columns =
        (responses::attempt_id, responses::position, responses::answer, responses::revision, responses::saved_at);
    app.db
        .write(move |c| {
            let saved = format!("\"{}\"", "x".repeat(50_000_000));
            let values =
                (columns.0.eq(&first), columns.1.eq(1), columns.2.eq(saved), columns.3.eq(1_i64), columns.4.eq(0_i64));
            diesel::insert_into(responses::table).values(values).execute(c)?;
            Ok::<_, quorate::db::Error>(())
        })
        .await
        .unwrap();
    ada.post("/api/v1/sets/timed/attempts", json!({})).await.refused(409, "no_attempts_left");
    bob.post("/api/v1/sets/timed/attempts", json!({})).await.ok(201);
}

/// The service with the small bank and the small packages, on which a person has done one thing of each kind.
async fn busy(database: Database) -> (TestApp, Person) {
    let app = TestApp::with(database, |settings| {
        settings.questions = Some(vec!["tests/fixtures/bank".into()]);
        settings.graders = Some(vec!["tests/fixtures/packages".into()]);
    });
    let ada = app.person("Ada").await;
    let post = async |path: &str, body: Value| ada.post(path, body).await;
    let answer = json!({"seed": 0, "answer": {"choice": "b"}});
    assert!(post("/api/v1/questions/demo/choice/answers", answer).await.status < 300);
    post("/api/v1/prompts/demo/design/responses", json!({"text": "I would begin with the log."})).await.ok(201);
    let attempt = ada
        .request(reqwest::Method::POST, "/api/v1/sets/timed/attempts")
        .header("idempotency-key", "one")
        .json(&json!({}))
        .answer()
        .await;
    attempt.ok(201);
    let files = json!({"files": {"src/lib.rs": "// accept\n"}});
    post("/api/v1/exercises/adder/submissions", files).await.ok(202);
    post("/api/v1/me/tokens", json!({"name": "laptop", "scope": "read"})).await.ok(201);
    (app, ada)
}

async fn an_erased_account_leaves_nothing(database: Database) {
    let (app, ada) = busy(database).await;
    let bob = app.person("Bob").await;
    let erase = async |password: &str| {
        ada.request(reqwest::Method::DELETE, ME).json(&json!({"password": password})).answer().await
    };
    erase("a wrong password").await.refused(403, "wrong_password");
    assert_eq!(erase(PASSWORD).await.status, 204);
    let left = app.db.read(|c| Ok::<_, quorate::db::Error>(rows_by_table(c))).await.unwrap();
    let left: Vec<_> = left.into_iter().filter(|(_, rows)| *rows > 0).collect();
    assert_eq!(left, [("sessions".to_owned(), 1), ("users".to_owned(), 1)], "only Bob is left");
    bob.get(ME).await.ok(200);
    // The access token is good for a while yet, but there is nobody behind it.
    ada.get(ME).await.refused(401, "unauthenticated");
    log_in(&app, &ada.email, PASSWORD).await.refused(401, "wrong_credentials");
    ada.post("/api/v1/sets/timed/attempts", json!({})).await.refused(401, "unauthenticated");
    let files = json!({"files": {"src/lib.rs": "// accept\n"}});
    ada.post("/api/v1/exercises/adder/submissions", files).await.refused(401, "unauthenticated");
    ada.post("/api/v1/prompts/demo/design/responses", json!({"text": "…"})).await.refused(401, "unauthenticated");
    let keyed = ada.request(reqwest::Method::POST, "/api/v1/sets/timed/attempts").header("idempotency-key", "two");
    keyed.json(&json!({})).answer().await.refused(401, "unauthenticated");
}

/// How many rows each table has in which something of people is kept.
fn rows_by_table(c: &mut quorate::db::AnyConnection) -> Vec<(String, i64)> {
    use diesel::dsl::sql;
    let tables = [
        "answers",
        "attempt_items",
        "attempts",
        "idempotency_keys",
        "jobs",
        "members",
        "outbox",
        "personal_tokens",
        "prompt_responses",
        "responses",
        "sessions",
        "submission_events",
        "submission_files",
        "submissions",
        "users",
    ];
    let count = |c: &mut _, table: &str| {
        let count = sql::<diesel::sql_types::BigInt>(&format!("(SELECT count(*) FROM {table})"));
        diesel::select(count).get_result::<i64>(c).unwrap()
    };
    tables.into_iter().map(|table| (table.to_owned(), count(c, table))).collect()
}

async fn an_export_holds_everything_of_one_person(database: Database) {
    let (app, ada) = busy(database).await;
    let export = ada.get("/api/v1/me/export").await;
    assert!(export.header("content-disposition").starts_with("attachment"));
    let export = export.ok(200);
    assert_eq!(export["account"]["email"], "ada@example.org");
    assert_eq!(export["answers"][0]["question"], "demo/choice");
    assert_eq!(export["responses"][0]["text"], "I would begin with the log.");
    assert_eq!(export["submissions"][0]["files"]["src/lib.rs"], "// accept\n");
    assert_eq!(
        (&export["attempts"][0]["attempt"]["set"], &export["attempts"][0]["result"]),
        (&json!("timed"), &Value::Null)
    );
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(export["tokens"][0]["name"], "laptop");
    assert!(!export.to_string().contains("qrt_"), "a token is shown when it's made, and never again");
    assert!(!export.to_string().contains("argon2") && !export.to_string().contains("\"seed\""));
    let empty = app.person("Bob").await.get("/api/v1/me/export").await.ok(200);
    for list in ["answers", "responses", "attempts", "submissions"] {
        assert_eq!(empty[list], json!([]), "{list}");
    }
}

/// Where each table that refers to an account stands in an export, or why it stands in none.
const ABOUT_A_PERSON: &[(&str, Result<&str, &str>)] = &[
    ("answers", Ok("answers")),
    ("attempt_items", Ok("attempts")),
    ("attempts", Ok("attempts")),
    ("idempotency_keys", Err("copies of answers that the person got during the last day, of what is exported anyway")),
    ("members", Ok("teams")),
    ("outbox", Err("messages about the person that are on their way to other systems")),
    ("personal_tokens", Ok("tokens")),
    ("prompt_responses", Ok("responses")),
    ("responses", Ok("attempts")),
    ("sessions", Ok("sessions")),
    ("submission_events", Err("what was said of a grading while it went on; the submission's report says it all")),
    ("submission_files", Ok("submissions")),
    ("submissions", Ok("submissions")),
];

async fn every_table_about_a_person_is_exported_or_left_out_for_a_reason(database: Database) {
    let (app, ada) = busy(database).await;
    let references = app.db.read(|c| Ok::<_, quorate::db::Error>(catalog::references(c))).await.unwrap();
    let refers = |line: &String, to: &str| line.contains(&format!(" -> {to}."));
    let mut about = vec!["users".to_owned()];
    let mut next = 0;
    while let Some(owner) = about.get(next).cloned() {
        for line in references.iter().filter(|line| refers(line, &owner)) {
            let table = line.split('.').next().unwrap().to_owned();
            if !about.contains(&table) {
                about.push(table);
            }
        }
        next += 1;
    }
    about.remove(0);
    about.sort_unstable();
    assert_eq!(about, ABOUT_A_PERSON.iter().map(|(table, _)| *table).collect::<Vec<_>>());
    // A list of the export that stays empty would hold nothing of its table.
    join_a_team(&app, &ada).await;
    let export = ada.get("/api/v1/me/export").await.ok(200);
    for list in ABOUT_A_PERSON.iter().filter_map(|(_, place)| place.ok()) {
        assert_eq!(export[list].as_array().map(Vec::len), Some(1), "{list}");
    }
    let team = &export["teams"][0];
    assert_eq!((&team["slug"], &team["name"], &team["role"]), (&json!("core"), &json!("Core"), &json!("author")));
}

async fn join_a_team(app: &TestApp, person: &Person) {
    let user = person.id.clone();
    let id = "tea_00000000000000000000000000000001";
    app.db
        .write(move |c| {
            let team = (teams::id.eq(id), teams::slug.eq("core"), teams::name.eq("Core"), teams::created_at.eq(0_i64));
            diesel::insert_into(teams::table).values(team).execute(c)?;
            let member = (members::team_id.eq(id), members::user_id.eq(user.clone()), members::role.eq("author"));
            diesel::insert_into(members::table).values(member).execute(c)?;
            Ok::<_, quorate::db::Error>(())
        })
        .await
        .unwrap();
}
