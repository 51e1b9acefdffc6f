//! What one caller can take from all others: connections, threads, the writer's place, memory, storage.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use quorate::config::RateLimiting;
use quorate::db::schema::attempts;
use quorate::id::UserId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::script::{policy, result};
use crate::support::served::url_of;
use crate::support::{
    Anonymous, Answer, Ask as _, Backend, Client, Database, Network, PageSession, Person, TestApp, for_each_database,
};

for_each_database![
    a_class_behind_one_address_works_without_a_refusal,
    a_flood_behind_the_proxy_stops_itself_alone,
    nobody_chooses_the_address_that_is_counted,
    addresses_that_are_gone_are_forgotten,
    a_form_of_many_fields_is_refused_at_once,
    a_small_form_is_small,
    nothing_is_shown_again_to_a_stranger,
    what_is_shown_again_is_written_once,
    what_is_too_much_to_be_shown_again_is_said_to_be,
    who_has_no_end_of_text_to_keep_has_to_wait,
    what_was_typed_is_shown_again_by_a_refusal_for_a_limit,
    event_streams_of_one_person_are_counted,
    those_who_wait_for_a_result_are_counted_with_event_streams,
    the_head_of_a_stream_is_answered_at_once,
    what_is_read_waits_for_no_writer,
    attempts_of_one_person_are_counted,
    a_revision_has_a_next_one,
];

fn limited(database: Database) -> TestApp {
    TestApp::with(database, |settings| {
        settings.rate_limits = Some(RateLimiting::On);
        settings.questions = Some(vec!["tests/fixtures/bank".into()]);
        settings.graders = Some(vec!["tests/fixtures/packages".into()]);
        settings.trusted_proxies = Some(vec!["127.0.0.0/8".parse().unwrap()]);
    })
}

/// A request that comes through the proxy from an address.
async fn from(app: &TestApp, address: &str, path: &str) -> Answer {
    app.anonymous().request(Method::GET, path).header("x-forwarded-for", address).answer().await
}

async fn a_class_behind_one_address_works_without_a_refusal(database: Database) {
    let app = limited(database);
    let names: Vec<_> = (0..100).map(|number| format!("pupil{number}")).collect();
    // Eight at a time, as their passwords are hashed two at a time anyway.
    for group in names.chunks(8) {
        let people = join_all(group.iter().map(|name| app.person(name))).await;
        let begin = async |person: &Person| {
            let attempt = person.post("/api/v1/sets/timed/attempts", json!({})).await.ok(201);
            let path = format!("/api/v1/attempts/{}/responses/1", attempt["id"].as_str().unwrap());
            // One minute of typing, saved every 1.5 s, without the pauses.
            for revision in 1..=40 {
                let save = json!({"answer": null, "revision": revision});
                assert_eq!(person.put(&path, save).await.status, 200);
            }
        };
        join_all(people.iter().map(begin)).await;
    }
}

async fn a_flood_behind_the_proxy_stops_itself_alone(database: Database) {
    let app = limited(database);
    let guess = async |address: &str, email: &str| {
        let form = json!({"email": email, "password": "a guess"});
        let request = app.anonymous().request(Method::POST, "/api/v1/auth/login").json(&form);
        request.header("x-forwarded-for", address).answer().await.status
    };
    while guess("203.0.113.6", "victim@example.org").await != 429 {}
    assert_eq!(guess("192.0.2.1", "victim@example.org").await, 401);
    assert_eq!(guess("203.0.113.6", "ada@example.org").await, 401);
    // The whole of an IPv6 customer's network is one client.
    let hosts = (1..).map(|host| format!("2001:db8::{host:x}"));
    for host in hosts.take(11) {
        guess(&host, "other@example.org").await;
    }
    assert_eq!(guess("2001:db8::ffff", "other@example.org").await, 429);
    assert_eq!(guess("2001:db8:0:1::1", "other@example.org").await, 401);
}

async fn nobody_chooses_the_address_that_is_counted(database: Database) {
    // No proxy is trusted here.
    let app = TestApp::with(database, |settings| settings.rate_limits = Some(RateLimiting::On));
    let mut number = 0;
    loop {
        number += 1;
        let form = json!({"email": "victim@example.org", "password": "a guess"});
        let request = app.anonymous().request(Method::POST, "/api/v1/auth/login").json(&form);
        let answer = request.header("x-forwarded-for", format!("203.0.113.{number}")).answer().await;
        if answer.status == 429 {
            break;
        }
    }
    assert!(number <= 15, "{number} guesses, each from an address of its own making");
}

async fn addresses_that_are_gone_are_forgotten(database: Database) {
    let app = limited(database);
    for number in 1..=100 {
        from(&app, &format!("203.0.113.{number}"), "/login").await;
    }
    let limits = &app.maintenance.limits;
    assert!(limits.remembered_addresses() > 0);
    // An address has everything again after some milliseconds.
    while limits.remembered_addresses() > 0 {
        app.maintenance.tidy().await;
    }
    // What an operator's machines ask for is not counted at all.
    for path in ["/healthz", "/readyz"] {
        assert_eq!(from(&app, "203.0.113.1", path).await.header("ratelimit"), "");
    }
    assert_eq!(limits.remembered_addresses(), 0);
}

async fn post_form(app: &TestApp, path: &str, body: String) -> Answer {
    let request = app.anonymous().request(Method::POST, path).body(body);
    request.header("content-type", "application/x-www-form-urlencoded").answer().await
}

async fn a_form_of_many_fields_is_refused_at_once(app: TestApp) {
    for path in ["/practice/demo/choice", "/prompts/demo/design", "/sets/timed/attempts"] {
        post_form(&app, path, "a&".repeat(100_000)).await.refused(413, "too_large");
    }
    post_form(&app, "/exercises/adder/submissions", "a&".repeat(500_000)).await.refused(413, "too_large");
}

async fn a_small_form_is_small(app: TestApp) {
    for path in ["/login", "/register", "/logout", "/account/password", "/account/erase"] {
        post_form(&app, path, format!("a={}", "x".repeat(20_000))).await.refused(413, "too_large");
    }
}

/// A form as somebody's browser sends it who wants a page.
async fn send(who: &impl Client, path: &str, body: &str) -> Answer {
    let request = who.request(Method::POST, path).header("accept", "text/html").body(body.to_owned());
    request.header("content-type", "application/x-www-form-urlencoded").answer().await
}

/// A browser whose session has ended: it still has the cookie of a device that is known.
async fn signed_out(app: &TestApp) -> PageSession {
    let browser = app.signed_in("Ada").await;
    browser.submit("/logout", &[]).await.redirected();
    browser
}

const DESIGN: &str = "/prompts/demo/design";
const SUBMISSION: &str = "/exercises/adder/submissions";
/// Longest page that holds nothing of what was sent.
const BARE_PAGE_MAX_BYTES: usize = 16 * 1024;

/// A text of so many characters, each of which takes six bytes in a page.
fn quotes(count: usize) -> String {
    format!("text={}", "\"".repeat(count))
}

async fn nothing_is_shown_again_to_a_stranger(app: TestApp) {
    let stranger = app.anonymous();
    for path in [DESIGN, SUBMISSION] {
        let page = send(&stranger, path, &quotes(250_000)).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(page.body.len() < BARE_PAGE_MAX_BYTES, "{path}: {} bytes", page.body.len());
        assert!(page.text().contains("nothing of what you sent was saved"), "{}", page.text());
    }
    let page = send(&stranger, SUBMISSION, &quotes(2_000_000)).await;
    assert!(page.status == 413 && page.body.len() < BARE_PAGE_MAX_BYTES, "{} {}", page.status, page.body.len());
    // A cookie that nobody gave makes nobody known.
    let request =
        stranger.request(Method::POST, DESIGN).header("cookie", "quorate_device=usr_1.x.y; quorate_session=x");
    let page = request.header("accept", "text/html").form(&[("text", "\"".repeat(80_000))]).answer().await;
    assert!(page.status == 401 && page.body.len() < BARE_PAGE_MAX_BYTES, "{} {}", page.status, page.body.len());
}

async fn what_is_shown_again_is_written_once(app: TestApp) {
    let browser = signed_out(&app).await;
    let page = send(&browser, DESIGN, &quotes(100_000)).await;
    assert_eq!(page.status, 401);
    assert_eq!(page.text().matches("&quot;").count(), 100_000);
    // A script gets a problem, in which nothing is repeated.
    let request = browser.request(Method::POST, DESIGN).form(&[("text", "\"".repeat(80_000))]);
    let problem = request.answer().await;
    problem.refused(401, "unauthenticated");
    assert!(problem.body.len() < 1024, "{} bytes", problem.body.len());
}

async fn what_is_too_much_to_be_shown_again_is_said_to_be(app: TestApp) {
    let browser = signed_out(&app).await;
    let page = send(&browser, SUBMISSION, &quotes(300_000)).await;
    assert!(page.status == 401 && page.body.len() < BARE_PAGE_MAX_BYTES, "{} {}", page.status, page.body.len());
    assert!(page.text().contains("nothing of what you sent was saved"), "{}", page.text());
    let (signed_in, form) = (app.signed_in("Bob").await, quotes(300_000));
    let page = send(&signed_in, DESIGN, &form).await;
    assert!(page.status == 413 && page.text().contains("nothing of what you sent was saved"), "{}", page.text());
}

async fn who_has_no_end_of_text_to_keep_has_to_wait(database: Database) {
    let app = limited(database);
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let text = "щ".repeat(20_000);
    let path = "/api/v1/prompts/demo/design/responses";
    let mut kept = 0;
    let refused = loop {
        let answer = ada.post(path, json!({"text": text})).await;
        if answer.status != 201 {
            break answer;
        }
        kept += 1;
    };
    refused.refused(429, "rate_limited");
    assert!((100..300).contains(&kept), "{kept} responses of 40 kB");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    bob.post(path, json!({"text": text})).await.ok(201);
}

async fn what_was_typed_is_shown_again_by_a_refusal_for_a_limit(database: Database) {
    let app = limited(database);
    let browser = app.signed_in("Ada").await;
    let ada: UserId = browser.get("/session").await.ok(200)["user"].as_str().unwrap().parse().unwrap();
    let limits = &app.maintenance.limits;
    for bytes in [1024 * 1024, 1] {
        while limits.kept(ada, bytes).is_ok() {}
    }
    while limits.submission(ada).is_ok() {}
    let forms = [
        (DESIGN, vec![("text", "What I typed.")], "What I typed.</textarea>", "\"kept\";r=0;"),
        (
            "/practice/demo/pool-one",
            vec![("seed", "0"), ("hints", "0"), ("value", "17")],
            "value=\"17\"",
            "\"kept\";r=0;",
        ),
        (SUBMISSION, vec![("path", "src/lib.rs"), ("text", "fn typed() {}")], "fn typed() {}", "\"submission\";r=0;"),
    ];
    for (path, fields, shown, limit) in forms {
        let answer = browser.submit(path, &fields).await;
        assert_eq!(answer.status, 429, "{path}");
        assert!(answer.text().contains(shown), "{path}: {}", answer.text());
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0, "{path}");
        assert!(answer.header("ratelimit").contains(limit), "{path}: {}", answer.header("ratelimit"));
    }
}

/// A submission that waits, since nothing grades here.
async fn waiting(person: &impl Client) -> String {
    let files = json!({"files": {"src/lib.rs": "// accept\n"}});
    let submission = person.post("/api/v1/exercises/adder/submissions", files).await.ok(202);
    format!("/api/v1/submissions/{}/events", submission["id"].as_str().unwrap())
}

async fn event_streams_of_one_person_are_counted(database: Database) {
    let app = limited(database);
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let (path, of_bob) = (waiting(&ada).await, waiting(&bob).await);
    let mut streams = Vec::new();
    for _ in 0..20 {
        let stream = ada.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    ada.get(&path).await.refused(429, "rate_limited");
    assert_eq!(bob.request(Method::GET, &of_bob).send().await.unwrap().status(), 200);
    // A place is free again when its stream is closed.
    drop(streams);
    while ada.request(Method::GET, &path).send().await.unwrap().status() != 200 {}
}

async fn those_who_wait_for_a_result_are_counted_with_event_streams(database: Database) {
    let app = limited(database);
    let ada = app.person("Ada").await;
    let events = waiting(&ada).await;
    let submission = events.trim_end_matches("/events");
    let wait = format!("{submission}?wait=30");
    let mut answers: FuturesUnordered<_> = (0..21).map(|_| ada.get(&wait)).collect();
    // The others wait for longer than a refusal takes.
    answers.next().await.unwrap().refused(429, "rate_limited");
    ada.get(&events).await.refused(429, "rate_limited");
    for at_once in [submission, &format!("{submission}?wait=0")] {
        assert_eq!(ada.get(at_once).await.ok(200)["state"], "queued");
    }
    let queue = app.submissions.queue(policy());
    let job = queue.claim("test", &["adder".to_owned()]).await.unwrap().unwrap();
    assert!(queue.finish(job.lease, result(true), vec![]).await.unwrap());
    while let Some(answer) = answers.next().await {
        assert_eq!(answer.ok(200)["state"], "finished");
    }
}

async fn the_head_of_a_stream_is_answered_at_once(database: Database) {
    let app = limited(database);
    let ada = app.person("Ada").await;
    let path = waiting(&ada).await;
    let head = tokio::time::timeout(Duration::from_secs(10), ada.request(Method::HEAD, &path).answer()).await;
    let head = head.expect("there is no end of the stream to wait for");
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream"));
    // The connection is good for more.
    assert_eq!(ada.request(Method::HEAD, "/api/v1/me").answer().await.status, 200);
}

async fn what_is_read_waits_for_no_writer(database: Database) {
    let app = limited(database);
    let (ada, browser) = (app.person("Ada").await, app.signed_in("Bob").await);
    let attempt = ada.post("/api/v1/sets/timed/attempts", json!({})).await.ok(201);
    let attempt = attempt["id"].as_str().unwrap().to_owned();
    ada.post(&format!("/api/v1/attempts/{attempt}/submit"), json!({})).await.ok(200);
    browser.submit("/sets/timed/attempts", &[]).await.redirected();
    let (begun, has_begun) = mpsc::channel();
    let (done, is_done) = mpsc::channel::<()>();
    let db = app.db.clone();
    let writer = tokio::spawn(async move {
        db.write(move |_| {
            begun.send(()).unwrap();
            // Until the test has read everything, or has failed.
            is_done.recv().ok();
            Ok::<_, quorate::db::Error>(())
        })
        .await
    });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    let in_time = async |answer: std::pin::Pin<Box<dyn Future<Output = Answer> + '_>>, path: &str| {
        let answer = tokio::time::timeout(Duration::from_secs(10), answer).await;
        assert_eq!(answer.unwrap_or_else(|_| panic!("{path} waits for the writer")).status, 200, "{path}");
    };
    let result = format!("/api/v1/attempts/{attempt}/result");
    for path in
        ["/api/v1/me/scores", "/api/v1/sets", "/api/v1/sets/timed", "/api/v1/submissions", "/api/v1/attempts", &result]
    {
        in_time(Box::pin(ada.get(path)), path).await;
    }
    for path in ["/record", "/sets", "/sets/timed", "/", "/topics", "/exercises", "/account"] {
        in_time(Box::pin(browser.get(path)), path).await;
    }
    drop(done);
    writer.await.unwrap().unwrap();
}

async fn attempts_of_one_person_are_counted(database: Database) {
    let app = limited(database);
    let ada = app.person("Ada").await;
    let first = ada.post("/api/v1/sets/drawn/attempts", json!({})).await.ok(201)["id"].as_str().unwrap().to_owned();
    ada.post(&format!("/api/v1/attempts/{first}/submit"), json!({})).await.ok(200);
    let user = ada.id.clone();
    let rows = (0..499).map(|number| {
        (
            attempts::id.eq(format!("att_{number:032x}")),
            attempts::user_id.eq(user.clone()),
            attempts::set_slug.eq("drawn"),
            attempts::set_version.eq("s1_0"),
            attempts::state.eq("submitted"),
            attempts::started_at.eq(0_i64),
        )
    });
    let rows: Vec<_> = rows.collect();
    app.db
        .write(move |c| {
            for row in rows.clone() {
                diesel::insert_into(attempts::table).values(row).execute(c)?;
            }
            Ok::<_, quorate::db::Error>(())
        })
        .await
        .unwrap();
    ada.post("/api/v1/sets/drawn/attempts", json!({})).await.refused(409, "no_attempts_left");
    ada.get(&format!("/api/v1/attempts/{first}")).await.ok(200);
}

async fn a_revision_has_a_next_one(database: Database) {
    let app = limited(database);
    let ada = app.person("Ada").await;
    let attempt = ada.post("/api/v1/sets/timed/attempts", json!({})).await.ok(201);
    let path = format!("/api/v1/attempts/{}/responses/1", attempt["id"].as_str().unwrap());
    let save = async |revision: Value| ada.put(&path, json!({"answer": null, "revision": revision})).await;
    for wrong in [json!(i64::MAX), json!(-1), json!(i64::MIN)] {
        assert_eq!(save(wrong).await.invalid(), ["/revision"]);
    }
    save(json!(u64::MAX)).await.invalid();
    assert_eq!(save(json!(i64::MAX - 1)).await.status, 200);
}

/// The first lines of a request with a body that does not come.
fn slow_post(to: SocketAddr, headers: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(to)?;
    let head = format!(
        "POST /login HTTP/1.1\r\nhost: quorate\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: 1000\r\n{headers}\r\nemail="
    );
    // One that was shown the door may be closed already.
    let _ = stream.write_all(head.as_bytes());
    Ok(stream)
}

#[test]
fn a_body_that_does_not_come_is_given_up() {
    crate::support::run(Backend::Sqlite, async |app: TestApp| {
        let address = app.config.listen;
        let began = Instant::now();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = slow_post(address, "").unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("too_slow"), "{answer}");
        assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    });
}

#[test]
fn slow_posts_from_one_address_keep_nobody_else_out() {
    let data_dir = tempfile::tempdir().unwrap();
    let (mut process, url) = small_server(data_dir.path(), &[]);
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    let flood: Vec<_> = (0..160).map(|_| slow_post(address, "")).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let served = runtime.block_on(async {
        let elsewhere = reqwest::Client::builder().local_address(std::net::IpAddr::from(Ipv4Addr::new(127, 0, 0, 2)));
        let elsewhere = elsewhere.timeout(Duration::from_secs(8)).build().unwrap();
        let get = async |path: &str| elsewhere.get(format!("{url}{path}")).send().await.map(|answer| answer.status());
        (get("/topics").await, get("/readyz").await)
    });
    drop(flood);
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!((served.0.unwrap().as_u16(), served.1.unwrap().as_u16()), (200, 200));
}

/// A server that may open few files, so that a small flood would take all connections, and what its address is.
fn small_server(data_dir: &std::path::Path, arguments: &[&str]) -> (std::process::Child, String) {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -n 100; ulimit -H -n 200; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_quorate")]);
    command.args(["serve", "--listen=127.0.0.1:0", "--workers=0", "--questions=tests/fixtures/bank", "--log=warn"]);
    command.arg("--graders=tests/fixtures/bank").arg(format!("--data-dir={}", data_dir.display())).args(arguments);
    let mut process = command.stderr(Stdio::piped()).process_group(0).spawn().unwrap();
    let url = url_of(&mut process);
    (process, url)
}

#[test]
fn slow_posts_through_the_proxy_keep_nobody_else_out() {
    let data_dir = tempfile::tempdir().unwrap();
    let (mut process, url) = small_server(data_dir.path(), &["--trusted-proxies=127.0.0.1"]);
    let address: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
    let through_proxy = |client: &str| {
        let mut stream = slow_post(address, &format!("x-forwarded-for: {client}\r\n")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let mut answer = [0; 12];
        let answered = stream.read_exact(&mut answer).is_ok();
        (stream, answered.then(|| String::from_utf8_lossy(&answer).into_owned()))
    };
    // A quarter of the open files is for one client, here 50.
    let flood: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..80).map(|_| scope.spawn(|| through_proxy("203.0.113.6"))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let refused = flood.iter().filter(|(_, answer)| answer.as_deref() == Some("HTTP/1.1 429")).count();
    let (_other, answer) = through_proxy("203.0.113.7");
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!((refused, answer), (30, None), "the other client's request waits for its body");
}

#[test]
fn a_stranger_does_not_choose_the_trace() {
    crate::support::run(Backend::Sqlite, async |database: Database| {
        let app = TestApp::with(database, |settings| settings.graders = Some(vec!["tests/fixtures/packages".into()]));
        let ada = app.person("Ada").await;
        let files = json!({"files": {"src/lib.rs": "// accept\n"}});
        let request = ada.request(Method::POST, "/api/v1/exercises/adder/submissions").json(&files);
        let theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let submission = request.header("traceparent", theirs).answer().await.ok(202);
        assert!(!submission.to_string().contains("0af7651916cd43dd8448eb211c80319c"), "{submission}");
        let anyone = Anonymous::new(&Network::new(format!("http://{}", app.config.listen)));
        assert_eq!(anyone.get("/healthz").await.status, 200);
    });
}
