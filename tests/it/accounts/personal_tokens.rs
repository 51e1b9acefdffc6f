//! Personal tokens: made, listed and revoked, and what each scope covers.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ME, log_in};
use crate::openapi::example;
use crate::support::{Ask as _, Client, PASSWORD, Person, TestApp, for_each_database};

for_each_database![
    a_person_makes_sees_and_revokes_tokens,
    a_person_makes_sees_and_revokes_tokens_by_the_page,
    a_form_that_is_sent_again_makes_no_other_token,
    what_is_asked_of_a_token_is_checked,
    each_scope_covers_what_the_document_says_and_nothing_else,
    no_token_makes_a_token_or_touches_the_account,
    a_token_ends_at_its_time,
    a_mistyped_token_is_told_from_one_that_was_revoked,
    a_changed_password_revokes_all_tokens,
    an_access_token_makes_none_after_its_sign_in_has_ended,
    no_token_answers_an_item_of_an_attempt,
    a_person_has_at_most_twenty_tokens,
    no_answer_is_kept_that_holds_a_token,
];

const TOKENS: &str = "/api/v1/me/tokens";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Makes a token with this scope, and returns the person who shows it, with its id.
async fn with_scope(person: &Person, scope: &str) -> (Person, String) {
    let made = person.post(TOKENS, json!({"name": scope, "scope": scope})).await.ok(201);
    (person.with_token(made["token"].as_str().unwrap()), made["id"].as_str().unwrap().to_owned())
}

async fn delete(person: &Person, id: &str) -> crate::support::Answer {
    person.request(Method::DELETE, &format!("{TOKENS}/{id}")).answer().await
}

async fn a_person_makes_sees_and_revokes_tokens(app: TestApp) {
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let made = ada.post(TOKENS, json!({"name": " laptop ", "scope": "submissions", "days": 30.0})).await;
    assert_eq!(made.header("cache-control"), "no-store");
    let mut made = made.ok(201);
    let token = made["token"].take().as_str().unwrap().to_owned();
    assert!(regex::Regex::new("^qrt_[0-9a-f]{72}$").unwrap().is_match(&token), "{token}");
    made.as_object_mut().unwrap().remove("token");
    assert_eq!(
        (&made["name"], &made["scope"], &made["used_at"]),
        (&json!("laptop"), &json!("submissions"), &Value::Null)
    );
    assert_eq!(made["expires_at"], "2026-01-31T00:00:00Z");
    assert_eq!(ada.get(TOKENS).await.ok(200)["items"], json!([made]));
    assert_eq!(bob.get(TOKENS).await.ok(200)["items"], json!([]));

    app.pass(Duration::from_secs(60));
    let program = ada.with_token(&token);
    program.get("/api/v1/submissions").await.ok(200);
    assert_eq!(last_used(&ada).await, "2026-01-01T00:01:00Z");

    let id = made["id"].as_str().unwrap();
    delete(&bob, id).await.refused(404, "not_found");
    assert_eq!(delete(&ada, id).await.status, 204);
    program.get("/api/v1/submissions").await.refused(401, "invalid_token");
    delete(&ada, id).await.refused(404, "not_found");
}

/// When the only token was last used. That is noted in the background.
async fn last_used(person: &Person) -> String {
    loop {
        if let Some(used) = person.get(TOKENS).await.ok(200)["items"][0]["used_at"].as_str() {
            return used.to_owned();
        }
        tokio::task::yield_now().await;
    }
}

async fn a_person_makes_sees_and_revokes_tokens_by_the_page(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    let page = browser.open("/account").await;
    assert!(!page.contains("qrt_"));
    let id = fresh_id(&page);
    let form = [("id", id.as_str()), ("name", "<laptop>"), ("scope", "read"), ("days", "7")];
    let made = browser.submit("/account/tokens", &form).await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"));
    let token = regex::Regex::new("qrt_[0-9a-f]{72}").unwrap().find(&made.text()).unwrap().as_str().to_owned();
    assert!(made.text().contains("&lt;laptop&gt;"));
    let ask = async || app.anonymous().request(Method::GET, ME).bearer_auth(&token).answer().await;
    ask().await.ok(200);

    let page = browser.open("/account").await;
    assert!(page.contains("&lt;laptop&gt;") && !page.contains(&token), "it's shown once");
    let revoke =
        regex::Regex::new("/account/tokens/tok_[0-9a-f]{32}").unwrap().find(&page).unwrap().as_str().to_owned();
    app.signed_in("Bob").await.submit(&revoke, &[]).await;
    ask().await.ok(200);
    assert_eq!(browser.submit(&revoke, &[]).await.redirected(), "/account");
    ask().await.refused(401, "invalid_token");

    let refused =
        browser.submit("/account/tokens", &[("id", &id), ("name", " "), ("scope", "read"), ("days", "7")]).await;
    assert!(refused.status == 422 && refused.text().contains("a name has 1 to 60 characters"), "{}", refused.text());
}

/// The id that the form of a page gives to the token that it makes.
fn fresh_id(page: &str) -> String {
    regex::Regex::new("name=\"id\" value=\"(tok_[0-9a-f]{32})\"").unwrap().captures(page).unwrap()[1].to_owned()
}

async fn a_form_that_is_sent_again_makes_no_other_token(app: TestApp) {
    let (browser, bob) = (app.signed_in("Ada").await, app.signed_in("Bob").await);
    let id = fresh_id(&browser.open("/account").await);
    let form = [("id", id.as_str()), ("name", "laptop"), ("scope", "read"), ("days", "7")];
    let made = browser.submit("/account/tokens", &form).await;
    assert_eq!(made.status, 200);
    for who in [&browser, &bob] {
        who.open("/account").await;
        let again = who.submit("/account/tokens", &form).await;
        let text = again.text();
        assert!(again.status == 422 && text.contains("has made its token already") && !text.contains("qrt_"), "{text}");
    }
    let tokens = |page: &str| page.matches("/account/tokens/tok_").count();
    assert_eq!((tokens(&browser.open("/account").await), tokens(&bob.open("/account").await)), (1, 0));
    let next = fresh_id(&made.text());
    let another = [("id", next.as_str()), ("name", "server"), ("scope", "read"), ("days", "7")];
    assert!(
        browser.submit("/account/tokens", &another).await.text().contains("qrt_"),
        "the page has a form for another one"
    );
}

async fn what_is_asked_of_a_token_is_checked(app: TestApp) {
    let ada = app.person("Ada").await;
    let invalid = async |body: Value| ada.post(TOKENS, body).await.invalid();
    assert_eq!(invalid(json!({"name": "", "scope": "read", "days": 0})).await, ["/name", "/days"]);
    assert_eq!(invalid(json!({"name": "a\u{202e}b", "scope": "read", "days": 366})).await, ["/name", "/days"]);
    assert_eq!(invalid(json!({"name": "x".repeat(61), "scope": "read"})).await, ["/name"]);
    assert_eq!(invalid(json!({"name": "x", "scope": "everything"})).await, ["/scope"]);
    assert_eq!(ada.get(TOKENS).await.ok(200)["items"], json!([]));
}

/// Every operation of the document, with the scopes of personal tokens that it names, or `None` where nobody has to sign in.
fn operations() -> Vec<(Method, String, Option<BTreeSet<String>>)> {
    let document = serde_json::to_value(quorate::web::openapi::document()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let ways = operation["security"].as_array();
            let scopes = |ways: &Vec<Value>| {
                let scopes = ways.iter().filter_map(|way| way["personal_token"].as_array());
                scopes.flatten().map(|scope| scope.as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
            };
            operations.push((method.to_uppercase().parse().unwrap(), path.clone(), ways.map(scopes)));
        }
    }
    operations
}

async fn each_scope_covers_what_the_document_says_and_nothing_else(app: TestApp) {
    let ada = app.person("Ada").await;
    let mut covered: Vec<(String, String)> = Vec::new();
    for scope in ["submissions", "read"] {
        let (program, _) = with_scope(&ada, scope).await;
        for (method, path, scopes) in operations() {
            // With a key, it's found out first who asks.
            for key in [None, Some(format!("{scope}-{method}-{path}"))] {
                let (address, body) = example(&path);
                let request = program.request(method.clone(), &address).json(&body);
                let request = key.iter().fold(request, |request, key| request.header("idempotency-key", key));
                let answer = request.answer().await;
                let refused = answer.status == 403 && answer.text().contains("\"code\":\"insufficient_scope\"");
                let closed = scopes.as_ref().is_some_and(|scopes| !scopes.contains(scope));
                assert_eq!(refused, closed, "{method} {path} with {scope}: {}", answer.text());
                assert!(answer.status != 401 || scopes.is_none(), "{method} {path} with {scope}: {}", answer.text());
            }
            if scopes.is_some_and(|scopes| scopes.contains(scope)) {
                covered.push((scope.to_owned(), format!("{method} {path}")));
            }
        }
    }
    let covered: Vec<_> = covered.iter().map(|(scope, what)| format!("{scope}: {what}")).collect();
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("token_scopes", covered.join("\n"));
    });
    for scope in operations().into_iter().filter_map(|(.., scopes)| scopes).flatten() {
        assert!(scope.parse::<quorate::accounts::TokenScope>().is_ok(), "{scope} is no scope, so it covers nothing");
    }
}

async fn no_token_makes_a_token_or_touches_the_account(app: TestApp) {
    let ada = app.person("Ada").await;
    for scope in ["submissions", "read"] {
        let (program, id) = with_scope(&ada, scope).await;
        program.post(TOKENS, json!({"name": "another", "scope": scope})).await.refused(403, "insufficient_scope");
        program.get(TOKENS).await.refused(403, "insufficient_scope");
        delete(&program, &id).await.refused(403, "insufficient_scope");
        let change = json!({"password": PASSWORD, "new_password": "four tin whistles and a drum"});
        program.put("/api/v1/me/password", change).await.refused(403, "insufficient_scope");
        let erase = program.request(Method::DELETE, ME).json(&json!({"password": PASSWORD})).answer().await;
        erase.refused(403, "insufficient_scope");
        program.get("/api/v1/me/export").await.refused(403, "insufficient_scope");
    }
    log_in(&app, &ada.email, PASSWORD).await.ok(200);
}

async fn a_token_ends_at_its_time(app: TestApp) {
    let ada = app.person("Ada").await;
    let (program, _) = with_scope(&ada, "read").await;
    app.pass(90 * DAY - Duration::from_secs(1));
    program.get(ME).await.ok(200);
    app.pass(Duration::from_secs(1));
    program.get(ME).await.refused(401, "invalid_token");
    assert_eq!(ada.sign_in_again().await.get(TOKENS).await.ok(200)["items"], json!([]));
    app.maintenance.tidy().await;
    use diesel::prelude::*;
    let left = app
        .db
        .read(|c| Ok::<i64, quorate::db::Error>(quorate::db::schema::personal_tokens::table.count().get_result(c)?));
    assert_eq!(left.await.unwrap(), 0);
}

async fn a_mistyped_token_is_told_from_one_that_was_revoked(app: TestApp) {
    let ada = app.person("Ada").await;
    let (program, id) = with_scope(&ada, "read").await;
    let said = async |token: &str| {
        let problem = ada.with_token(token).get(ME).await.refused(401, "invalid_token");
        problem["detail"].as_str().unwrap().to_owned()
    };
    let token = program.access_token;
    let last = if token.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", &token[..token.len() - 1]);
    for mistyped in [&wrong, &token[..70], &format!("{token}a"), "qrt_"] {
        assert!(said(mistyped).await.contains("typing error"), "{mistyped}");
    }
    assert_eq!(delete(&ada, &id).await.status, 204);
    assert!(said(&token).await.contains("revoked"));
}

async fn a_changed_password_revokes_all_tokens(app: TestApp) {
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let ((program, _), (other, _)) = (with_scope(&ada, "read").await, with_scope(&bob, "read").await);
    let change = json!({"password": PASSWORD, "new_password": "four tin whistles and a drum"});
    assert_eq!(ada.put("/api/v1/me/password", change).await.status, 204);
    program.get(ME).await.refused(401, "invalid_token");
    other.get(ME).await.ok(200);
    app.accounts.reset_password(&bob.email, "three wet otters on a bus".to_owned()).await.unwrap();
    other.get(ME).await.refused(401, "invalid_token");
}

async fn an_access_token_makes_none_after_its_sign_in_has_ended(app: TestApp) {
    let ada = app.person("Ada").await;
    let stolen = log_in(&app, &ada.email, PASSWORD).await.ok(200);
    let thief = ada.with_token(stolen["access_token"].as_str().unwrap());
    let change = json!({"password": PASSWORD, "new_password": "four tin whistles and a drum"});
    assert_eq!(ada.put("/api/v1/me/password", change).await.status, 204);
    let token = json!({"name": "for a year", "scope": "submissions", "days": 365});
    thief.post(TOKENS, token.clone()).await.refused(401, "unauthenticated");
    ada.post(TOKENS, token).await.ok(201);
}

async fn no_token_answers_an_item_of_an_attempt(app: TestApp) {
    let (program, _) = with_scope(&app.person("Ada").await, "submissions").await;
    let path = "/api/v1/exercises/adder/submissions?attempt=att_00000000000000000000000000000000&position=3";
    program.post(path, json!({"files": {"src/lib.rs": ""}})).await.refused(403, "insufficient_scope");
}

async fn a_person_has_at_most_twenty_tokens(app: TestApp) {
    let ada = app.person("Ada").await;
    let body = json!({"name": "one of many", "scope": "read", "days": 1});
    let answers = join_all((0..25).map(|_| ada.post(TOKENS, body.clone()))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 20);
    answers
        .iter()
        .filter(|answer| answer.status != 201)
        .for_each(|answer| drop(answer.refused(409, "too_many_tokens")));
    app.pass(DAY);
    ada.sign_in_again().await.post(TOKENS, body).await.ok(201);
}

async fn no_answer_is_kept_that_holds_a_token(app: TestApp) {
    let ada = app.person("Ada").await;
    let make = async || {
        let request = ada.request(Method::POST, TOKENS).header("idempotency-key", "one");
        request.json(&json!({"name": "laptop", "scope": "read"})).answer().await.ok(201)["token"].take()
    };
    assert_ne!(make().await, make().await, "an answer with a token can't be repeated, since it isn't kept");
}
