//! Page sessions: the cookie, and what keeps other sites from using it.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::{Answer, Ask as _, Client, Database, PASSWORD, PageSession, TestApp, for_each_database};

for_each_database![
    registering_opens_a_session,
    a_cookie_over_https_is_secure,
    signing_out_ends_the_session_everywhere,
    a_session_ends_after_thirty_days,
    a_form_needs_the_token_of_its_session,
    a_script_needs_the_token_of_its_session,
    a_form_of_another_site_is_refused,
    signing_in_leads_back_but_never_away,
    a_refused_form_is_shown_again_without_the_password,
    an_error_is_a_page_for_a_person,
];

async fn registering_opens_a_session(app: TestApp) {
    let browser = app.browser();
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("display_name", "Ada")];
    let answer = browser.submit("/register", &form).await;
    assert_eq!(answer.redirected(), "/");
    let cookie = answer.header("set-cookie");
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("quorate_session=") && value.len() > 40, "{value}");
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]);
    assert!(browser.open("/").await.contains("Ada"));
    assert!(!app.browser().open("/").await.contains("Ada"));
}

async fn a_cookie_over_https_is_secure(database: Database) {
    let app = TestApp::with(database, |settings| settings.public_url = Some("https://quorate.test".into()));
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("display_name", "Ada")];
    let answer = app.browser().submit("/register", &form).await;
    assert!(answer.header("set-cookie").contains("; Secure"), "{}", answer.header("set-cookie"));
}

async fn signing_out_ends_the_session_everywhere(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    let cookie = browser.cookie();
    let answer = browser.submit("/logout", &[]).await;
    assert_eq!(answer.redirected(), "/");
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.header("set-cookie"));
    let copied = app.anonymous().request(Method::GET, "/api/v1/me").header("cookie", cookie).answer().await;
    copied.refused(401, "unauthenticated");
}

async fn a_session_ends_after_thirty_days(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    app.pass(Duration::from_secs(30 * 24 * 3600 - 1));
    browser.get("/api/v1/me").await.ok(200);
    app.pass(Duration::from_secs(1));
    browser.get("/api/v1/me").await.refused(401, "unauthenticated");
}

async fn a_form_needs_the_token_of_its_session(app: TestApp) {
    let (ada, bob) = (app.signed_in("Ada").await, app.signed_in("Bob").await);
    let send = async |token: Option<String>| {
        let fields: Vec<_> = token.iter().map(|token| ("_csrf", token.as_str())).collect();
        ada.request(Method::POST, "/logout").form(&fields).answer().await
    };
    for wrong in [None, Some(String::new()), Some("wrong".to_owned()), Some(bob.csrf()), Some(ada.cookie())] {
        send(wrong).await.refused(403, "csrf");
    }
    ada.get("/api/v1/me").await.ok(200);
    assert_eq!(send(Some(ada.csrf())).await.status, 303);
}

async fn a_script_needs_the_token_of_its_session(app: TestApp) {
    let (ada, bob) = (app.signed_in("Ada").await, app.signed_in("Bob").await);
    let send = async |token: Option<String>| {
        let request = app.anonymous().request(Method::POST, "/api/v1/sets/none/attempts").json(&json!({}));
        let request = request.header("cookie", ada.cookie());
        match token {
            Some(token) => request.header("x-csrf-token", token).answer().await,
            None => request.answer().await,
        }
    };
    for wrong in [None, Some(String::new()), Some("wrong".to_owned()), Some(bob.csrf())] {
        send(wrong).await.refused(403, "csrf");
    }
    send(Some(ada.csrf())).await.refused(404, "not_found");
}

async fn a_form_of_another_site_is_refused(app: TestApp) {
    app.person("Ada").await;
    let form = [("email", "ada@example.org"), ("password", PASSWORD)];
    let from = async |headers: &[(&str, &str)]| {
        let request = app.anonymous().request(Method::POST, "/login").form(&form);
        let with = |request: RequestBuilder, (name, value): &(&str, &str)| request.header(*name, *value);
        headers.iter().fold(request, with).answer().await
    };
    let own = app.config.public_url.as_str();
    for elsewhere in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", own)],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "")],
    ] {
        from(elsewhere).await.refused(403, "csrf");
    }
    for here in [&[("origin", own)][..], &[("sec-fetch-site", "same-origin")], &[("sec-fetch-site", "none")], &[]] {
        assert_eq!(from(here).await.status, 303, "{here:?}");
    }
}

async fn signing_in_leads_back_but_never_away(app: TestApp) {
    app.person("Ada").await;
    let lead = async |next: &str| {
        let form = [("email", "ada@example.org"), ("password", PASSWORD), ("next", next)];
        app.browser().submit("/login", &form).await.redirected().to_owned()
    };
    assert_eq!(lead("/topics/cap?section=2").await, "/topics/cap?section=2");
    for away in [
        "",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/a\r\nset-cookie: x=y",
    ] {
        assert_eq!(lead(away).await, "/", "{away:?}");
    }
}

async fn a_refused_form_is_shown_again_without_the_password(app: TestApp) {
    let browser = app.browser();
    let email = "<i>\"ada\"</i>@example.org";
    let answer = browser.submit("/login", &[("email", email), ("password", "hunter2hunter2")]).await;
    let page = shown_again(&answer, 401);
    assert!(page.contains("&lt;i&gt;&quot;ada&quot;&lt;/i&gt;@example.org"), "{page}");
    assert!(page.contains("the address or the password is wrong") && !page.contains("hunter2"), "{page}");

    let form = [("email", "ada"), ("password", "hunter2"), ("display_name", "Ada")];
    let page = shown_again(&browser.submit("/register", &form).await, 422);
    assert!(page.contains("10 characters or more") && !page.contains("hunter2"), "{page}");
    let page = shown_again(&registered_twice(&app, &browser).await, 422);
    assert!(page.contains("there is an account with this address"), "{page}");
}

async fn registered_twice(app: &TestApp, browser: &PageSession) -> Answer {
    app.person("Bob").await;
    browser.submit("/register", &[("email", "bob@example.org"), ("password", PASSWORD), ("display_name", "Bob")]).await
}

#[track_caller]
fn shown_again(answer: &Answer, status: u16) -> String {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (status, "text/html; charset=utf-8"),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("set-cookie"), "");
    answer.text()
}

async fn an_error_is_a_page_for_a_person(app: TestApp) {
    let anonymous = app.anonymous();
    let page = anonymous.request(Method::GET, "/nothing/here").header("accept", "text/html,*/*").answer().await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.text().contains(page.header("x-request-id")), "{}", page.text());
    anonymous.get("/nothing/here").await.refused(404, "not_found");
    let api = anonymous.request(Method::GET, "/api/v1/nothing").header("accept", "text/html").answer().await;
    api.refused(404, "not_found");
}
