//! How often one may try: guessing a password, from many places or from one, and what that does to the account's owner.

use std::time::Duration;

use futures_util::future::join_all;
use quorate::config::RateLimiting;
use reqwest::Method;
use serde_json::json;

use super::{LOGIN, ME, log_in};
use crate::support::{Ask as _, Client, Database, PASSWORD, PageSession, Person, TestApp, for_each_database};

for_each_database![
    guessing_elsewhere_does_not_lock_a_known_browser_out,
    a_page_that_is_asked_too_often_says_when_to_come_back,
    a_flood_of_sign_ins_is_told_to_come_back,
    wrong_passwords_are_counted_by_account,
    a_flood_behind_the_same_address_does_not_lock_a_known_browser_out,
    a_known_browser_is_unknown_after_a_change_of_the_password,
    a_browser_is_known_for_180_days,
    the_browser_that_changes_the_password_stays_known,
    a_customer_of_many_ipv6_networks_is_counted_as_one,
    who_tries_too_often_has_to_wait,
    callers_are_told_what_is_left,
];

fn limited(database: Database) -> TestApp {
    TestApp::with(database, |settings| settings.rate_limits = Some(RateLimiting::On))
}

async fn guessing_elsewhere_does_not_lock_a_known_browser_out(database: Database) {
    let app = limited(database);
    let browser = app.signed_in("Ada").await;
    browser.submit("/logout", &[]).await.redirected();
    while log_in(&app, "ada@example.org", "a guess").await.status != 429 {}
    log_in(&app, "ada@example.org", PASSWORD).await.refused(429, "rate_limited");
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/login", &form).await.redirected(), "/");
    // Another account's browser is no help.
    let bob = app.signed_in("Bob").await;
    assert_eq!(bob.submit("/login", &form).await.status, 429);
}

async fn a_page_that_is_asked_too_often_says_when_to_come_back(database: Database) {
    let (app, form) = (limited(database), [("email", "ada@example.org"), ("password", "a guess")]);
    let answer = loop {
        let answer = app.browser().submit("/login", &form).await;
        if answer.status != 401 {
            break answer;
        }
    };
    assert_eq!((answer.status, answer.header("content-type")), (429, "text/html; charset=utf-8"));
    assert!((1..=13).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    assert!(answer.text().contains("ada@example.org"), "the form is there to be sent again");
    assert!(answer.header("ratelimit").contains("\"sign-in\";r=0;"), "{}", answer.header("ratelimit"));
}

async fn a_flood_of_sign_ins_is_told_to_come_back(app: TestApp) {
    let guesses = join_all((0..500).map(|_| log_in(&app, "ada@example.org", "a guess"))).await;
    let (refused, checked): (Vec<_>, Vec<_>) = guesses.iter().partition(|answer| answer.status == 503);
    assert!(!refused.is_empty(), "somebody is told to come back");
    for answer in refused {
        answer.refused(503, "overloaded");
        assert!((1..=10).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    }
    // Those who waited are served, and so is everybody afterwards.
    assert!(checked.len() >= 300 && checked.iter().all(|answer| answer.status == 401), "{}", checked.len());
    app.person("Ada").await;
}

async fn wrong_passwords_are_counted_by_account(database: Database) {
    let app = limited(database);
    let ada = app.person("Ada").await;
    let elsewhere = ada.sign_in_again().await;
    let guess = json!({"password": "a guess", "new_password": "four tin whistles and a drum"});
    while ada.put("/api/v1/me/password", &guess).await.status != 429 {}
    elsewhere.put("/api/v1/me/password", &guess).await.refused(429, "rate_limited");
}

async fn a_flood_behind_the_same_address_does_not_lock_a_known_browser_out(database: Database) {
    let app = limited(database);
    let browser = app.signed_in("Ada").await;
    browser.submit("/logout", &[]).await.redirected();
    let address = "127.0.0.1".parse().unwrap();
    let mut neighbours = 0..;
    let mut flood = || app.maintenance.limits.sign_in(address, &neighbours.next().unwrap().to_string(), None);
    while flood().is_ok() {}
    log_in(&app, "ada@example.org", PASSWORD).await.refused(429, "rate_limited");
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/login", &form).await.redirected(), "/");
}

/// Ada's client, and a browser in which she is signed in.
async fn with_known_browser(app: &TestApp) -> (Person, PageSession) {
    let (ada, browser) = (app.person("Ada").await, app.browser());
    browser.submit("/login", &[("email", &ada.email), ("password", PASSWORD)]).await.redirected();
    browser.open("/account").await;
    (ada, browser)
}

async fn a_known_browser_is_unknown_after_a_change_of_the_password(database: Database) {
    let app = limited(database);
    let (ada, browser) = with_known_browser(&app).await;
    browser.submit("/logout", &[]).await.redirected();
    let change = json!({"password": PASSWORD, "new_password": "four tin whistles and a drum"});
    assert_eq!(ada.put("/api/v1/me/password", change).await.status, 204);
    while log_in(&app, "ada@example.org", "a guess").await.status != 429 {}
    // A browser that somebody else used while they knew the password gives them no guesses of their own.
    let form = [("email", "ada@example.org"), ("password", "a guess")];
    assert_eq!(browser.submit("/login", &form).await.status, 429);
}

async fn a_browser_is_known_for_180_days(database: Database) {
    let app = limited(database);
    let (_, browser) = with_known_browser(&app).await;
    browser.submit("/logout", &[]).await.redirected();
    while log_in(&app, "ada@example.org", "a guess").await.status != 429 {}
    app.pass(Duration::from_secs(180 * 24 * 3600 - 1));
    let form = [("email", "ada@example.org"), ("password", "a guess")];
    assert_eq!(browser.submit("/login", &form).await.status, 401);
    app.pass(Duration::from_secs(1));
    while log_in(&app, "ada@example.org", "a guess").await.status != 429 {}
    assert_eq!(browser.submit("/login", &form).await.status, 429);
}

async fn the_browser_that_changes_the_password_stays_known(database: Database) {
    let app = limited(database);
    let (_, browser) = with_known_browser(&app).await;
    let form = [("password", PASSWORD), ("new_password", "four tin whistles and a drum")];
    assert_eq!(browser.submit("/account/password", &form).await.redirected(), "/account");
    browser.submit("/logout", &[]).await.redirected();
    while log_in(&app, "ada@example.org", "a guess").await.status != 429 {}
    let form = [("email", "ada@example.org"), ("password", "four tin whistles and a drum")];
    assert_eq!(browser.submit("/login", &form).await.redirected(), "/");
}

async fn a_customer_of_many_ipv6_networks_is_counted_as_one(database: Database) {
    let app = TestApp::with(database, |settings| {
        settings.rate_limits = Some(RateLimiting::On);
        settings.trusted_proxies = Some(vec!["127.0.0.0/8".parse().unwrap()]);
    });
    let network = |number: u32| format!("2001:db8:7:{number:x}::1");
    let flooded = (0..10_000).find(|number| {
        let account = format!("{number}@example.org");
        app.maintenance.limits.sign_in(network(*number).parse().unwrap(), &account, None).is_err()
    });
    let from = async |address: &str| {
        let form = json!({"email": "ada@example.org", "password": "a guess"});
        let request = app.anonymous().request(Method::POST, LOGIN).json(&form);
        request.header("x-forwarded-for", address).answer().await
    };
    from(&network(flooded.expect("a /48 has a limit") + 1)).await.refused(429, "rate_limited");
    from("2001:db8:8:0::1").await.refused(401, "wrong_credentials");
}

async fn who_tries_too_often_has_to_wait(database: Database) {
    let app = TestApp::with(database, |settings| settings.rate_limits = Some(RateLimiting::On));
    app.person("Ada").await;
    let mut answer = log_in(&app, "ada@example.org", "a guess").await;
    for _ in 0..10 {
        answer = log_in(&app, "ada@example.org", "a guess").await;
    }
    answer.refused(429, "rate_limited");
    assert_eq!(answer.header("ratelimit-policy"), r#""address";q=5000;w=10, "sign-in";q=10;w=120"#);
    assert!((1..=12).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    // From there the right password does not help; another account is not held up.
    log_in(&app, "ADA@example.org", PASSWORD).await.refused(429, "rate_limited");
    log_in(&app, "bob@example.org", PASSWORD).await.refused(401, "wrong_credentials");
}

async fn callers_are_told_what_is_left(database: Database) {
    let app = TestApp::with(database, |settings| settings.rate_limits = Some(RateLimiting::On));
    let ada = app.person("Ada").await;
    let answer = ada.get(ME).await;
    assert_eq!(answer.header("ratelimit-policy"), r#""address";q=5000;w=10, "caller";q=300;w=15"#);
    assert_eq!(answer.header("ratelimit"), r#""address";r=4999;t=1, "caller";r=299;t=1"#);
    let answer = app.anonymous().get("/login").await;
    assert_eq!(answer.header("ratelimit-policy"), r#""address";q=5000;w=10"#);
}
