//! Who someone is, by REST.

mod limits;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use quorate::accounts::Credentials;
use quorate::db::schema::{members, responses, sessions, teams, users};
use serde_json::{Value, json};

use crate::database::catalog;
use crate::support::{Answer, Ask as _, Client, Database, PASSWORD, Person, TestApp, for_each_database};
use diesel::prelude::*;

for_each_database![
    a_new_person_is_signed_in,
    an_address_has_one_account,
    everything_wrong_with_a_registration_is_named,
    of_many_who_take_an_address_one_gets_it,
    a_wrong_password_and_an_unknown_address_look_the_same,
    a_refresh_token_is_good_once,
    a_refresh_token_that_many_show_at_once_gives_all_the_same,
    refreshing_for_ever_keeps_one_row,
    signing_in_for_ever_keeps_fifty_sessions,
    a_password_that_everybody_thinks_of_is_refused,
    names_hold_nothing_that_can_not_be_seen,
    a_person_sees_and_ends_sign_ins,
    a_changed_password_ends_the_other_sign_ins,
    a_sign_in_that_was_checked_before_the_password_changed_begins_no_session,
    of_two_changes_of_the_password_at_once_one_is_made,
    an_id_alone_ends_no_sign_in,
    a_guessed_token_waits_for_no_writer,
    an_erased_account_fails_nobody_elses_answer,
    saved_answers_take_so_much_space_of_one_person_and_no_more,
    an_erased_account_leaves_nothing,
    an_export_holds_everything_of_one_person,
    every_table_about_a_person_is_exported_or_left_out_for_a_reason,
    signing_out_ends_what_came_from_the_same_sign_in,
    an_access_token_is_good_for_a_quarter_of_an_hour,
    a_refresh_token_is_good_for_thirty_days,
    the_database_holds_no_secret,
    tokens_stay_in_no_cache,
];

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const LOGOUT: &str = "/api/v1/auth/logout";
const ME: &str = "/api/v1/me";

const DAY: Duration = Duration::from_secs(24 * 3600);

fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "display_name": "Ada"})
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous().post(LOGIN, json!({"email": email, "password": password})).await
}

async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.anonymous().post(REFRESH, json!({"refresh_token": token})).await
}

async fn a_new_person_is_signed_in(app: TestApp) {
    let ada = app.person("Ada").await;
    let me = ada.get(ME).await.ok(200);
    let created_at = "2026-01-01T00:00:00Z";
    assert_eq!(me, json!({"id": ada.id, "email": "ada@example.org", "display_name": "Ada", "created_at": created_at}));

    let tokens = log_in(&app, " ADA@example.org", PASSWORD).await.ok(200);
    assert_eq!(tokens["user"], me);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
}

async fn an_address_has_one_account(app: TestApp) {
    app.person("Ada").await;
    for same in ["ada@example.org", " Ada@Example.ORG "] {
        app.anonymous().post(REGISTER, registration(same)).await.refused(409, "email_taken");
    }
}

async fn everything_wrong_with_a_registration_is_named(app: TestApp) {
    let wrong =
        |email: &str, password: &str, name: &str| json!({"email": email, "password": password, "display_name": name});
    let long = "x".repeat(300);
    let cases = [
        (wrong("ada", "short", " "), vec!["/email", "/password", "/display_name"]),
        (wrong("a b@example.org", PASSWORD, "two\nlines"), vec!["/email", "/display_name"]),
        (wrong(&format!("{long}@example.org"), &long, &long), vec!["/email", "/password", "/display_name"]),
        (wrong("nul\0@example.org", PASSWORD, "nul\0"), vec!["/email", "/display_name"]),
    ];
    for (form, pointers) in cases {
        assert_eq!(app.anonymous().post(REGISTER, form).await.invalid(), pointers);
    }
}

async fn of_many_who_take_an_address_one_gets_it(app: TestApp) {
    let (anonymous, form) = (app.anonymous(), registration("ada@example.org"));
    let tries = (0..6).map(|_| anonymous.post(REGISTER, &form));
    let mut statuses: Vec<_> = futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

async fn a_wrong_password_and_an_unknown_address_look_the_same(app: TestApp) {
    app.person("Ada").await;
    let told = |answer: &Answer| {
        let mut problem = answer.refused(401, "wrong_credentials");
        problem["request_id"].take();
        problem
    };
    let wrong = log_in(&app, "ada@example.org", "a wrong password").await;
    assert_eq!(wrong.header("www-authenticate"), "Bearer");
    for unknown in ["bob@example.org", "no address", "", "nul\0@example.org"] {
        assert_eq!(told(&log_in(&app, unknown, PASSWORD).await), told(&wrong));
    }
    let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        known = known.min(time(log_in(&app, "ada@example.org", "a wrong password")).await);
        unknown = unknown.min(time(log_in(&app, "bob@example.org", "a wrong password")).await);
    }
    // A search alone takes less than a tenth of a hash.
    assert!(unknown * 3 > known && known * 3 > unknown, "{known:?} with an account, {unknown:?} without");
}

async fn time(work: impl Future<Output = Answer>) -> Duration {
    let began = Instant::now();
    work.await;
    began.elapsed()
}

async fn a_refresh_token_is_good_once(app: TestApp) {
    let ada = app.person("Ada").await;
    let next = refresh(&app, &ada.refresh_token).await.ok(200);
    assert_eq!(next["user"]["id"], json!(ada.id));
    let next = refresh(&app, next["refresh_token"].as_str().unwrap()).await.ok(200);

    // Somebody who shows a used one may have stolen it: all that came from that sign-in is over, and nothing else.
    app.pass(Duration::from_secs(11));
    let elsewhere = log_in(&app, &ada.email, PASSWORD).await.ok(200);
    refresh(&app, &ada.refresh_token).await.refused(401, "invalid_refresh_token");
    refresh(&app, next["refresh_token"].as_str().unwrap()).await.refused(401, "invalid_refresh_token");
    refresh(&app, elsewhere["refresh_token"].as_str().unwrap()).await.ok(200);
}

async fn a_refresh_token_that_many_show_at_once_gives_all_the_same(app: TestApp) {
    let ada = app.person("Ada").await;
    let answers = futures_util::future::join_all((0..8).map(|_| refresh(&app, &ada.refresh_token))).await;
    let next = answers[0].ok(200)["refresh_token"].clone();
    for answer in &answers {
        assert_eq!(answer.ok(200)["refresh_token"], next);
    }
    // The grace is short, and ends with the first use of the successor.
    let newest = refresh(&app, next.as_str().unwrap()).await.ok(200);
    refresh(&app, &ada.refresh_token).await.refused(401, "invalid_refresh_token");
    refresh(&app, newest["refresh_token"].as_str().unwrap()).await.refused(401, "invalid_refresh_token");
}

async fn refreshing_for_ever_keeps_one_row(app: TestApp) {
    let mut token = app.person("Ada").await.refresh_token;
    for _ in 0..20 {
        token = refresh(&app, &token).await.ok(200)["refresh_token"].as_str().unwrap().to_owned();
    }
    let kept = app.db.read(|c| Ok::<i64, quorate::db::Error>(sessions::table.count().get_result(c)?)).await;
    assert_eq!(kept.unwrap(), 1);
}

async fn signing_in_for_ever_keeps_fifty_sessions(app: TestApp) {
    let ada = app.person("Ada").await;
    let credentials = Credentials { email: ada.email.clone(), password: PASSWORD.to_owned() };
    let checked = app.accounts.check(credentials).await.unwrap();
    for _ in 0..60 {
        app.pass(Duration::from_secs(1));
        app.accounts.issue(checked.clone(), "a client").await.unwrap();
    }
    assert_eq!(ada.get("/api/v1/me/sessions").await.ok(200)["items"].as_array().unwrap().len(), 50);
    refresh(&app, &ada.refresh_token).await.refused(401, "invalid_refresh_token");
}

async fn a_password_that_everybody_thinks_of_is_refused(app: TestApp) {
    for password in ["1234567890", "password12", "123456789012345", "passwordpassword", "lovelace.ada.1815"] {
        let form = json!({"email": "ada@example.org", "password": password, "display_name": "Ada Lovelace"});
        assert_eq!(app.anonymous().post(REGISTER, form).await.invalid(), ["/password"], "{password}");
    }
}

async fn names_hold_nothing_that_can_not_be_seen(app: TestApp) {
    for name in ["Ada\u{202e}avE", "A\u{200b}da", "\u{feff}Ada", "Ada\u{2028}Eve", "Ada\u{7}"] {
        let form = json!({"email": "ada@example.org", "password": PASSWORD, "display_name": name});
        assert_eq!(app.anonymous().post(REGISTER, form).await.invalid(), ["/display_name"], "{name:?}");
    }
    let family =
        json!({"email": "ada@example.org", "password": PASSWORD, "display_name": "\u{1f469}\u{200d}\u{1f4bb} Ada"});
    app.anonymous().post(REGISTER, family).await.ok(201);
}

async fn a_person_sees_and_ends_sign_ins(app: TestApp) {
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    app.pass(Duration::from_secs(60));
    let other = log_in(&app, &ada.email, PASSWORD).await.ok(200);
    let sessions = ada.get("/api/v1/me/sessions").await.ok(200);
    let [newest, own] = sessions["items"].as_array().unwrap().as_slice() else { panic!("{sessions}") };
    assert_eq!((&newest["current"], &own["current"], &own["kind"]), (&json!(false), &json!(true), &json!("client")));
    let path = format!("/api/v1/me/sessions/{}", newest["id"].as_str().unwrap());
    bob.request(reqwest::Method::DELETE, &path).answer().await.refused(404, "not_found");
    assert_eq!(ada.request(reqwest::Method::DELETE, &path).answer().await.status, 204);
    refresh(&app, other["refresh_token"].as_str().unwrap()).await.refused(401, "invalid_refresh_token");
    refresh(&app, &ada.refresh_token).await.ok(200);
}

async fn a_changed_password_ends_the_other_sign_ins(app: TestApp) {
    let (ada, browser) = (app.person("Ada").await, app.browser());
    browser.submit("/login", &[("email", &ada.email), ("password", PASSWORD)]).await.redirected();
    let change = async |old: &str, new: &str| {
        ada.put("/api/v1/me/password", json!({"password": old, "new_password": new})).await
    };
    change("a wrong password", "four tin whistles and a drum").await.refused(403, "wrong_password");
    assert_eq!(change(PASSWORD, "short").await.invalid(), ["/new_password"]);
    assert_eq!(change(PASSWORD, "four tin whistles and a drum").await.status, 204);
    browser.get(ME).await.refused(401, "unauthenticated");
    refresh(&app, &ada.refresh_token).await.ok(200);
    log_in(&app, &ada.email, PASSWORD).await.refused(401, "wrong_credentials");
    log_in(&app, &ada.email, "four tin whistles and a drum").await.ok(200);
}

async fn a_sign_in_that_was_checked_before_the_password_changed_begins_no_session(app: TestApp) {
    let ada = app.person("Ada").await;
    let credentials = || Credentials { email: ada.email.clone(), password: PASSWORD.to_owned() };
    let by_client = app.accounts.check(credentials()).await.unwrap();
    let by_page = app.accounts.check(credentials()).await.unwrap();
    let change = json!({"password": PASSWORD, "new_password": "four tin whistles and a drum"});
    assert_eq!(ada.put("/api/v1/me/password", change).await.status, 204);
    for outcome in [
        app.accounts.issue(by_client, "late").await.map(drop),
        app.accounts.open_session(by_page, "late").await.map(drop),
    ] {
        assert_eq!(
            outcome.err().map(|error| error.to_string()).as_deref(),
            Some("the address or the password is wrong")
        );
    }
    assert_eq!(ada.get("/api/v1/me/sessions").await.ok(200)["items"].as_array().unwrap().len(), 1);
}

async fn of_two_changes_of_the_password_at_once_one_is_made(app: TestApp) {
    let ada = app.person("Ada").await;
    let change =
        async |new: &str| ada.put("/api/v1/me/password", json!({"password": PASSWORD, "new_password": new})).await;
    let answers = join_all(["four tin whistles and a drum", "nine lamps beside a canal"].map(change)).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403]);
    answers.iter().find(|answer| answer.status == 403).unwrap().refused(403, "wrong_password");
}

async fn an_id_alone_ends_no_sign_in(app: TestApp) {
    let ada = app.person("Ada").await;
    let sessions = ada.get("/api/v1/me/sessions").await.ok(200);
    let id = sessions["items"][0]["id"].as_str().unwrap();
    let (_, rest) = ada.refresh_token.split_once('.').unwrap();
    let other = app.person("Bob").await;
    let (_, rest_of_other) = other.refresh_token.split_once('.').unwrap();
    let forged = [format!("{id}.x"), format!("{id}."), format!("{id}.{rest}x"), format!("{id}.{rest_of_other}")];
    for token in &forged {
        refresh(&app, token).await.refused(401, "invalid_refresh_token");
        assert_eq!(app.anonymous().post(LOGOUT, json!({"refresh_token": token})).await.status, 204);
    }
    let next = refresh(&app, &ada.refresh_token).await.ok(200);
    refresh(&app, next["refresh_token"].as_str().unwrap()).await.ok(200);
}

async fn a_guessed_token_waits_for_no_writer(app: TestApp) {
    let writer = Writer::hold(&app).await;
    let in_time = async |path: &str, answer: std::pin::Pin<Box<dyn Future<Output = Answer> + '_>>| {
        let answer = tokio::time::timeout(Duration::from_secs(10), answer).await;
        answer.unwrap_or_else(|_| panic!("{path} waits for the writer")).status
    };
    let anonymous = app.anonymous();
    let guess = json!({"refresh_token": "a guess"});
    assert_eq!(in_time(REFRESH, Box::pin(anonymous.post(REFRESH, &guess))).await, 401);
    assert_eq!(in_time(LOGOUT, Box::pin(anonymous.post(LOGOUT, &guess))).await, 204);
    let page = anonymous.request(reqwest::Method::POST, "/logout").header("cookie", "quorate_session=guess");
    assert_eq!(in_time("/logout", Box::pin(page.form(&[("_csrf", "x")]).answer())).await, 303);
    writer.release().await;
}

/// The one writer's place of SQLite, or one of PostgreSQL's, held until it is released.
struct Writer {
    done: std::sync::mpsc::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), quorate::db::Error>>,
}

impl Writer {
    async fn hold(app: &TestApp) -> Self {
        let (begun, has_begun) = tokio::sync::mpsc::unbounded_channel();
        let (done, is_done) = std::sync::mpsc::channel();
        let (db, mut has_begun) = (app.db.clone(), has_begun);
        let task = tokio::spawn(async move {
            db.write(move |_| {
                begun.send(()).unwrap();
                // Until the test has looked, or has failed.
                is_done.recv().ok();
                Ok::<_, quorate::db::Error>(())
            })
            .await
        });
        has_begun.recv().await.unwrap();
        Self { done, task }
    }

    async fn release(self) {
        drop(self.done);
        self.task.await.unwrap().unwrap();
    }
}

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
    assert_eq!(export["teams"][0], json!({"slug": "core", "name": "Core", "role": "author"}));
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

async fn signing_out_ends_what_came_from_the_same_sign_in(app: TestApp) {
    let ada = app.person("Ada").await;
    let next = refresh(&app, &ada.refresh_token).await.ok(200);
    let newest = next["refresh_token"].as_str().unwrap();
    for _again in 0..2 {
        assert_eq!(app.anonymous().post(LOGOUT, json!({"refresh_token": newest})).await.status, 204);
    }
    refresh(&app, newest).await.refused(401, "invalid_refresh_token");
    assert_eq!(app.anonymous().post(LOGOUT, json!({"refresh_token": "nobody's"})).await.status, 204);
}

async fn an_access_token_is_good_for_a_quarter_of_an_hour(app: TestApp) {
    let ada = app.person("Ada").await;
    app.pass(Duration::from_secs(15 * 60 - 1));
    ada.get(ME).await.ok(200);
    app.pass(Duration::from_secs(1));
    ada.get(ME).await.refused(401, "invalid_token");
    let next = refresh(&app, &ada.refresh_token).await.ok(200);
    ada.with_token(next["access_token"].as_str().unwrap()).get(ME).await.ok(200);
}

async fn a_refresh_token_is_good_for_thirty_days(app: TestApp) {
    let ada = app.person("Ada").await;
    app.pass(30 * DAY - Duration::from_secs(1));
    let next = refresh(&app, &ada.refresh_token).await.ok(200);
    app.pass(30 * DAY);
    refresh(&app, next["refresh_token"].as_str().unwrap()).await.refused(401, "invalid_refresh_token");
}

async fn the_database_holds_no_secret(app: TestApp) {
    let ada = app.person("Ada").await;
    let kept: (String, String) = app
        .db
        .read(|c| {
            let hash = users::table.select(users::password_hash).first(c)?;
            Ok::<_, quorate::db::Error>((hash, sessions::table.select(sessions::token_hash).first(c)?))
        })
        .await
        .unwrap();
    assert!(kept.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.0);
    assert!(!kept.1.contains(&ada.refresh_token), "{}", kept.1);
}

async fn tokens_stay_in_no_cache(app: TestApp) {
    let registered = app.anonymous().post(REGISTER, registration("ada@example.org")).await;
    let token = registered.ok(201)["refresh_token"].as_str().unwrap().to_owned();
    for answer in [registered, log_in(&app, "ada@example.org", PASSWORD).await, refresh(&app, &token).await] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}
