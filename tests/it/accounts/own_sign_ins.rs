//! Seeing one's own sign-ins and ending them, by hand or by a change of the password.

use std::time::Duration;

use futures_util::future::join_all;
use quorate::accounts::Credentials;
use serde_json::json;

use super::{ME, log_in, refresh};
use crate::support::{Ask as _, Client, PASSWORD, TestApp, for_each_database};

for_each_database![
    a_person_sees_and_ends_sign_ins,
    a_changed_password_ends_the_other_sign_ins,
    a_sign_in_that_was_checked_before_the_password_changed_begins_no_session,
    of_two_changes_of_the_password_at_once_one_is_made,
];

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
