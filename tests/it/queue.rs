//! The queue: turns, leases, and what becomes of work whose worker dies.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::prelude::*;
use quorate::accounts::Viewer;
use quorate::db::schema::{jobs, submission_events};
use quorate::id::{SubmissionId, UserId};
use quorate::jobs::Setback;
use quorate::submissions::events::Update;
use quorate::submissions::queue::{GradingJob, Queue};
use quorate::submissions::{EventKind, Mode, NewSubmission, State, Submission, Verdict};
use tempfile::TempDir;

use crate::support::script::{policy, result, worker};
use crate::support::{Backend, Database, Fixture, TestApp, for_each_database};

for_each_database![
    fifty_waiting_submissions_do_not_delay_one,
    those_who_take_turns_are_served_in_turn,
    each_submission_is_claimed_once,
    a_silent_worker_is_replaced_and_not_heard_again,
    a_heartbeat_keeps_the_lease,
    a_worker_that_falls_silent_again_and_again_ends_in_internal_error,
    a_worker_that_stops_hands_its_work_back,
    servers_and_workers_killed_in_the_middle_lose_nothing_and_score_nothing_twice,
];

/// The service with the small packages.
struct WithPackages(TestApp);

impl Fixture for WithPackages {
    async fn on(backend: Backend) -> Self {
        let packages = packages().into();
        Self(TestApp::with(Database::migrated(backend), |settings| settings.graders = Some(vec![packages])))
    }
}

const fn packages() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/packages")
}

async fn user(app: &TestApp, name: &str) -> UserId {
    app.person(name).await.id.parse().unwrap()
}

async fn hand_in(app: &TestApp, user: UserId, lib: &str) -> SubmissionId {
    let files = BTreeMap::from([("src/lib.rs".to_owned(), lib.to_owned())]);
    let new = NewSubmission { user, exercise: "adder".to_owned(), mode: Mode::Graded, item: None, files };
    app.submissions.hand_in(new).await.unwrap().summary.id
}

fn queue(app: &TestApp) -> Queue {
    app.submissions.queue(policy())
}

async fn claim(app: &TestApp) -> Option<GradingJob> {
    queue(app).claim("test", &["other".to_owned(), "adder".to_owned()]).await.unwrap()
}

async fn fifty_waiting_submissions_do_not_delay_one(WithPackages(app): WithPackages) {
    let (many, one) = (user(&app, "Many").await, user(&app, "One").await);
    for _ in 0..50 {
        hand_in(&app, many, "").await;
    }
    let first = claim(&app).await.unwrap();
    let alone = hand_in(&app, one, "").await;
    assert_eq!(app.submissions.find(Viewer::Person(one), alone).await.unwrap().queue_position, Some(1));
    assert!(queue(&app).finish(first.lease, result(true), vec![]).await.unwrap());
    assert_eq!(claim(&app).await.unwrap().lease.submission, alone);
}

async fn those_who_take_turns_are_served_in_turn(WithPackages(app): WithPackages) {
    let (ada, bob) = (user(&app, "Ada").await, user(&app, "Bob").await);
    let mut owners = BTreeMap::new();
    for owner in [ada, ada, ada, bob, bob, bob] {
        owners.insert(hand_in(&app, owner, "").await, owner);
    }
    let mut served = Vec::new();
    while let Some(job) = claim(&app).await {
        served.push(owners[&job.lease.submission]);
        assert!(queue(&app).finish(job.lease, result(true), vec![]).await.unwrap());
    }
    assert_eq!(served, [ada, bob, ada, bob, ada, bob]);
}

async fn each_submission_is_claimed_once(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    for _ in 0..12 {
        hand_in(&app, ada, "").await;
    }
    let ready = ["adder".to_owned()];
    let queue = queue(&app);
    let claims = (0..16).map(|_| queue.claim("test", &ready));
    let claims = futures_util::future::join_all(claims).await;
    let mut claimed: Vec<_> = claims.into_iter().flat_map(Result::unwrap).map(|job| job.lease.submission).collect();
    // On PostgreSQL two claims that meet may pass over each other's, and find the rest at the next look.
    while let Some(job) = claim(&app).await {
        claimed.push(job.lease.submission);
    }
    let count = claimed.len();
    claimed.sort();
    claimed.dedup();
    assert_eq!((count, claimed.len()), (12, 12));
    assert!(queue.claim("test", &[]).await.unwrap().is_none());
}

async fn find(app: &TestApp, user: UserId, id: SubmissionId) -> Submission {
    app.submissions.find(Viewer::Person(user), id).await.unwrap()
}

/// Events of a kind.
async fn count(app: &TestApp, id: SubmissionId, kind: EventKind) -> i64 {
    let of = submission_events::table
        .filter(submission_events::submission_id.eq(id))
        .filter(submission_events::kind.eq(kind));
    app.db.read(move |c| Ok::<_, quorate::db::Error>(of.count().get_result(c)?)).await.unwrap()
}

async fn a_silent_worker_is_replaced_and_not_heard_again(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let id = hand_in(&app, ada, "").await;
    let silent = claim(&app).await.unwrap();
    assert!(queue(&app).expire().await.unwrap().is_empty());
    app.pass(policy().lease + Duration::from_secs(1));
    assert_eq!(queue(&app).expire().await.unwrap(), [(id, Setback::Requeued)]);
    assert_eq!(find(&app, ada, id).await.summary.state, State::Queued);

    let next = claim(&app).await.unwrap();
    assert_eq!((next.lease.submission, next.attempt), (id, 2));
    assert!(!queue(&app).heartbeat(silent.lease).await.unwrap());
    assert!(!queue(&app).record_progress(silent.lease, vec![]).await.unwrap());
    assert!(!queue(&app).release(silent.lease).await.unwrap());
    assert_eq!(queue(&app).fail(silent.lease).await.unwrap(), Setback::LeaseLost);
    assert!(!queue(&app).finish(silent.lease, result(false), vec![]).await.unwrap());
    assert!(queue(&app).finish(next.lease, result(true), vec![]).await.unwrap());
    assert!(!queue(&app).finish(next.lease, result(false), vec![]).await.unwrap());
    assert_eq!(find(&app, ada, id).await.summary.verdict, Some(Verdict::Accepted));
    assert_eq!(count(&app, id, EventKind::Finished).await, 1);
}

async fn a_heartbeat_keeps_the_lease(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    hand_in(&app, ada, "").await;
    let job = claim(&app).await.unwrap();
    for _ in 0..5 {
        app.pass(policy().lease * 3 / 4);
        assert!(queue(&app).heartbeat(job.lease).await.unwrap());
        assert!(queue(&app).expire().await.unwrap().is_empty());
    }
    assert!(claim(&app).await.is_none());
}

async fn a_worker_that_falls_silent_again_and_again_ends_in_internal_error(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let id = hand_in(&app, ada, "").await;
    let mut ends = Vec::new();
    while claim(&app).await.is_some() {
        app.pass(policy().lease + Duration::from_secs(1));
        ends.extend(queue(&app).expire().await.unwrap());
    }
    assert_eq!(ends, [(id, Setback::Requeued), (id, Setback::Requeued), (id, Setback::Abandoned { attempts: 3 })]);
    let given_up = find(&app, ada, id).await;
    assert_eq!(given_up.summary.verdict, Some(Verdict::InternalError));
    assert!(given_up.report.reason.unwrap().contains("doesn't count"));
    assert_eq!(app.submissions.best(ada).await.unwrap(), []);
}

/// The event that a stage begins, as [`until`] shows it.
fn stage(name: &str) -> String {
    format!("stage {}", serde_json::json!({ "name": name }))
}

/// Waits for an event, shown as its kind and its data, and returns its number.
async fn until(app: &TestApp, user: UserId, id: SubmissionId, after: i32, wanted: impl Fn(&str) -> bool) -> i32 {
    let mut follow = app.submissions.follow(Viewer::Person(user), id, after).await.unwrap();
    let happened = async {
        loop {
            match follow.next().await.unwrap().expect("it is not over before") {
                Update::Event(event) if wanted(&format!("{} {}", event.kind, event.data)) => return event.seq,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(120), happened).await.expect("it happens in time")
}

async fn a_worker_that_stops_hands_its_work_back(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let (script, worker) = worker(&app);
    let id = hand_in(&app, ada, "// hold").await;
    until(&app, ada, id, 0, |event| event == stage("build")).await;
    worker.stop().await;
    assert_eq!(find(&app, ada, id).await.summary.state, State::Queued);
    // The thread that was left behind ends now, and nobody listens.
    script.let_go();
    let job = claim(&app).await.unwrap();
    assert_eq!((job.lease.submission, job.attempt), (id, 1));
    assert!(queue(&app).finish(job.lease, result(false), vec![]).await.unwrap());
    assert_eq!(find(&app, ada, id).await.summary.verdict, Some(Verdict::WrongAnswer));
}

/// A real `quorate worker` or `quorate serve`, killed when this is dropped.
struct Process(Child);

impl Process {
    fn start(app: &TestApp, command: &str, data_dir: &Path) -> Self {
        let listen: &[&str] = if command == "serve" { &["--listen=127.0.0.1:0"] } else { &[] };
        let mut process = Command::new(env!("CARGO_BIN_EXE_quorate"));
        process
            .args([command, "--workers=1"])
            .args(listen)
            .env("QUORATE_DATABASE_URL", &app.config.database_url)
            .env("QUORATE_DATA_DIR", data_dir)
            .env("QUORATE_GRADERS", packages())
            .stderr(Stdio::null());
        Self(process.spawn().unwrap())
    }

    /// SIGKILL: it is told nothing and writes nothing more.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A data directory of its own, in which the packages that all tests share are prepared already.
fn data_dir() -> TempDir {
    let prepared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade-data/prepared");
    std::fs::create_dir_all(&prepared).unwrap();
    // A data directory that holds something must be its owner's alone.
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap();
    std::os::unix::fs::symlink(prepared, folder.path().join("prepared")).unwrap();
    folder
}

/// Moves the end of the lease of a worker that is gone.
async fn lease_until(app: &TestApp, id: SubmissionId, moment: i64) {
    let lease = diesel::update(jobs::table.find(id.to_string())).set(jobs::lease_until.eq(Some(moment)));
    let updated = app.db.read(move |c| Ok::<_, quorate::db::Error>(lease.execute(c)?)).await.unwrap();
    assert_eq!(updated, 1);
}

/// Right, after a second for each test: time enough to be killed.
const SLOW: &str = "pub fn add(left: u64, right: u64) -> u64 {
    let begun = std::time::Instant::now();
    while begun.elapsed().as_secs() < 1 {}
    left.saturating_add(right)
}\n";

async fn servers_and_workers_killed_in_the_middle_lose_nothing_and_score_nothing_twice(app: WithPackages) {
    let WithPackages(app) = app;
    let ada = user(&app, "Ada").await;
    let id = hand_in(&app, ada, SLOW).await;
    let (here, elsewhere) = (data_dir(), data_dir());
    let server = Process::start(&app, "serve", here.path());
    let seen = until(&app, ada, id, 0, |event| event == stage("build")).await;
    server.kill();
    assert_eq!(find(&app, ada, id).await.summary.state, State::Running);
    // On another machine nobody knows that the server is dead: its lease has to run out.
    lease_until(&app, id, 0).await;
    let worker = Process::start(&app, "worker", elsewhere.path());
    let seen = until(&app, ada, id, seen, |event| event == stage("run")).await;
    worker.kill();
    // On the same data directory the next one knows, and begins at once although the lease would last for ever.
    lease_until(&app, id, i64::MAX).await;
    let _worker = Process::start(&app, "worker", elsewhere.path());
    until(&app, ada, id, seen, |event| event.starts_with("finished ")).await;
    let graded = find(&app, ada, id).await;
    assert_eq!(graded.summary.verdict, Some(Verdict::Accepted), "{:?}", graded.report);
    assert_eq!(graded.report.tests.len(), 3);
    assert_eq!(count(&app, id, EventKind::Finished).await, 1);
    let best = app.submissions.best(ada).await.unwrap();
    assert_eq!((best.len(), best[0].submissions, best[0].score), (1, 1, best[0].max_score));
}
