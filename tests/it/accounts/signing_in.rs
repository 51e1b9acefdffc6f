//! Signing in and out as a client of the API, and the tokens that come of it.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use futures_util::future::join_all;
use quorate::accounts::Credentials;
use quorate::db::schema::{sessions, users};
use serde_json::json;

use super::{LOGOUT, ME, REFRESH, REGISTER, Writer, log_in, refresh, registration};
use crate::support::{Answer, Ask as _, Client, PASSWORD, TestApp, for_each_database};

const DAY: Duration = Duration::from_secs(24 * 3600);

for_each_database![
    a_wrong_password_and_an_unknown_address_look_the_same,
    a_refresh_token_is_good_once,
    a_refresh_token_that_many_show_at_once_gives_all_the_same,
    refreshing_for_ever_keeps_one_row,
    signing_in_for_ever_keeps_fifty_sessions,
    an_id_alone_ends_no_sign_in,
    a_guessed_token_waits_for_no_writer,
    signing_out_ends_what_came_from_the_same_sign_in,
    an_access_token_is_good_for_a_quarter_of_an_hour,
    a_refresh_token_is_good_for_thirty_days,
    the_database_holds_no_secret,
    tokens_stay_in_no_cache,
];

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
    let answers = join_all((0..8).map(|_| refresh(&app, &ada.refresh_token))).await;
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
