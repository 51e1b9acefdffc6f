//! What every request gets, and what bad ones get: the fitting problem, with a pointer to what is wrong.

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Answer, Ask as _, Client, PASSWORD, TestApp, for_each_database};

for_each_database![
    a_body_that_is_no_json_is_malformed,
    a_body_of_great_depth_is_refused,
    a_field_that_does_not_fit_is_pointed_at,
    a_body_of_another_type_is_refused,
    a_body_past_the_limit_is_refused,
    a_body_without_a_length_is_counted_too,
    a_query_that_does_not_fit_is_pointed_at,
    what_is_not_there_is_not_found,
    a_wrong_method_is_told_what_is_allowed,
    a_head_is_a_get_without_a_body,
    every_answer_protects_the_browser,
    a_request_is_known_by_its_id,
    what_is_no_http_breaks_nothing,
    it_is_alive_and_ready,
    assets_are_asked_for_once,
    the_name_of_the_scheme_has_no_case,
    another_site_uses_no_session,
    a_door_is_open_in_two_tabs,
    a_program_gets_a_problem_whatever_it_accepts,
];

const REGISTER: &str = "/api/v1/auth/register";

async fn post(app: &TestApp, content_type: &str, body: impl Into<Body>) -> Answer {
    let request = app.anonymous().request(Method::POST, REGISTER).body(body);
    request.header(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap()).answer().await
}

async fn post_json(app: &TestApp, body: impl Into<Body>) -> Answer {
    post(app, "application/json", body).await
}

fn registration() -> String {
    json!({"email": "ada@example.org", "password": PASSWORD, "display_name": "Ada"}).to_string()
}

async fn a_body_that_is_no_json_is_malformed(app: TestApp) {
    let good = registration();
    let broken: [Vec<u8>; 8] = [
        b"".into(),
        b"{".into(),
        b"{\"email\": }".into(),
        b"nonsense".into(),
        good[..good.len() - 1].into(),
        format!("{good} and more").into(),
        good.replace("Ada", "\u{7}").into(),
        [&b"{\"email\": \"\xff\xfe\""[..], b"}"].concat(),
    ];
    for body in broken {
        let answer = post_json(&app, body).await;
        let problem = answer.refused(400, "malformed");
        assert!(problem["detail"].as_str().unwrap().contains("line 1 column"), "{problem}");
    }
    post_json(&app, [b"\xef\xbb\xbf", good.as_bytes()].concat()).await.refused(400, "malformed");
}

async fn a_body_of_great_depth_is_refused(app: TestApp) {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000));
    for value in [deep("[", "]"), deep("{\"a\":", "}"), "[".repeat(200_000)] {
        for body in [value.clone(), format!("{{\"email\": {value}}}"), format!("{{\"unknown\": {value}}}")] {
            let status = post_json(&app, body).await.status;
            assert!([400, 413, 422].contains(&status), "{status}");
        }
    }
}

async fn a_field_that_does_not_fit_is_pointed_at(app: TestApp) {
    let full = |name: &str, value: &str| registration().replacen('{', &format!("{{\"{name}\": {value}, "), 1);
    let cases = [
        ("[]".to_owned(), ""),
        (format!("[\"ada@example.org\", \"{PASSWORD}\", \"Ada\"]"), ""),
        ("null".to_owned(), ""),
        ("\"text\"".to_owned(), ""),
        ("{}".to_owned(), ""),
        ("{\"email\": 5}".to_owned(), "/email"),
        ("{\"email\": {\"deep\": [1]}}".to_owned(), "/email"),
        ("{\"password\": null}".to_owned(), "/password"),
        (full("nickname", "\"A\""), "/nickname"),
        (full("a/b~c", "1"), "/a~1b~0c"),
        (full("email", "\"twice@example.org\""), ""),
    ];
    for (body, pointer) in cases {
        assert_eq!(post_json(&app, body.clone()).await.invalid(), [pointer], "{body}");
    }
    let problem = post_json(&app, full("nickname", "1")).await.refused(422, "invalid");
    assert!(problem["detail"].as_str().unwrap().contains("nickname"), "{problem}");
}

async fn a_body_of_another_type_is_refused(app: TestApp) {
    for other in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", ""]
    {
        post(&app, other, registration()).await.refused(415, "unsupported_media_type");
    }
    let without = app.anonymous().request(Method::POST, REGISTER).body(registration()).answer().await;
    without.refused(415, "unsupported_media_type");
    assert_eq!(post(&app, "Application/JSON; charset=utf-8", registration()).await.status, 201);
}

async fn a_body_past_the_limit_is_refused(app: TestApp) {
    let limit = 256 * 1024;
    let padded = |length: usize| format!("{}{}", " ".repeat(length - registration().len()), registration());
    post_json(&app, padded(limit + 1)).await.refused(413, "too_large");
    assert_eq!(post_json(&app, padded(limit)).await.status, 201);
}

async fn a_body_without_a_length_is_counted_too(app: TestApp) {
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let head = "POST /api/v1/auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = raw(&app, format!("{head}{}0\r\n\r\n", chunk.repeat(5)).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

async fn a_query_that_does_not_fit_is_pointed_at(app: TestApp) {
    for (query, pointer) in [
        ("limit=many", "?limit"),
        ("limit=0", "?limit"),
        ("limit=101", "?limit"),
        ("limit=-1", "?limit"),
        ("limit=99999999999999999999", "?limit"),
        ("cursor=***", "?cursor"),
        ("cursor=_w", "?cursor"),
        ("cursor=AA", "?cursor"),
        ("colour=red", "?colour"),
    ] {
        let answer = app.anonymous().get(&format!("/api/v1/sets?{query}")).await;
        assert_eq!(answer.invalid(), [pointer], "{query}");
    }
}

async fn what_is_not_there_is_not_found(app: TestApp) {
    let ada = app.person("Ada").await;
    let paths = [
        "/api/v1/nothing",
        "/api/v1",
        "/api/v2/me",
        "/api/v1/sets/none",
        "/api/v1/sets/%00",
        "/api/v1/sets/%ff%fe",
        "/api/v1/sets/..%2f..%2fetc",
        "/api/v1/attempts/none",
        "/api/v1/attempts/att_00000000000000000000000000000000",
        "/api/v1/attempts/usr_00000000000000000000000000000000",
        "/assets/none.css",
        "/assets/..%2fCargo.toml",
    ];
    for path in paths {
        ada.get(path).await.refused(404, "not_found");
    }
}

async fn a_wrong_method_is_told_what_is_allowed(app: TestApp) {
    for (method, path, allow) in [
        (Method::GET, REGISTER, "POST"),
        (Method::POST, "/api/v1/me", "DELETE, GET"),
        (Method::DELETE, "/healthz", "GET"),
        (Method::PUT, "/login", "GET, POST"),
        (Method::PATCH, "/logout", "POST"),
    ] {
        let answer = app.anonymous().request(method, path).answer().await;
        answer.refused(405, "method_not_allowed");
        let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(", "), allow, "{path}");
    }
}

async fn a_head_is_a_get_without_a_body(app: TestApp) {
    for path in ["/", "/healthz", "/api/v1/sets", "/api/v1/nothing"] {
        let (head, get) = (app.anonymous().request(Method::HEAD, path).answer().await, app.anonymous().get(path).await);
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert!(head.body.is_empty(), "{path}: {}", head.text());
    }
}

async fn every_answer_protects_the_browser(app: TestApp) {
    for path in ["/", "/login", "/assets/quorate.css", "/api/v1/sets", "/api/v1/nothing", "/nothing", "/api/docs/"] {
        let answer = app.anonymous().get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("http:") && !policy.contains("unsafe-eval"), "{path}: {policy}");
    }
}

async fn a_request_is_known_by_its_id(app: TestApp) {
    let (one, other) = (app.anonymous().get("/healthz").await, app.anonymous().get("/healthz").await);
    assert!(one.header("x-request-id").starts_with("req_"));
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    // What a caller says is not taken for it.
    let request = app.anonymous().request(Method::GET, "/healthz").header("x-request-id", "req_mine");
    assert_ne!(request.answer().await.header("x-request-id"), "req_mine");
}

/// What the service answers to these very bytes.
async fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.config.listen).await.unwrap();
    // The service may have answered, and closed, before it has read all.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn what_is_no_http_breaks_nothing(app: TestApp) {
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(1 << 20));
    let headers = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(10_000));
    let requests: [&[u8]; 8] = [
        b"",
        b"\0\xff\xfe\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
        long.as_bytes(),
        headers.as_bytes(),
    ];
    for request in requests {
        let answer = raw(&app, request).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
        app.anonymous().get("/healthz").await;
    }
}

async fn it_is_alive_and_ready(app: TestApp) {
    assert_eq!(app.anonymous().get("/healthz").await.text(), "alive\n");
    assert_eq!(app.anonymous().get("/readyz").await.ok(200)["ready"], json!(true));
}

async fn assets_are_asked_for_once(app: TestApp) {
    let first = app.anonymous().get("/assets/quorate.css").await;
    assert_eq!((first.status, first.header("content-type")), (200, "text/css; charset=utf-8"));
    let request = app.anonymous().request(Method::GET, "/assets/quorate.css");
    let again = request.header("if-none-match", first.header("etag")).answer().await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

async fn the_name_of_the_scheme_has_no_case(app: TestApp) {
    let ada = app.person("Ada").await;
    let shown = async |value: String| {
        app.anonymous().request(Method::GET, "/api/v1/me").header("authorization", value).answer().await
    };
    for scheme in ["Bearer ", "bearer ", "BEARER  "] {
        shown(format!("{scheme}{}", ada.access_token)).await.ok(200);
    }
    for wrong in ["Basic ", "Bearer", ""] {
        shown(format!("{wrong}{}", ada.access_token)).await.refused(401, "unauthenticated");
    }
}

async fn another_site_uses_no_session(app: TestApp) {
    let ada = app.signed_in("Ada").await;
    let navigate = async |site: &str| {
        let request = ada.request(Method::GET, "/api/v1/me/export").header("sec-fetch-site", site);
        request.header("accept", "text/html").answer().await
    };
    for site in ["cross-site", "same-site"] {
        navigate(site).await.refused(403, "csrf");
    }
    for site in ["none", "same-origin"] {
        assert_eq!(navigate(site).await.status, 200, "{site}");
    }
}

async fn a_door_is_open_in_two_tabs(app: TestApp) {
    let browser = app.signed_in("Ada").await;
    browser.submit("/logout", &[]).await.redirected();
    // Two tabs show the form to sign in, and neither page has a token.
    browser.open("/login").await;
    let form = [("email", "ada@example.org"), ("password", PASSWORD), ("next", "/record")];
    assert_eq!(browser.submit("/login", &form).await.redirected(), "/record");
    assert_eq!(browser.submit("/login", &form).await.redirected(), "/record");
    // Somebody who is signed in has nothing to do there.
    for path in ["/login?next=%2Frecord", "/register?next=%2Frecord"] {
        let page = browser.request(Method::GET, path).header("accept", "text/html").answer().await;
        assert_eq!(page.redirected(), "/record");
    }
    // A page that was open before the last sign-in signs out as well.
    assert_eq!(browser.submit("/logout", &[]).await.redirected(), "/");
    browser.get("/api/v1/me").await.refused(401, "unauthenticated");
    // A browser that does not say where a form comes from has to show the token.
    let ada = app.signed_in("Bob").await;
    let request = app.anonymous().request(Method::POST, "/logout").header("cookie", ada.cookie());
    request.form(&[("_csrf", "x")]).answer().await.refused(403, "csrf");
    let elsewhere = app.anonymous().request(Method::POST, "/logout").header("cookie", ada.cookie());
    let elsewhere = elsewhere.header("sec-fetch-site", "cross-site").form(&[("_csrf", ada.csrf())]);
    elsewhere.answer().await.refused(403, "csrf");
    ada.get("/api/v1/me").await.ok(200);
}

async fn a_program_gets_a_problem_whatever_it_accepts(app: TestApp) {
    for path in ["/.well-known/jwks.json", "/api/v1/sets"] {
        let request = app.anonymous().request(Method::DELETE, path).header("accept", "text/html");
        request.answer().await.refused(405, "method_not_allowed");
    }
}
