//! Handing in, and what can be seen of it, by REST, with a grader that works by script.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl as _;
use flate2::{Compression, write::GzEncoder};
use quorate::accounts::Viewer;
use quorate::db::schema::submission_files;
use reqwest::Method;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::support::script::worker;
use crate::support::{
    Answer, Ask, Backend, Client, Database, Fixture, PageSession, Person, TestApp, for_each_database,
};

for_each_database![
    what_is_handed_in_is_graded,
    what_happens_is_told_from_where_one_stopped,
    nobody_sees_what_others_hand_in,
    files_that_are_lost_are_a_failure_of_ours,
    archives_are_taken_too,
    what_breaks_a_rule_is_refused_and_named,
    the_same_key_hands_in_once,
    a_failure_of_ours_is_tried_again_and_costs_nothing,
    the_best_counts_and_public_runs_do_not,
    submissions_are_listed_by_page_exercise_and_verdict,
    a_submission_counts_in_its_attempt,
    what_a_set_keeps_back_is_told_nowhere,
    a_one_way_set_closes_exercises_too,
    a_form_sent_twice_is_one_submission,
    a_submission_waits_for_its_exercise,
    what_can_not_be_graded_is_not_taken,
    exercises_are_told_with_all_that_is_needed,
];

/// The service with the small packages.
struct WithPackages(TestApp);

impl Fixture for WithPackages {
    async fn on(backend: Backend) -> Self {
        let packages = "tests/fixtures/packages".into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.graders = Some(vec![packages])))
    }
}

const ADDER: &str = "/api/v1/exercises/adder/submissions";

fn lib(line: &str) -> Value {
    json!({"files": {"src/lib.rs": format!("// {line}\n")}})
}

fn path(submission: &Value) -> String {
    format!("/api/v1/submissions/{}", submission["id"].as_str().unwrap())
}

/// Hands in and waits for the verdict.
async fn graded(person: &Person, address: &str, line: &str) -> Value {
    let submission = person.post(address, lib(line)).await.ok(202);
    let graded = person.get(&format!("{}?wait=30", path(&submission))).await.ok(200);
    assert_eq!(graded["state"], "finished", "{graded}");
    graded
}

async fn send(person: &Person, content_type: &str, body: Vec<u8>) -> Answer {
    person.request(Method::POST, ADDER).header("content-type", content_type).body(body).answer().await
}

async fn what_is_handed_in_is_graded(WithPackages(app): WithPackages) {
    let ada = app.person("Ada").await;
    let answer = ada.post(ADDER, lib("hold")).await;
    let submission = answer.ok(202);
    assert_eq!(answer.header("location"), path(&submission));
    assert_eq!((&submission["state"], &submission["queue_position"]), (&json!("queued"), &json!(1)));
    assert_eq!((&submission["verdict"], &submission["tests"]), (&Value::Null, &json!([])));

    let (script, worker) = worker(&app);
    let mut follow = app
        .submissions
        .follow(Viewer::Person(ada.id.parse().unwrap()), submission["id"].as_str().unwrap().parse().unwrap(), 1)
        .await
        .unwrap();
    follow.next().await.unwrap().unwrap();
    let running = ada.get(&path(&submission)).await.ok(200);
    assert_eq!((&running["state"], &running["queue_position"]), (&json!("running"), &Value::Null));

    script.let_go();
    let graded = ada.get(&format!("{}?wait=30", path(&submission))).await.ok(200);
    assert_eq!((&graded["state"], &graded["verdict"]), (&json!("finished"), &json!("accepted")));
    assert_eq!((&graded["score"], &graded["max_score"]), (&json!(3), &json!(3)));
    assert!(graded["finished_at"].is_string(), "{graded}");
    worker.stop().await;
}

/// The numbers and kinds of the events in a stream.
fn events(stream: &Answer) -> Vec<(u32, String)> {
    let text = stream.text();
    let frames = text.split("\n\n").filter(|frame| frame.starts_with("id: "));
    let event = |frame: &str| {
        let mut lines = frame.lines();
        let id = lines.next().unwrap().trim_start_matches("id: ").parse().unwrap();
        (id, lines.next().unwrap().trim_start_matches("event: ").to_owned())
    };
    frames.map(event).collect()
}

async fn what_happens_is_told_from_where_one_stopped(WithPackages(app): WithPackages) {
    let (_, worker) = worker(&app);
    let ada = app.person("Ada").await;
    let submission = ada.post(ADDER, lib("accept")).await.ok(202);
    let address = format!("{}/events", path(&submission));
    // The stream ends by itself.
    let stream = ada.get(&address).await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let all = events(&stream);
    let kinds: Vec<&str> = all.iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(kinds, ["queued", "stage", "test", "finished"]);
    assert_eq!(all.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(stream.text().ends_with("data: {\"max_score\":3,\"score\":3,\"verdict\":\"accepted\"}\n\n"));

    let after = async |id: &str| ada.request(Method::GET, &address).header("last-event-id", id).answer().await;
    assert_eq!(events(&after("2").await), all[2..]);
    assert_eq!(after("4").await.status, 204);
    assert_eq!(after("99").await.status, 204);
    after("four").await.refused(400, "malformed");
    worker.stop().await;
}

async fn nobody_sees_what_others_hand_in(WithPackages(app): WithPackages) {
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let submission = ada.post(ADDER, lib("accept")).await.ok(202);
    for part in ["", "/files", "/events"] {
        bob.get(&format!("{}{part}", path(&submission))).await.refused(404, "not_found");
        app.anonymous().get(&format!("{}{part}", path(&submission))).await.refused(401, "unauthenticated");
    }
    assert_eq!(bob.get("/api/v1/submissions").await.ok(200)["items"], json!([]));
    app.anonymous().post(ADDER, lib("accept")).await.refused(401, "unauthenticated");
    ada.get("/api/v1/submissions/att_00").await.refused(404, "not_found");
}

async fn files_that_are_lost_are_a_failure_of_ours(WithPackages(app): WithPackages) {
    let ada = app.person("Ada").await;
    let submission = ada.post(ADDER, lib("accept")).await.ok(202);
    let lose = diesel::delete(submission_files::table);
    app.db.read(move |c| Ok::<_, quorate::db::Error>(lose.execute(c)?)).await.unwrap();
    let lost = ada.request(Method::GET, &format!("{}/files", path(&submission))).send().await.unwrap();
    assert_eq!(lost.status(), 500);
    ada.get(&path(&submission)).await.ok(200);
}

fn tar_gz(path: &str, text: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(text.len()).unwrap());
    archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    archive.into_inner().unwrap().finish().unwrap()
}

fn zip(path: &str, text: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(path, SimpleFileOptions::default()).unwrap();
    archive.write_all(text.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

async fn archives_are_taken_too(WithPackages(app): WithPackages) {
    let ada = app.person("Ada").await;
    let text = "// accept\n";
    let forms = [
        ("application/gzip", tar_gz("src/lib.rs", text)),
        ("application/zip", zip("src/lib.rs", text)),
        ("application/json", lib("accept").to_string().into_bytes()),
    ];
    for (content_type, body) in forms {
        let submission = send(&ada, content_type, body).await.ok(202);
        let files = ada.get(&format!("{}/files", path(&submission))).await.ok(200);
        assert_eq!(files, json!({"files": {"src/lib.rs": text}}), "{content_type}");
    }
}

async fn what_breaks_a_rule_is_refused_and_named(WithPackages(app): WithPackages) {
    let ada = app.person("Ada").await;
    let with = |path: &str| json!({"files": {"src/lib.rs": "", path: ""}});
    for (file, pointer) in [
        ("build.rs", "/files/build.rs"),
        ("../lib.rs", "/files/..~1lib.rs"),
        (".cargo/config.toml", "/files/.cargo~1config.toml"),
        ("SRC/lib.rs", "/files/SRC~1lib.rs"),
    ] {
        assert_eq!(ada.post(ADDER, with(file)).await.invalid(), [pointer]);
    }
    assert_eq!(ada.post(ADDER, json!({"files": {}})).await.invalid(), ["/files/src~1lib.rs"]);
    assert_eq!(ada.post(ADDER, json!({"files": {"src/lib.rs": 1}})).await.invalid(), ["/files/src~1lib.rs"]);
    assert_eq!(ada.post(ADDER, json!({"files": {}, "more": 1})).await.invalid(), ["/more"]);
    let twice = br#"{"files": {"src/lib.rs": "1", "src/lib.rs": "2"}}"#.to_vec();
    assert_eq!(send(&ada, "application/json", twice).await.invalid(), ["/files/src~1lib.rs"]);
    assert_eq!(send(&ada, "application/gzip", tar_gz("build.rs", "")).await.invalid(), ["/files/build.rs"]);
    assert_eq!(send(&ada, "application/zip", zip("a/lib.rs", "")).await.invalid(), ["/files/a~1lib.rs"]);
    assert_eq!(send(&ada, "application/zip", b"PK no more".to_vec()).await.invalid(), [""]);
    send(&ada, "application/json", b"{".to_vec()).await.refused(400, "malformed");
    send(&ada, "text/plain", b"fn main() {}".to_vec()).await.refused(415, "unsupported_media_type");
    send(&ada, "application/gzip", vec![0; 5 << 20]).await.refused(413, "too_large");
    for name in ["exercise", "attempt", "verdict", "cursor"] {
        let listed = ada.get(&format!("/api/v1/submissions?{name}=%00")).await;
        assert_eq!(listed.invalid(), [format!("?{name}")]);
    }
    assert_eq!(ada.post(&format!("{ADDER}?mode=secret"), lib("accept")).await.invalid(), ["?mode"]);
    assert_eq!(ada.post(&format!("{ADDER}?position=1"), lib("accept")).await.invalid(), ["?attempt"]);
    assert_eq!(ada.get("/api/v1/submissions").await.ok(200)["items"], json!([]));
    let submission = ada.post(ADDER, lib("accept")).await.ok(202);
    assert_eq!(ada.get(&format!("{}?wait=31", path(&submission))).await.invalid(), ["?wait"]);
}

async fn the_same_key_hands_in_once(WithPackages(app): WithPackages) {
    let ada = app.person("Ada").await;
    let hand_in = async |line: &str| {
        ada.request(Method::POST, ADDER).header("idempotency-key", "k1").json(&lib(line)).answer().await
    };
    let first = hand_in("accept").await;
    let again = hand_in("accept").await;
    assert_eq!((again.status, &again.body, again.header("location")), (202, &first.body, first.header("location")));
    hand_in("reject").await.refused(422, "idempotency_key_reused");
    assert_eq!(ada.get("/api/v1/submissions").await.ok(200)["items"].as_array().unwrap().len(), 1);
}

async fn a_failure_of_ours_is_tried_again_and_costs_nothing(WithPackages(app): WithPackages) {
    let (_, worker) = worker(&app);
    let ada = app.person("Ada").await;
    for line in ["fail", "panic"] {
        let submission = graded(&ada, ADDER, line).await;
        assert_eq!((&submission["verdict"], &submission["score"]), (&json!("internal_error"), &json!(0)));
        let stream = ada.get(&format!("{}/events", path(&submission))).await;
        let begun = events(&stream).iter().filter(|(_, kind)| kind == "stage").count();
        assert_eq!(begun, 8, "{}", stream.text());
        assert!(!ada.get(&path(&submission)).await.text().contains("fire"));
    }
    assert_eq!(ada.get("/api/v1/me/scores").await.ok(200)["exercises"], json!([]));
    worker.stop().await;
}

async fn the_best_counts_and_public_runs_do_not(WithPackages(app): WithPackages) {
    let (_, worker) = worker(&app);
    let ada = app.person("Ada").await;
    graded(&ada, &format!("{ADDER}?mode=public"), "accept").await;
    assert_eq!(ada.get("/api/v1/me/scores").await.ok(200)["exercises"], json!([]));
    graded(&ada, ADDER, "reject").await;
    let best = graded(&ada, ADDER, "accept").await;
    graded(&ada, ADDER, "accept").await;
    graded(&ada, ADDER, "reject").await;
    let expected = json!([{
        "exercise": "adder", "submission": best["id"], "verdict": "accepted", "score": 3, "max_score": 3,
        "submissions": 4, "finished_at": best["finished_at"],
    }]);
    assert_eq!(ada.get("/api/v1/me/scores").await.ok(200)["exercises"], expected);
    worker.stop().await;
}

async fn submissions_are_listed_by_page_exercise_and_verdict(WithPackages(app): WithPackages) {
    let (_, worker) = worker(&app);
    let ada = app.person("Ada").await;
    let other = "/api/v1/exercises/unsafe-allowed/submissions";
    let mut ids = Vec::new();
    for (address, line) in [(ADDER, "accept"), (other, "reject"), (ADDER, "reject")] {
        ids.push(graded(&ada, address, line).await["id"].clone());
    }
    let list = async |query: &str| ada.get(&format!("/api/v1/submissions?{query}")).await;
    let shown = |list: &Answer| {
        let items = list.ok(200)["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    let first = list("limit=2").await;
    assert_eq!(shown(&first), [ids[2].clone(), ids[1].clone()]);
    let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
    let last = ada.get(&next).await;
    assert_eq!((shown(&last), last.header("link")), (vec![ids[0].clone()], ""));
    assert_eq!(shown(&list("exercise=adder").await), [ids[2].clone(), ids[0].clone()]);
    assert_eq!(shown(&list("verdict=wrong_answer&exercise=unsafe-allowed").await), [ids[1].clone()]);
    assert_eq!(list("verdict=splendid").await.invalid(), ["?verdict"]);
    assert_eq!(list("limit=0").await.invalid(), ["?limit"]);
    worker.stop().await;
}

/// The service with the small bank, one of whose sets asks for a vector clock.
struct WithSets(TestApp);

impl Fixture for WithSets {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::with(Database::migrated(backend), |settings| {
            settings.questions = Some(vec!["tests/fixtures/bank".into()]);
            settings.graders = Some(vec!["graders".into()]);
        }))
    }
}

async fn a_submission_counts_in_its_attempt(WithSets(app): WithSets) {
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let attempt = ada.post("/api/v1/sets/drawn/attempts", json!({})).await.ok(201);
    let id = attempt["id"].as_str().unwrap();
    let position = |kind: &str| {
        let items = attempt["items"].as_array().unwrap();
        items.iter().find(|item| item["kind"] == kind).unwrap()["position"].as_i64().unwrap()
    };
    let address =
        |slug: &str, position: i64| format!("/api/v1/exercises/{slug}/submissions?attempt={id}&position={position}");
    let mine = address("vector-clock", position("exercise"));
    bob.post(&mine, lib("accept")).await.refused(404, "not_found");
    assert_eq!(ada.post(&address("vector-clock", position("prompt")), lib("accept")).await.invalid(), ["?position"]);
    assert_eq!(ada.post(&address("traceparent", position("exercise")), lib("accept")).await.invalid(), ["?position"]);

    let grading = async || {
        let items = ada.get(&format!("/api/v1/attempts/{id}")).await.ok(200)["items"].as_array().unwrap().clone();
        items.iter().find(|item| item["kind"] == "exercise").unwrap()["exercise"]["grading"].clone()
    };
    let submission = ada.post(&mine, lib("accept")).await.ok(202);
    assert_eq!((&submission["attempt"], grading().await), (&json!(id), json!(1)));
    let (_, worker) = worker(&app);
    ada.get(&format!("{}?wait=30", path(&submission))).await.ok(200);
    assert_eq!(grading().await, json!(0));
    ada.post(&format!("/api/v1/attempts/{id}/submit"), json!({})).await.ok(200);
    let result = ada.get(&format!("/api/v1/attempts/{id}/result")).await.ok(200);
    let item =
        result["items"].as_array().unwrap().iter().find(|item| item["position"] == position("exercise")).unwrap();
    assert_eq!((&item["score"], &item["max_score"]), (&json!(10), &json!(10)));
    ada.post(&mine, lib("accept")).await.refused(409, "attempt_over");
    worker.stop().await;
}

/// Everything that tells of a submission, while and after it is graded for a set that does not tell.
async fn what_a_set_keeps_back_is_told_nowhere(WithSets(app): WithSets) {
    let (_, worker) = worker(&app);
    let ada = app.signed_in("Ada").await;
    let practice = hand_in(&ada, "/api/v1/exercises/vector-clock/submissions", "reject").await;
    for set in ["work-score-only", "work-never"] {
        let attempt = ada.post(&format!("/api/v1/sets/{set}/attempts"), json!({})).await.ok(201);
        let id = attempt["id"].as_str().unwrap();
        let address = format!("/api/v1/exercises/vector-clock/submissions?attempt={id}&position=1");
        for line in ["reject", "accept"] {
            let submission = hand_in(&ada, &address, line).await;
            let told = ada.get(&path(&submission)).await.ok(200);
            assert_eq!(
                (&told["verdict"], &told["score"], &told["max_score"]),
                (&Value::Null, &Value::Null, &Value::Null)
            );
            assert_eq!((&told["withheld"], &told["tests"], &told["reason"]), (&json!(true), &json!([]), &Value::Null));
            let stream = ada.get(&format!("{}/events", path(&submission))).await.text();
            assert!(stream.contains("event: finished\ndata: {\"withheld\":true}"), "{stream}");
            assert!(!stream.contains("event: test"), "{stream}");
            let page = ada.open(&path(&submission).replace("/api/v1", "")).await;
            assert!(
                page.contains("Graded")
                    && page.contains("This set doesn&#x27;t show how single submissions were graded."),
                "{page}"
            );
            for word in ["Accepted", "Wrong answer", "Adds", "SECRET", "0 of 3", "3 of 3"] {
                assert!(!page.contains(word), "{word}: {page}");
            }
        }
        let public = hand_in(&ada, &format!("{address}&mode=public"), "accept").await;
        assert_eq!(ada.get(&path(&public)).await.ok(200)["verdict"], "accepted", "public tests are told");
        ada.post(&format!("/api/v1/attempts/{id}/submit"), json!({})).await.ok(200);
        let result = ada.get(&format!("/api/v1/attempts/{id}/result")).await.ok(200);
        let told = if set == "work-never" { (Value::Null, json!([])) } else { (json!(10), result["items"].clone()) };
        assert_eq!((&result["score"], &result["items"]), (&told.0, &told.1));
    }
    // What was handed in for practice is found behind all that must not be told.
    for (verdict, found) in [("wrong_answer", vec![practice["id"].clone()]), ("accepted", Vec::new())] {
        let list = ada.get(&format!("/api/v1/submissions?verdict={verdict}&limit=1")).await.ok(200);
        let graded: Vec<_> = list["items"].as_array().unwrap().iter().filter(|one| one["mode"] == "graded").collect();
        assert_eq!(graded.iter().map(|one| one["id"].clone()).collect::<Vec<_>>(), found, "{list}");
    }
    let best = ada.get("/api/v1/me/scores").await.ok(200)["exercises"].clone();
    assert_eq!((&best[0]["submission"], &best[1]), (&practice["id"], &Value::Null));
    assert!(ada.open("/exercises").await.contains("best: 0 of 3 points"));
    for page in ["/record", "/", "/exercises/vector-clock/submissions"] {
        let page = ada.open(page).await;
        assert!(page.contains("Graded"), "{page}");
        assert_eq!(page.matches("verdict right").count(), page.matches("public tests").count(), "{page}");
    }
    worker.stop().await;
}

/// Hands in as a page's script does, and waits until it is graded.
async fn hand_in(browser: &PageSession, address: &str, line: &str) -> Value {
    let submission = browser.post(address, lib(line)).await.ok(202);
    assert_eq!(browser.get(&format!("{}?wait=30", path(&submission))).await.ok(200)["state"], "finished");
    submission
}

async fn a_one_way_set_closes_exercises_too(WithSets(app): WithSets) {
    let ada = app.person("Ada").await;
    let attempt = ada.post("/api/v1/sets/work-never/attempts", json!({})).await.ok(201);
    let id = attempt["id"].as_str().unwrap();
    let address = format!("/api/v1/exercises/vector-clock/submissions?attempt={id}&position=1");
    ada.post(&address, lib("accept")).await.ok(202);
    let answer = json!({"answer": {"value": true}, "revision": 1});
    ada.put(&format!("/api/v1/attempts/{id}/responses/2"), answer).await.ok(200);
    ada.post(&address, lib("accept")).await.refused(409, "item_closed");
}

async fn a_form_sent_twice_is_one_submission(WithPackages(app): WithPackages) {
    let ada = app.signed_in("Ada").await;
    let click = async |text: &str| {
        let fields = [("path", "src/lib.rs"), ("text", text), ("mode", "graded")];
        ada.submit("/exercises/adder/submissions", &fields).await.redirected().to_owned()
    };
    let first = click("// one").await;
    assert_eq!(click("// one").await, first);
    assert_ne!(click("// two").await, first);
    app.pass(Duration::from_secs(11));
    assert_ne!(click("// one").await, first, "later it is meant");
    assert_eq!(ada.get("/api/v1/submissions").await.ok(200)["items"].as_array().unwrap().len(), 3);
}

async fn a_submission_waits_for_its_exercise(database: Database) {
    let app = TestApp::with(database, |settings| {
        settings.graders = Some(vec!["tests/fixtures/packages".into()]);
        settings.workers = Some(1);
    });
    let ada = app.signed_in("Ada").await;
    assert!(ada.open("/exercises/adder").await.contains("This exercise is being prepared."));
    let submission = ada.post(ADDER, lib("accept")).await.ok(202);
    assert_eq!(submission["state"], "queued");
    let page = path(&submission).replace("/api/v1", "");
    assert!(ada.open(&page).await.contains("Waiting for the exercise to be prepared"));

    let (_, worker) = worker(&app);
    let graded = ada.get(&format!("{}?wait=30", path(&submission))).await.ok(200);
    assert_eq!(graded["verdict"], "accepted");
    let page = ada.open(&page).await;
    assert!(page.contains("Accepted") && !page.contains("to be prepared"), "{page}");
    worker.stop().await;
}

async fn what_can_not_be_graded_is_not_taken(database: Database) {
    let broken = tempfile::tempdir().unwrap();
    fs::create_dir(broken.path().join("half")).unwrap();
    fs::write(broken.path().join("half/grader.toml"), "titel = \"SECRET\"\n").unwrap();
    let folders = vec!["tests/fixtures/packages".into(), broken.path().to_owned()];
    let app = TestApp::with(database, |settings| {
        settings.graders = Some(folders);
        settings.workers = Some(1);
    });
    let ada = app.person("Ada").await;
    ada.post("/api/v1/exercises/none/submissions", lib("accept")).await.refused(404, "not_found");
    ada.post("/api/v1/exercises/half/submissions", lib("accept")).await.refused(409, "exercise_unavailable");
    // One that is being prepared is taken, and waits.
    let early = ada.post(ADDER, lib("accept")).await.ok(202);
    assert_eq!(early["state"], "queued");

    // The script can't prepare the zoo.
    let (_, worker) = worker(&app);
    let deadline = Instant::now() + Duration::from_secs(30);
    let list = loop {
        let list = ada.get("/api/v1/exercises").await;
        if !list.text().contains("preparing") {
            break list;
        }
        assert!(Instant::now() < deadline, "{}", list.text());
    };
    let availability = |slug: &str| {
        let items = list.ok(200)["items"].as_array().unwrap().clone();
        items.iter().find(|item| item["slug"] == slug).unwrap()["availability"]["state"].clone()
    };
    let states = ["adder", "half", "runner-zoo"].map(availability);
    assert_eq!(states, [json!("ready"), json!("unavailable"), json!("unavailable")]);
    assert!(!list.text().contains("SECRET"), "{}", list.text());
    ada.post("/api/v1/exercises/runner-zoo/submissions", lib("accept")).await.refused(409, "exercise_unavailable");
    let early = ada.get(&format!("/api/v1/submissions/{}?wait=30", early["id"].as_str().unwrap())).await.ok(200);
    assert_eq!(early["verdict"], "accepted");
    worker.stop().await;
}

async fn exercises_are_told_with_all_that_is_needed(WithPackages(app): WithPackages) {
    let anyone = app.anonymous();
    let adder = anyone.get("/api/v1/exercises/adder").await.ok(200);
    assert_eq!((&adder["slug"], &adder["kind"]), (&json!("adder"), &json!("implement")));
    assert!(adder["statement_html"].as_str().unwrap().starts_with('<'), "{adder}");
    assert!(adder["public_tests"]["tests/public.rs"].as_str().unwrap().contains("#[test]"), "{adder}");
    assert!(adder["limits"]["test_wall_ms"].is_u64(), "{adder}");
    assert!(!adder.to_string().contains("CANARY"), "a hidden test is told");

    let starter = anyone.get("/api/v1/exercises/adder/starter").await;
    assert_eq!(starter.header("content-type"), "application/gzip");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(starter.body.as_slice()));
    let mut unpacked = serde_json::Map::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        unpacked.insert(path, json!(std::io::read_to_string(entry).unwrap()));
    }
    assert_eq!(unpacked["src/lib.rs"], fs::read_to_string("tests/fixtures/packages/adder/starter/src/lib.rs").unwrap());
    let as_json = anyone.request(Method::GET, "/api/v1/exercises/adder/starter").header("accept", "application/json");
    assert_eq!(as_json.answer().await.ok(200)["files"], Value::Object(unpacked));
    anyone.get("/api/v1/exercises/none").await.refused(404, "not_found");
    anyone.get("/api/v1/exercises/none/starter").await.refused(404, "not_found");
}
