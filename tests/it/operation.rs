//! What an operator sees and does: readiness, metrics, `quorate admin`.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use diesel::prelude::*;
use quorate::config::Config;
use quorate::db::schema::{attempt_items, members};
use quorate::jobs::LeasePolicy;
use quorate::services::Services;
use quorate::web::health::Health;
use quorate::web::server::health_server;
use quorate::worker::{Probed, Sandbox, WorkerBuilder};
use serde_json::json;

use crate::support::script::{result, worker, worker_with};
use crate::support::served::{Served, url_of};
use crate::support::{Anonymous, Backend, Client, Database, Network, Person, TestApp, for_each_database, run};

for_each_database![
    readiness_names_the_control_that_does_not_hold,
    data_is_its_owner_s_alone,
    the_queue_is_measured,
    a_worker_tells_of_its_health_where_it_is_told_to,
    a_server_whose_worker_cannot_start_takes_no_submissions,
    a_worker_whose_machine_fails_pauses_and_says_so,
    an_operator_makes_accounts_and_owners_and_resets_passwords,
    an_operator_has_scored_what_can_be_read_again,
];

#[test]
fn memory_of_a_hashed_password_is_given_back() {
    run(Backend::Sqlite, async |served: Served| {
        let network = Network::new(served.url.clone());
        Person::register(&network, "First").await;
        let before = served.memory();
        for name in ["Ada", "Barbara", "Frances", "Grace", "Jean", "Kathleen", "Lynn", "Radia"] {
            Person::register(&network, name).await;
        }
        let kept = served.memory().saturating_sub(before);
        assert!(kept < HASH_KIB, "{kept} KiB more than before");
    });
}

/// What Argon2 takes while it hashes a password.
const HASH_KIB: u64 = 19 * 1024;

/// Where an operator reads of a service in this process.
fn operation_of(app: &TestApp) -> Network {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (db, submissions) = (app.db.clone(), app.submissions.clone());
    let health = Health::new(db, app.grading.clone(), submissions);
    tokio::spawn(health_server(health, listener).unwrap());
    Network::new(url)
}

async fn readiness_names_the_control_that_does_not_hold(app: TestApp) {
    let (anyone, operator) = (app.anonymous(), Anonymous::new(&operation_of(&app)));
    assert_eq!(operator.get("/readyz").await.ok(200)["sandbox"]["state"], "unused");
    let missing = BTreeMap::from([("network".to_owned(), "it made a socket".to_owned())]);
    app.grading.set(Probed { state: Sandbox::Refused, missing: missing.clone(), ..Probed::default() });
    let refused = operator.get("/readyz").await.ok(503);
    assert_eq!(
        (&refused["ready"], &refused["sandbox"]["missing"]["network"]),
        (&json!(false), &json!("it made a socket"))
    );
    // Which control is missing is nothing that whoever wants to break out needs to be told.
    assert_eq!(anyone.get("/readyz").await.ok(503), json!({"ready": false}));
    assert_eq!(anyone.get("/metrics").await.status, 404);
    assert_eq!(operator.get("/metrics").await.status, 200);
    let accepted = vec!["network".to_owned()];
    app.grading.set(Probed { state: Sandbox::Holds, missing, accepted, reason: None });
    let without = operator.get("/readyz").await.ok(200);
    assert_eq!((&without["ready"], &without["sandbox"]["accepted"]), (&json!(true), &json!(["network"])));
    assert_eq!(anyone.get("/readyz").await.ok(200), json!({"ready": true}));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn data_is_its_owner_s_alone(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("elsewhere.db"));
    let is_sqlite = database.backend() == Backend::Sqlite;
    let app = TestApp::with(database, |settings| {
        settings.data_dir = Some(data.clone());
        if is_sqlite {
            settings.database_url = Some(format!("sqlite:{}", file.display()));
        }
    });
    app.person("Ada").await;
    assert_eq!(mode(&data), 0o700);
    if is_sqlite {
        for name in ["elsewhere.db", "elsewhere.db-wal", "elsewhere.db-shm"] {
            assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
        }
    }
    // A folder of before is closed; one in which other things lie is not ours to close.
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let open = |data_dir: &Path| {
        Services::open(&Config { data_dir: data_dir.to_owned(), ..app.config.clone() }, app.clock.clone())
    };
    assert!(open(&data).is_ok());
    assert_eq!(mode(&data), 0o700);
    let shared = folder.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("somebody's"), "").unwrap();
    fs::set_permissions(&shared, Permissions::from_mode(0o755)).unwrap();
    let refused = open(&shared).err().expect("it is not ours").to_string();
    assert!(refused.contains("chmod 700"), "{refused}");
    assert_eq!(mode(&shared), 0o755);
}

async fn the_queue_is_measured(database: Database) {
    let packages = "tests/fixtures/packages".into();
    let app = TestApp::with(database, |settings| settings.graders = Some(vec![packages]));
    let load = async || app.submissions.depth().await.unwrap();
    let ada = app.person("Ada").await;
    let hand_in = json!({"files": {"src/lib.rs": "// accept\n"}});
    let submission = ada.post("/api/v1/exercises/adder/submissions", hand_in).await.ok(202);
    app.pass(Duration::from_secs(7));
    assert_eq!((load().await.queued, load().await.oldest.as_secs()), (1, 7));
    let (_, worker) = worker(&app);
    ada.get(&format!("/api/v1/submissions/{}?wait=30", submission["id"].as_str().unwrap())).await.ok(200);
    assert_eq!((load().await.queued, load().await.leased, load().await.oldest.as_secs()), (0, 0, 0));
    worker.stop().await;
}

async fn a_worker_tells_of_its_health_where_it_is_told_to(database: Database) {
    let data_dir = tempfile::tempdir().unwrap();
    let mut worker = Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(["worker", "--listen=127.0.0.1:0", "--graders=tests/fixtures/bank"])
        .arg(format!("--data-dir={}", data_dir.path().display()))
        .arg(format!("--database-url={}", database.url))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let url = url_of(&mut worker);
    let get = async |path: &str| reqwest::get(format!("{url}{path}")).await.unwrap();
    assert_eq!(get("/healthz").await.status(), 200);
    // It's ready once it has probed the sandbox.
    let ready = async { while get("/readyz").await.status() != 200 {} };
    tokio::time::timeout(Duration::from_secs(60), ready).await.expect("the worker gets ready");
    assert!(get("/metrics").await.text().await.unwrap().contains("quorate_queue_submissions"));
    assert_eq!(get("/").await.status(), 404);
    worker.kill().unwrap();
    worker.wait().unwrap();
}

async fn a_server_whose_worker_cannot_start_takes_no_submissions(database: Database) {
    let packages = "tests/fixtures/packages".into();
    let app = TestApp::with(database, |settings| settings.graders = Some(vec![packages]));
    // Where the worker's id should be kept, there is something else.
    fs::create_dir(app.config.data_dir.join("worker-id")).unwrap();
    let builder = WorkerBuilder {
        config: app.config.clone(),
        clock: app.clock.clone(),
        queue: app.submissions.queue(LeasePolicy::default()),
        exercises: app.exercises.clone(),
        status: app.grading.clone(),
    };
    assert!(builder.start(1).await.is_err());
    assert_eq!(app.grading.get().state, Sandbox::Refused);
    assert!(app.grading.get().reason.unwrap().contains("the worker's id"));
    let hand_in = json!({"files": {"src/lib.rs": "// accept\n"}});
    let ada = app.person("Ada").await;
    ada.post("/api/v1/exercises/adder/submissions", hand_in).await.refused(409, "exercise_unavailable");
}

async fn a_worker_whose_machine_fails_pauses_and_says_so(database: Database) {
    let packages = "tests/fixtures/packages".into();
    let app = TestApp::with(database, |settings| settings.graders = Some(vec![packages]));
    let operator = Anonymous::new(&operation_of(&app));
    let (ada, bob) = (app.person("Ada").await, app.person("Bob").await);
    let adder = "/api/v1/exercises/adder/submissions";
    for number in 0..3 {
        let source = format!("// fail\n// {number}\n");
        ada.post(adder, json!({"files": {"src/lib.rs": source}})).await.ok(202);
    }
    let (_, worker) = worker_with(&app, LeasePolicy::default());
    let pausing = async {
        // The third failure is written down after the pause has begun.
        while app.grading.get().reason.is_none() || app.submissions.depth().await.unwrap().leased > 0 {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(Duration::from_secs(60), pausing).await.expect("the worker pauses");
    let paused = operator.get("/readyz").await.ok(200);
    assert_eq!(paused["ready"], json!(true), "the pages are served, and it is alive");
    assert!(paused["sandbox"]["reason"].as_str().unwrap().contains("this machine's side"), "{paused}");
    // It's claimed elsewhere if there is somebody, and here once the machine has recovered.
    let fine = bob.post(adder, json!({"files": {"src/lib.rs": "// accept\n"}})).await.ok(202);
    let elsewhere = app.submissions.queue(LeasePolicy::default());
    // Those that failed are due again before the pause is over.
    app.pass(Duration::from_secs(6));
    let mut of_bob = None;
    for _ in 0..4 {
        let claimed = elsewhere.claim("another", &["adder".to_owned()]).await.unwrap();
        let lease = claimed.expect("it is not claimed here").lease;
        if lease.submission.to_string() == fine["id"].as_str().unwrap() {
            of_bob = Some(lease);
        } else {
            assert!(elsewhere.finish(lease, result(true), Vec::new()).await.unwrap());
        }
    }
    assert!(elsewhere.release(of_bob.expect("it waits as well")).await.unwrap());
    let of_bob = format!("/api/v1/submissions/{}?wait=1", fine["id"].as_str().unwrap());
    let graded = async {
        while bob.get(&of_bob).await.ok(200)["state"] != "finished" {
            app.pass(Duration::from_secs(60));
        }
    };
    tokio::time::timeout(Duration::from_secs(60), graded).await.expect("it is tried again after a pause");
    assert_eq!(app.grading.get().reason, None);
    worker.stop().await;
}

fn admin(app: &TestApp, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let place = ["--database-url", &app.config.database_url, "--data-dir", app.config.data_dir.to_str().unwrap()];
    command.arg("admin").args(place).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read may be gone by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

async fn an_operator_makes_accounts_and_owners_and_resets_passwords(app: TestApp) {
    let sign_in = async |password: &str| {
        let form = json!({"email": "ops@example.org", "password": password});
        app.anonymous().post("/api/v1/auth/login", form).await
    };
    let who = ["--email", "ops@example.org"];
    let user = [&["user", "--name", "Ops", "--password-stdin"], &who[..]].concat();
    assert!(admin(&app, &user, "a long enough one\n").status.success());
    sign_in("a long enough one").await.ok(200);
    assert!(!admin(&app, &user, "a long enough one\n").status.success(), "the address is taken");

    let reset = admin(&app, &[&["reset-password"], &who[..]].concat(), "");
    let printed = String::from_utf8(reset.stdout).unwrap();
    sign_in("a long enough one").await.refused(401, "wrong_credentials");
    sign_in(printed.trim().rsplit(' ').next().unwrap()).await.ok(200);

    let owner = admin(&app, &[&["owner", "--team", "blue"], &who[..]].concat(), "");
    assert_eq!(String::from_utf8(owner.stdout).unwrap(), "ops@example.org is an owner of blue\n");
    let all = members::table.select(members::role);
    let roles = app.db.read(move |c| Ok::<_, quorate::db::Error>(all.load::<String>(c)?)).await.unwrap();
    assert_eq!(roles, ["owner"]);
    let unknown = admin(&app, &["owner", "--team", "blue", "--email", "no@example.org"], "");
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("no such account"));
}

async fn an_operator_has_scored_what_can_be_read_again(database: Database) {
    let app = TestApp::with(database, |settings| settings.questions = Some(vec!["tests/fixtures/bank".into()]));
    let ada = app.person("Ada").await;
    let attempt = ada.post("/api/v1/sets/timed/attempts", json!({})).await.ok(201);
    let path = format!("/api/v1/attempts/{}", attempt["id"].as_str().unwrap());
    let answer = json!({"answer": {"value": true}, "revision": 1});
    ada.put(&format!("{path}/responses/2"), answer).await.ok(200);
    let set_seed = async |seed: i64| {
        let seed = diesel::update(attempt_items::table).set(attempt_items::seed.eq(seed));
        app.db.read(move |c| Ok::<_, quorate::db::Error>(seed.execute(c)?)).await.unwrap()
    };
    let rescore = |code: i32| {
        let output = admin(&app, &["--questions=tests/fixtures/bank", "rescore"], "");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        String::from_utf8(if code == 0 { output.stdout } else { output.stderr }).unwrap()
    };
    set_seed(-1).await;
    ada.post(&format!("{path}/submit"), json!({})).await.ok(200);
    let printed = rescore(1);
    assert!(printed.starts_with("0 items have a score now\natt_"), "{printed}");
    assert!(printed.contains("failed to read the seed of an item back: -1 is none\natt_"), "{printed}");
    set_seed(0).await;
    assert_eq!(rescore(0), "2 items have a score now\n");
    assert_eq!(ada.get(&format!("{path}/result")).await.ok(200)["score"], 2);
    assert_eq!(rescore(0), "0 items have a score now\n");
}

#[test]
fn a_machine_is_measured() {
    let data_dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade-data");
    let mut bench = Command::new(env!("CARGO_BIN_EXE_quorate"));
    bench.args(["bench", "grade", "adder", "--rounds=1", "--cold=1", "--graders=tests/fixtures/packages"]);
    let output = bench.arg(format!("--data-dir={}", data_dir.display())).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    let rows = ["quorate, a new shape", "quorate, a shape seen before", "cargo test, warm", "cargo test, cold"];
    for row in
        rows.into_iter().chain(["rustc and linker alone", "all designs (1) over cargo test, warm: of a new shape "])
    {
        assert!(printed.contains(row), "{printed}");
    }
}
