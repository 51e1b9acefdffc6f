//! The queue: turns, leases, and what becomes of work whose worker dies.

mod clocks;
mod disturbances;

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::prelude::*;
use quorate::accounts::Viewer;
use quorate::db::AnyConnection;
use quorate::db::schema::{jobs, submission_events};
use quorate::id::{SubmissionId, UserId};
use quorate::jobs::Setback;
use quorate::jobs::lanes::{ABANDONED_AFTER, SERVED_FOR};
use quorate::submissions::events::{EventStream, Update};
use quorate::submissions::queue::{GradingJob, Queue};
use quorate::submissions::{EventKind, Mode, NewSubmission, State, Submission, Verdict};
use tempfile::TempDir;

use crate::support::script::{policy, result, worker};
use crate::support::{Backend, Database, Fixture, PASSWORD, TestApp, for_each_database};

for_each_database![
    fifty_waiting_submissions_do_not_delay_one,
    those_who_take_turns_are_served_in_turn,
    each_submission_is_claimed_once,
    a_silent_worker_is_replaced_and_not_heard_again,
    a_heartbeat_keeps_the_lease,
    a_worker_that_falls_silent_again_and_again_ends_in_internal_error,
    a_submission_that_kills_its_worker_is_given_up,
    a_lease_that_cannot_be_read_keeps_no_other,
    a_job_about_nothing_stops_nobody,
    exercises_that_nobody_grades_stand_in_nobody_s_way,
    what_nobody_can_grade_is_given_up_after_days,
    an_erased_account_leaves_no_job,
    old_events_are_removed_but_for_the_last,
    a_worker_that_stops_hands_its_work_back,
    a_linker_that_is_killed_costs_the_candidate_nothing,
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
    hand_in_to(app, user, "adder", lib).await
}

async fn hand_in_to(app: &TestApp, user: UserId, exercise: &str, lib: &str) -> SubmissionId {
    app.submissions.hand_in(to_be_handed_in(user, exercise, lib)).await.unwrap().summary.id
}

fn to_be_handed_in(user: UserId, exercise: &str, lib: &str) -> NewSubmission {
    let files = BTreeMap::from([("src/lib.rs".to_owned(), lib.to_owned())]);
    NewSubmission { user, exercise: exercise.to_owned(), mode: Mode::Graded, item: None, files }
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

async fn a_submission_that_kills_its_worker_is_given_up(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let id = hand_in(&app, ada, "").await;
    let mut ends = Vec::new();
    while claim(&app).await.is_some() {
        // The worker's process is gone, and starts again under the same name.
        let taken_back = queue(&app).take_back("test").await.unwrap();
        assert!(!taken_back.is_empty() && ends.len() < 4);
        ends.extend(taken_back);
    }
    assert_eq!(ends, [(id, Setback::Requeued), (id, Setback::Requeued), (id, Setback::Abandoned { attempts: 3 })]);
    let given_up = find(&app, ada, id).await;
    assert_eq!(given_up.summary.verdict, Some(Verdict::InternalError));
    assert!(given_up.report.reason.unwrap().contains("doesn't count"));
    // What another worker holds is not touched.
    hand_in(&app, ada, "").await;
    claim(&app).await.unwrap();
    assert_eq!(queue(&app).take_back("another").await.unwrap(), []);
}

async fn change(app: &TestApp, statement: impl FnOnce(&mut AnyConnection) -> QueryResult<usize> + Send + 'static) {
    let changed = app.db.read(move |c| Ok::<_, quorate::db::Error>(statement(c)?)).await.unwrap();
    assert_eq!(changed, 1);
}

async fn a_lease_that_cannot_be_read_keeps_no_other(WithPackages(app): WithPackages) {
    let (ada, bob) = (user(&app, "Ada").await, user(&app, "Bob").await);
    let (bad, good) = (hand_in(&app, ada, "").await, hand_in(&app, bob, "").await);
    for _ in 0..2 {
        claim(&app).await.unwrap();
    }
    change(&app, move |c| {
        diesel::update(jobs::table.find(bad.to_string())).set(jobs::lease_token.eq(Some("no lease"))).execute(c)
    })
    .await;
    app.pass(policy().lease + Duration::from_secs(1));
    assert_eq!(queue(&app).expire().await.unwrap(), [(good, Setback::Requeued)]);
}

async fn a_job_about_nothing_stops_nobody(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let (lost, id) = (hand_in(&app, ada, "").await, hand_in(&app, ada, "").await);
    change(&app, move |c| {
        diesel::update(jobs::table.find(lost.to_string())).set(jobs::id.eq("no submission")).execute(c)
    })
    .await;
    queue(&app).claim("test", &["adder".to_owned()]).await.unwrap_err();
    assert_eq!(claim(&app).await.unwrap().lease.submission, id);
    app.pass(policy().lease + Duration::from_secs(1));
    assert_eq!(queue(&app).expire().await.unwrap(), [(id, Setback::Requeued)]);
}

async fn place(app: &TestApp, user: UserId, id: SubmissionId) -> u32 {
    find(app, user, id).await.queue_position.unwrap()
}

async fn exercises_that_nobody_grades_stand_in_nobody_s_way(WithPackages(app): WithPackages) {
    let (ada, bob) = (user(&app, "Ada").await, user(&app, "Bob").await);
    hand_in_to(&app, ada, "async-kv", "").await;
    let id = hand_in(&app, bob, "").await;
    assert_eq!(place(&app, bob, id).await, 1);
    let worker = queue(&app);
    worker.serve(&["async-kv".to_owned(), "adder".to_owned()]).await.unwrap();
    assert_eq!(place(&app, bob, id).await, 2);
    app.pass(SERVED_FOR);
    assert_eq!(place(&app, bob, id).await, 1, "that worker is gone");
    worker.serve(&["async-kv".to_owned()]).await.unwrap();
    assert_eq!(place(&app, bob, id).await, 2, "and back");
    // In its own lane it waits behind others whoever serves that.
    let behind = hand_in(&app, ada, "").await;
    assert_eq!(place(&app, ada, behind).await, 3);
    app.pass(SERVED_FOR);
    assert_eq!(place(&app, ada, behind).await, 2);
}

async fn what_nobody_can_grade_is_given_up_after_days(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let (unserved, served) = (hand_in_to(&app, ada, "async-kv", "").await, hand_in(&app, ada, "").await);
    let (worker, second) = (queue(&app), Duration::from_secs(1));
    worker.serve(&["async-kv".to_owned(), "adder".to_owned()]).await.unwrap();
    app.pass(ABANDONED_AFTER - second);
    worker.serve(&["adder".to_owned()]).await.unwrap();
    assert_eq!(app.submissions.abandon_unserved().await.unwrap(), 0);
    app.pass(second * 2);
    app.maintenance.tidy().await;
    let given_up = find(&app, ada, unserved).await;
    assert_eq!(given_up.summary.verdict, Some(Verdict::InternalError));
    assert!(given_up.report.reason.unwrap().contains("72 hours: this doesn't count"));
    // However long it has waited: somebody will come to it.
    assert_eq!(find(&app, ada, served).await.summary.state, State::Queued);
    assert_eq!(claim(&app).await.unwrap().lease.submission, served);
}

async fn an_erased_account_leaves_no_job(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    hand_in(&app, ada, "").await;
    hand_in(&app, ada, "").await;
    let begun = claim(&app).await.unwrap();
    app.records.erase(ada, PASSWORD.to_owned()).await.unwrap();
    let left = app.db.read(|c| Ok::<i64, quorate::db::Error>(jobs::table.count().get_result(c)?)).await.unwrap();
    assert_eq!(left, 0);
    assert!(!queue(&app).finish(begun.lease, result(true), vec![]).await.unwrap());
    assert!(claim(&app).await.is_none());
}

async fn old_events_are_removed_but_for_the_last(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    for _ in 0..2 {
        let id = hand_in(&app, ada, "").await;
        let job = claim(&app).await.unwrap();
        assert!(queue(&app).finish(job.lease, result(true), vec![]).await.unwrap());
        app.pass(Duration::from_secs(7 * 24 * 3600));
        assert_eq!(app.submissions.remove_old_events().await.unwrap(), 0);
        app.pass(Duration::from_secs(1));
        assert_eq!(app.submissions.remove_old_events().await.unwrap(), 1);
        let left = [EventKind::Queued, EventKind::Finished].map(|kind| count(&app, id, kind));
        assert_eq!(futures_util::future::join_all(left).await, [0, 1]);
    }
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
    assert_eq!(worker.name(), "test");
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

/// Right, and so long that its code isn't made when its interface is known and the tests are compiled: the linker waits for it.
fn long() -> String {
    let names: Vec<String> = (0..2_000).map(|number| format!("f{number}")).collect();
    format!(
        "macro_rules! many {{ ($($name:ident)*) => {{ $(
             pub fn $name(x: u64) -> String {{ (0..x).map(|n| format!(\"{{}}{{}}\", n ^ x, stringify!($name))).collect() }}
         )* }} }}
         many! {{ {} }}
         pub fn add(left: u64, right: u64) -> u64 {{ left.saturating_add(right) }}\n",
        names.join(" ")
    )
}

/// A program that waits below a process until its linker can begin.
fn waiting_linker(ancestor: u32) -> Option<i32> {
    let ids =
        std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.into_iter().find(|id: &i32| {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default();
        read("cmdline").starts_with("/wait-then-exec\0") && is_below(*id, ancestor)
    })
}

fn is_below(id: i32, ancestor: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // After the name, which stands in parentheses, come the state and the parent.
    let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
    match parent {
        Some(parent) if parent == ancestor => true,
        Some(parent) if parent > 1 => is_below(parent.try_into().unwrap(), ancestor),
        _ => false,
    }
}

async fn a_linker_that_is_killed_costs_the_candidate_nothing(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let id = hand_in(&app, ada, &long()).await;
    let data_dir = data_dir();
    let worker = Process::start(&app, "worker", data_dir.path());
    let process = worker.0.id();
    // What waits before belongs to the preparing of the package.
    until(&app, ada, id, 0, |event| event == stage("build")).await;
    let killed = tokio::task::spawn_blocking(move || {
        let begun = std::time::Instant::now();
        loop {
            if let Some(linker) = waiting_linker(process) {
                return nix::sys::signal::kill(nix::unistd::Pid::from_raw(linker), nix::sys::signal::SIGKILL);
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "a linker waits");
            std::thread::yield_now();
        }
    });
    killed.await.unwrap().unwrap();
    until(&app, ada, id, 0, |event| event.starts_with("finished ")).await;
    let graded = find(&app, ada, id).await;
    assert_eq!(graded.summary.verdict, Some(Verdict::Accepted), "{:?}", graded.report.reason);
    let begun = app.submissions.follow(Viewer::Person(ada), id, 0).await.unwrap();
    assert_eq!(count_builds(begun).await, 2, "it was graded again");
}

async fn count_builds(mut events: EventStream) -> usize {
    let mut builds = 0;
    while let Some(update) = events.next().await.unwrap() {
        builds +=
            usize::from(matches!(update, Update::Event(event) if event.data == serde_json::json!({ "name": "build" })));
    }
    builds
}
