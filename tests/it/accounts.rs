//! Who someone is, by REST.

use std::time::{Duration, Instant};

use quorate::config::RateLimiting;
use quorate::db::schema::{refresh_tokens, users};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Database, PASSWORD, TestApp, for_each_database};
use diesel::prelude::*;

for_each_database![
    a_new_person_is_signed_in,
    an_address_has_one_account,
    everything_wrong_with_a_registration_is_named,
    of_many_who_take_an_address_one_gets_it,
    a_wrong_password_and_an_unknown_address_look_the_same,
    a_refresh_token_is_good_once,
    a_refresh_token_that_many_show_is_good_once,
    signing_out_ends_what_came_from_the_same_sign_in,
    an_access_token_is_good_for_a_quarter_of_an_hour,
    a_refresh_token_is_good_for_thirty_days,
    the_database_holds_no_secret,
    tokens_stay_in_no_cache,
    who_tries_too_often_has_to_wait,
    callers_are_told_what_is_left,
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

    // Whoever shows a used one, two have it: all that came from that sign-in is over, and nothing else.
    let elsewhere = log_in(&app, &ada.email, PASSWORD).await.ok(200);
    refresh(&app, &ada.refresh_token).await.refused(401, "invalid_refresh_token");
    refresh(&app, next["refresh_token"].as_str().unwrap()).await.refused(401, "invalid_refresh_token");
    refresh(&app, elsewhere["refresh_token"].as_str().unwrap()).await.ok(200);
}

async fn a_refresh_token_that_many_show_is_good_once(app: TestApp) {
    let ada = app.person("Ada").await;
    let answers = futures_util::future::join_all((0..8).map(|_| refresh(&app, &ada.refresh_token))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused(401, "invalid_refresh_token");
    }
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
            Ok::<_, quorate::db::Error>((hash, refresh_tokens::table.select(refresh_tokens::token_hash).first(c)?))
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

async fn who_tries_too_often_has_to_wait(database: Database) {
    let app = TestApp::with(database, |settings| settings.rate_limits = Some(RateLimiting::On));
    app.person("Ada").await;
    let mut answer = log_in(&app, "ada@example.org", "a guess").await;
    for _ in 0..10 {
        answer = log_in(&app, "ada@example.org", "a guess").await;
    }
    answer.refused(429, "rate_limited");
    assert!((1..=12).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    // The right password does not help; another account is not held up.
    log_in(&app, "ADA@example.org", PASSWORD).await.refused(429, "rate_limited");
    log_in(&app, "bob@example.org", PASSWORD).await.refused(401, "wrong_credentials");
}

async fn callers_are_told_what_is_left(database: Database) {
    let app = TestApp::with(database, |settings| settings.rate_limits = Some(RateLimiting::On));
    let ada = app.person("Ada").await;
    let answer = ada.get(ME).await;
    assert_eq!(answer.header("ratelimit-policy"), r#""caller";q=300;w=15"#);
    assert_eq!(answer.header("ratelimit"), r#""caller";r=299;t=1"#);
    let answer = app.anonymous().get("/healthz").await;
    assert_eq!(answer.header("ratelimit-policy"), r#""address";q=500;w=10"#);
}
