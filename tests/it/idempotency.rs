//! `Idempotency-Key`: a request that is sent again is carried out once.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Ask as _, Backend, Client, Database, Fixture, TestApp, for_each_database};

for_each_database![
    nothing_is_kept_for_strangers,
    a_session_that_is_over_gets_no_stored_answer,
    a_body_is_not_read_before_it_is_known_who_asks,
    the_same_request_gets_the_same_answer,
    another_request_with_the_same_key_is_refused,
    a_key_belongs_to_its_caller,
    of_many_at_once_one_is_carried_out,
    a_refusal_gives_the_key_back,
    what_is_kept_for_one_person_is_limited,
    a_key_makes_no_larger_body_good,
    a_key_is_kept_for_a_day,
    what_became_of_a_request_is_not_known_when_its_server_died,
    there_is_room_again_when_the_client_is_told,
    a_key_that_is_none_is_refused,
];

/// The service with the small bank, whose set `once` begins an attempt that can be seen in a list.
struct Demo(TestApp);

impl Fixture for Demo {
    async fn on(backend: Backend) -> Self {
        let folder = "tests/fixtures/bank".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.questions = Some(vec![folder])))
    }
}

const BEGIN: &str = "/api/v1/sets/timed/attempts";

async fn begin(person: &impl Client, path: &str, key: &str) -> Answer {
    person.request(Method::POST, path).header("idempotency-key", key).json(&json!({})).answer().await
}

async fn attempts(person: &impl Client) -> usize {
    person.get("/api/v1/attempts").await.ok(200)["items"].as_array().unwrap().len()
}

async fn the_same_request_gets_the_same_answer(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let first = begin(&ada, BEGIN, "one").await;
    first.ok(201);
    app.pass(Duration::from_secs(60));
    let again = begin(&ada, BEGIN, "one").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    for kept in ["content-type", "location", "cache-control"] {
        assert_eq!(again.header(kept), first.header(kept), "{kept}");
    }
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(attempts(&ada).await, 1);
}

async fn another_request_with_the_same_key_is_refused(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    begin(&ada, BEGIN, "one").await.ok(201);
    begin(&ada, "/api/v1/sets/drawn/attempts", "one").await.refused(422, "idempotency_key_reused");
    let body = ada.request(Method::POST, BEGIN).header("idempotency-key", "one").json(&json!({"x": 1}));
    body.answer().await.refused(422, "idempotency_key_reused");
    assert_eq!(attempts(&ada).await, 1);
}

async fn a_key_belongs_to_its_caller(Demo(app): Demo) {
    let (ada, bob, browser) = (app.person("Ada").await, app.person("Bob").await, app.signed_in("Cyd").await);
    let of_ada = begin(&ada, BEGIN, "one").await.ok(201);
    let of_bob = begin(&bob, BEGIN, "one").await.ok(201);
    let of_browser = begin(&browser, BEGIN, "one").await.ok(201);
    assert!(of_ada["id"] != of_bob["id"] && of_bob["id"] != of_browser["id"]);
    // Nobody gets at the answer of another by having no token, or one that is over.
    begin(&app.anonymous(), BEGIN, "one").await.refused(401, "unauthenticated");
    app.pass(Duration::from_secs(15 * 60));
    begin(&ada, BEGIN, "one").await.refused(401, "invalid_token");
}

async fn of_many_at_once_one_is_carried_out(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    let answers = join_all((0..12).map(|_| begin(&ada, BEGIN, "one"))).await;
    let carried_out: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!carried_out.is_empty());
    assert!(carried_out.iter().all(|answer| answer.body == carried_out[0].body));
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "idempotency_under_way");
    }
    assert_eq!(attempts(&ada).await, 1);
}

async fn a_refusal_gives_the_key_back(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for number in 0..20 {
        begin(&ada, "/api/v1/sets/none/attempts", &number.to_string()).await.refused(404, "not_found");
        let wrong = ada.request(Method::POST, BEGIN).header("idempotency-key", "wrong").body("[".repeat(number));
        wrong.header("content-type", "application/json").answer().await;
    }
    assert_eq!(kept(&app).await, 1, "only the attempt that was begun without a body");
    // The key is as good as new.
    begin(&ada, BEGIN, "0").await.ok(200);
}

async fn what_is_kept_for_one_person_is_limited(Demo(app): Demo) {
    use diesel::prelude::*;
    use quorate::db::schema::idempotency_keys::dsl::{body, idempotency_keys};

    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    begin(&ada, BEGIN, "one").await.ok(201);
    let first = begin(&ada, BEGIN, "two").await;
    first.ok(200);
    let many = vec![b' '; 4 * 1024 * 1024];
    app.db
        .write(move |c| Ok::<_, quorate::db::Error>(diesel::update(idempotency_keys).set(body.eq(&many)).execute(c)?))
        .await
        .unwrap();
    begin(&ada, BEGIN, "three").await.refused(429, "too_many_idempotency_keys");
    // What is kept is still given, and nobody else is kept out.
    assert_eq!(begin(&ada, BEGIN, "two").await.status, 200);
    begin(&bob, BEGIN, "three").await.ok(201);
}

async fn there_is_room_again_when_the_client_is_told(Demo(app): Demo) {
    use diesel::prelude::*;
    use quorate::db::schema::idempotency_keys::dsl::{body, idempotency_keys, key};

    let ada = app.signed_in("Ada").await;
    // The oldest key frees few bytes, and the next one frees enough.
    for (number, bytes) in [100, 5, 4].into_iter().enumerate() {
        let (own, answer) = (number.to_string(), vec![b' '; if bytes == 100 { bytes } else { bytes * 1024 * 1024 }]);
        begin(&ada, BEGIN, &own).await;
        let of_key = move |c: &mut _| {
            let row = idempotency_keys.filter(key.eq(&own));
            Ok::<_, quorate::db::Error>(diesel::update(row).set(body.eq(&answer)).execute(c)?)
        };
        app.db.write(of_key).await.unwrap();
        app.pass(Duration::from_millis(90_500));
    }
    let refused = begin(&ada, BEGIN, "new").await;
    refused.refused(429, "too_many_idempotency_keys");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert_eq!(wait, 24 * 3600 - 181);
    app.pass(Duration::from_secs(wait - 1));
    begin(&ada, BEGIN, "new").await.refused(429, "too_many_idempotency_keys");
    app.pass(Duration::from_secs(1));
    assert!(begin(&ada, BEGIN, "new").await.status < 300);
}

async fn a_key_makes_no_larger_body_good(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for (path, limit) in [(BEGIN, 256 * 1024), ("/api/v1/exercises/none/submissions", 4 * 1024 * 1024)] {
        let keyed = ada.request(Method::POST, path).header("idempotency-key", "large");
        let keyed = keyed.header("content-type", "application/json").body(vec![b' '; limit + 1]);
        // The connection may be cut while the rest is still on its way.
        if let Ok(answer) = keyed.send().await {
            assert_eq!(answer.status(), 413, "{path}");
        }
    }
    assert_eq!(kept(&app).await, 0);
}

async fn a_key_is_kept_for_a_day(Demo(app): Demo) {
    let browser = app.signed_in("Ada").await;
    let first = begin(&browser, BEGIN, "one").await;
    app.pass(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(begin(&browser, BEGIN, "one").await.body, first.body);
    app.pass(Duration::from_secs(1));
    assert_ne!(begin(&browser, BEGIN, "one").await.body, first.body);
}

async fn what_became_of_a_request_is_not_known_when_its_server_died(Demo(app): Demo) {
    use diesel::prelude::*;
    use quorate::db::schema::idempotency_keys::dsl::{body, headers, idempotency_keys, status};

    let ada = app.signed_in("Ada").await;
    let path = "/api/v1/prompts/demo/design/responses";
    let respond = async |key: &str| {
        let request = ada.request(Method::POST, path).header("idempotency-key", key);
        request.json(&json!({"text": "A queue and a log."})).answer().await
    };
    let responses = async || {
        let export = ada.get("/api/v1/me/export").await.ok(200);
        export["responses"].as_array().unwrap().len()
    };
    respond("one").await.ok(201);
    // As a server leaves it that died after the effect, and before it had stored the answer.
    let died = (status.eq(None::<i32>), headers.eq(None::<String>), body.eq(None::<Vec<u8>>));
    app.db
        .write(move |c| Ok::<_, quorate::db::Error>(diesel::update(idempotency_keys).set(died.clone()).execute(c)?))
        .await
        .unwrap();
    respond("one").await.refused(409, "idempotency_under_way");
    app.pass(Duration::from_secs(121));
    respond("one").await.refused(409, "idempotency_outcome_unknown");
    assert_eq!(responses().await, 1, "it isn't carried out again");
    // Whoever has looked, and found nothing, takes a new key.
    respond("two").await.ok(201);
    assert_eq!(responses().await, 2);
}

async fn a_key_that_is_none_is_refused(Demo(app): Demo) {
    let ada = app.person("Ada").await;
    for key in ["", &"x".repeat(256)] {
        begin(&ada, BEGIN, key).await.refused(400, "malformed");
    }
    begin(&ada, BEGIN, &"x".repeat(255)).await.ok(201);
}

async fn kept(app: &TestApp) -> i64 {
    use diesel::prelude::*;
    use quorate::db::schema::idempotency_keys;
    let count = app.db.read(|c| Ok::<_, quorate::db::Error>(idempotency_keys::table.count().get_result(c)?));
    count.await.unwrap()
}

async fn nothing_is_kept_for_strangers(Demo(app): Demo) {
    let stranger = app.anonymous();
    begin(&stranger, BEGIN, "one").await.refused(401, "unauthenticated");
    for path in ["/api/v1/sets/none/attempts", "/api/v1/exercises/none/submissions"] {
        assert_eq!(begin(&stranger, path, "two").await.status / 100, 4);
    }
    assert_eq!(kept(&app).await, 0);
}

async fn a_session_that_is_over_gets_no_stored_answer(Demo(app): Demo) {
    let browser = app.signed_in("Ada").await;
    begin(&browser, BEGIN, "one").await.ok(201);
    let (cookie, token) = (browser.cookie(), browser.csrf());
    browser.submit("/logout", &[]).await.redirected();
    let again = app.anonymous().request(Method::POST, BEGIN).header("cookie", cookie).header("x-csrf-token", token);
    let again = again.header("idempotency-key", "one").json(&json!({})).answer().await;
    again.refused(401, "unauthenticated");
}

async fn a_body_is_not_read_before_it_is_known_who_asks(Demo(app): Demo) {
    let large = vec![b' '; 8 * 1024 * 1024 + 1];
    let request = app.anonymous().request(Method::POST, BEGIN).header("idempotency-key", "one");
    let sent = request.header("content-type", "application/json").body(large).send().await;
    // The connection may be cut while the rest is still on its way.
    if let Ok(answer) = sent {
        assert_eq!(answer.status(), 401);
    }
    let person = app.person("Ada").await;
    let token = person.with_token("not a token");
    begin(&token, BEGIN, "one").await.refused(401, "invalid_token");
}
