//! Page sessions: the cookie, and what keeps other sites from using it.

use std::time::Duration;

use diesel::prelude::*;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::{Answer, Ask as _, Client, Database, PASSWORD, PageSession, TestApp, for_each_database};

for_each_database![
    registering_opens_a_session,
    a_cookie_over_https_is_secure,
    signing_out_ends_the_session_everywhere,
    a_session_ends_after_thirty_days,
    a_session_that_is_not_used_ends_after_a_week,
    a_new_sign_in_ends_the_one_before_it_in_that_browser,
    a_page_shows_another_token_each_time,
    registering_twice_by_a_double_click_leads_on,
    registering_an_address_that_was_taken_before_signs_nobody_in,
    a_fault_of_ours_is_not_shown_as_a_taken_address,
    a_person_sees_where_they_are_signed_in_and_ends_it,
    sign_ins_are_listed_in_words,
    a_person_changes_the_password_by_the_page,
    a_person_deletes_the_account_by_the_page,
    pages_are_kept_to_what_they_need,
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
    assert_eq!(answer.header("clear-site-data"), "", "another tab may hold an answer that is not saved yet");
    let copied = app.anonymous().request(Method::GET, "/api/v1/me").header("cookie", cookie).answer().await;
    copied.refused(401, "unauthenticated");
}

/// Uses a session, and waits until that is noted: nobody's answer waits for it.
async fn used(app: &TestApp, browser: &PageSession) {
    let now = app.clock.now().to_string();
    while browser.get("/api/v1/me/sessions").await.ok(200)["items"][0]["used_at"] != now.as_str() {}
}

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn a_session_ends_after_thirty_days(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    for _ in 0..5 {
        app.pass(6 * DAY - Duration::from_secs(1));
        used(&app, &browser).await;
    }
    app.pass(Duration::from_secs(4));
    browser.get("/api/v1/me").await.ok(200);
    app.pass(Duration::from_secs(1));
    browser.get("/api/v1/me").await.refused(401, "unauthenticated");
}

async fn a_session_that_is_not_used_ends_after_a_week(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    app.pass(7 * DAY - Duration::from_secs(1));
    used(&app, &browser).await;
    app.pass(7 * DAY);
    browser.get("/api/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(app.accounts.remove_expired().await.unwrap(), 1);
}

async fn a_new_sign_in_ends_the_one_before_it_in_that_browser(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    let before = browser.cookie();
    browser.submit("/login", &[("email", "ada@example.org"), ("password", PASSWORD)]).await.redirected();
    assert_ne!(browser.cookie(), before);
    browser.get("/api/v1/me").await.ok(200);
    let copied = app.anonymous().request(Method::GET, "/api/v1/me").header("cookie", before).answer().await;
    copied.refused(401, "unauthenticated");
}

async fn a_page_shows_another_token_each_time(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    browser.open("/").await;
    let first = browser.csrf();
    browser.open("/").await;
    assert_ne!(browser.csrf(), first);
    // Both are good: a page that has been open for a while still sends its form.
    let form = browser.request(Method::POST, "/logout").form(&[("_csrf", first)]);
    assert_eq!(form.answer().await.status, 303);
}

async fn registering_twice_by_a_double_click_leads_on(app: TestApp) {
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("display_name", "Ada"), ("next", "/sets")];
    let browser = app.browser();
    assert_eq!(browser.submit("/register", &form).await.redirected(), "/sets");
    browser.open("/").await;
    assert_eq!(browser.submit("/register", &form).await.redirected(), "/sets");
    assert!(browser.open("/").await.contains("Ada"));
}

async fn registering_an_address_that_was_taken_before_signs_nobody_in(app: TestApp) {
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("display_name", "Ada")];
    app.browser().submit("/register", &form).await.redirected();
    app.pass(Duration::from_secs(61));
    let page = shown_again(&app.browser().submit("/register", &form).await, 422);
    assert!(page.contains("there is an account with this address"), "{page}");
}

async fn a_fault_of_ours_is_not_shown_as_a_taken_address(app: TestApp) {
    app.signed_in("Ada").await;
    app.db
        .write(|c| {
            let broken = quorate::db::schema::users::password_hash.eq("no hash");
            diesel::update(quorate::db::schema::users::table).set(broken).execute(c)?;
            Ok::<_, quorate::db::Error>(())
        })
        .await
        .unwrap();
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("display_name", "Ada")];
    let answer = app.anonymous().request(Method::POST, "/register").form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 500);
}

async fn a_person_sees_where_they_are_signed_in_and_ends_it(app: TestApp) {
    let (browser, elsewhere) = (app.signed_in("Ada").await, app.browser());
    elsewhere.submit("/login", &[("email", "ada@example.org"), ("password", PASSWORD)]).await.redirected();
    let sessions = browser.get("/api/v1/me/sessions").await.ok(200);
    let other = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/account/sessions/{}", other["id"].as_str().unwrap());
    assert!(browser.open("/account").await.contains(&path));
    let bob = app.signed_in("Bob").await;
    assert_eq!(bob.submit(&path, &[]).await.status, 404);
    elsewhere.get("/api/v1/me").await.ok(200);
    assert_eq!(browser.submit(&path, &[]).await.redirected(), "/account");
    elsewhere.get("/api/v1/me").await.refused(401, "unauthenticated");
    browser.get("/api/v1/me").await.ok(200);
}

async fn sign_ins_are_listed_in_words(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    for agent in [firefox, "<i>unknown</i>"] {
        let form = [("email", "ada@example.org"), ("password", PASSWORD)];
        let request = app.anonymous().request(Method::POST, "/login").header("user-agent", agent);
        request.form(&form).answer().await.redirected();
    }
    let form = json!({"email": "ada@example.org", "password": PASSWORD});
    let client = app.anonymous().request(Method::POST, "/api/v1/auth/login").header("user-agent", "quorate/0.1.0");
    client.json(&form).answer().await.ok(200);
    let page = browser.open("/account").await;
    for line in [
        format!("<span title=\"{firefox}\">Firefox on Linux</span>"),
        "<span title=\"&lt;i&gt;unknown&lt;/i&gt;\">A browser</span>".to_owned(),
        "<span title=\"quorate/0.1.0\">The quorate command line</span>".to_owned(),
        "<span>A browser</span> <strong>(this one)</strong>".to_owned(),
    ] {
        assert!(page.contains(&line), "{line}: {page}");
    }
}

async fn a_person_changes_the_password_by_the_page(app: TestApp) {
    let (browser, ada) = (app.signed_in("Ada").await, "ada@example.org");
    let elsewhere = app.browser();
    elsewhere.submit("/login", &[("email", ada), ("password", PASSWORD)]).await.redirected();
    browser.open("/account").await;
    let change = async |old: &str, new: &str| {
        browser.submit("/account/password", &[("password", old), ("new_password", new)]).await
    };
    let refused = change("a wrong password", "four tin whistles and a drum").await;
    assert!(refused.status == 422 && refused.text().contains("not the password of your account"), "{}", refused.text());
    assert_eq!(change(PASSWORD, "ada").await.status, 422);
    assert_eq!(change(PASSWORD, "four tin whistles and a drum").await.redirected(), "/account");
    browser.get("/api/v1/me").await.ok(200);
    elsewhere.get("/api/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(app.browser().submit("/login", &[("email", ada), ("password", PASSWORD)]).await.status, 401);
}

async fn a_person_deletes_the_account_by_the_page(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    browser.open("/account").await;
    assert_eq!(browser.submit("/account/erase", &[("password", "a wrong password")]).await.status, 422);
    browser.get("/api/v1/me").await.ok(200);
    let gone = browser.submit("/account/erase", &[("password", PASSWORD)]).await;
    // The page's script drops the drafts of this account; those of others in the same browser stay.
    assert_eq!((gone.status, gone.header("clear-site-data")), (200, ""));
    let page = gone.text();
    assert!(page.contains("data-erased=\"usr_") && page.contains("Sign in") && !page.contains("Sign out"), "{page}");
    let removed = gone.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let removed: Vec<_> = removed.filter(|cookie| cookie.contains("Max-Age=0")).collect();
    assert!(removed.len() == 2 && removed[1].starts_with("quorate_device=;"), "{removed:?}");
    browser.get("/api/v1/me").await.refused(401, "unauthenticated");
}

async fn pages_are_kept_to_what_they_need(database: Database) {
    let app = TestApp::with(database, |settings| settings.public_url = Some("https://quorate.test".into()));
    let anyone = app.anonymous();
    let page = anyone.get("/login").await;
    assert!(!page.header("content-security-policy").contains("unsafe"), "{}", page.header("content-security-policy"));
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(page.header("cross-origin-resource-policy"), "same-origin");
    assert!(page.header("permissions-policy").contains("camera=()"));
    let documentation = anyone.get("/api/docs/").await;
    assert!(documentation.header("content-security-policy").contains("style-src 'self' 'unsafe-inline'"));
    // What is about a person stays in no cache.
    let ada = app.person("Ada").await;
    for path in ["/api/v1/me", "/api/v1/me/sessions", "/api/v1/attempts"] {
        assert_eq!(ada.get(path).await.header("cache-control"), "no-store", "{path}");
    }
}

async fn a_form_needs_the_token_of_its_session(app: TestApp) {
    let (ada, bob) = (app.signed_in("Ada").await, app.signed_in("Bob").await);
    let send = async |token: Option<String>| {
        let fields: Vec<_> = token.iter().map(|token| ("_csrf", token.as_str())).collect();
        ada.request(Method::POST, "/sets/none/attempts").form(&fields).answer().await
    };
    for wrong in [None, Some(String::new()), Some("wrong".to_owned()), Some(bob.csrf()), Some(ada.cookie())] {
        send(wrong).await.refused(403, "csrf");
    }
    ada.get("/api/v1/me").await.ok(200);
    send(Some(ada.csrf())).await.refused(404, "not_found");
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
        "/\u{1}x",
        "/тема",
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
    assert!(page.contains("15 characters or more") && !page.contains("hunter2"), "{page}");
    let page = shown_again(&registered_twice(&app, &browser).await, 422);
    assert!(page.contains("there is an account with this address"), "{page}");
}

async fn registered_twice(app: &TestApp, browser: &PageSession) -> Answer {
    app.person("Bob").await;
    browser
        .submit(
            "/register",
            &[("email", "bob@example.org"), ("password", "not the one of Bob"), ("display_name", "Bob")],
        )
        .await
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
