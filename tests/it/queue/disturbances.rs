//! What keeps a worker from its work: submissions that kill it, a machine that fails, an exercise that takes long to prepare.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use diesel::prelude::*;
use quorate::accounts::Viewer;
use quorate::db::schema::{jobs, served_lanes, submission_files, submissions};
use quorate::id::SubmissionId;
use quorate::jobs::lanes::ABANDONED_AFTER;
use quorate::jobs::{LeasePolicy, Setback};
use quorate::submissions::events::Progress;
use quorate::submissions::queue::GradingJob;
use quorate::submissions::{Filter, Graded, Mode, State, Verdict};
use quorate::worker::{Failure, SubmissionGrader, Worker, WorkerConfig};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{WithPackages, change, claim, find, hand_in, queue, user};
use crate::support::script::{policy, result};
use crate::support::{TestApp, for_each_database};

for_each_database![
    a_submission_that_kills_its_worker_takes_no_other_with_it,
    two_that_kill_their_worker_are_the_only_ones_given_up,
    what_was_lost_is_begun_by_an_idle_worker_alone,
    failures_of_ours_are_retried_later_and_later,
    losses_and_failures_are_counted_apart,
    one_that_fails_goes_behind_those_that_wait,
    what_waits_for_an_exercise_that_is_being_prepared_is_not_given_up,
    points_that_cannot_be_are_an_error,
    a_submission_whose_files_are_gone_is_given_up,
];

/// How long a test waits for what has to happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many gradings a worker of these tests has at once.
const AT_ONCE: usize = 4;

/// A gate that is closed until it is opened.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

impl Gate {
    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn pass(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
    }
}

/// What is graded at the same time, and what must not be.
#[derive(Default)]
struct Company {
    now: Vec<(SubmissionId, bool)>,
    /// Submissions that were lost before and had company, or are in that company.
    wrong: Vec<SubmissionId>,
}

/// Accepts everything, but for a submission that begins with `// poison`: that is never done, since its process will be dead.
struct Mortal {
    /// Says which submission was begun.
    begun: UnboundedSender<SubmissionId>,
    /// Keeps every grading from its end, not only those that are poison.
    holds_all: bool,
    dead: Gate,
    company: Mutex<Company>,
}

impl SubmissionGrader for Mortal {
    fn prepare(&self, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    fn grade(&self, job: &GradingJob, _: Mode, _: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
        let submission = job.lease.submission;
        {
            let mut company = self.company.lock().unwrap();
            company.now.push((submission, job.was_lost));
            if company.now.len() > 1 && company.now.iter().any(|(_, was_lost)| *was_lost) {
                company.wrong.push(submission);
            }
        }
        let _ = self.begun.send(submission);
        if self.holds_all || job.files["src/lib.rs"].starts_with("// poison") {
            self.dead.pass();
        }
        self.company.lock().unwrap().now.retain(|(other, _)| *other != submission);
        Ok(result(true))
    }
}

/// A worker in a runtime of its own, which can die like a process does.
struct Life {
    runtime: Runtime,
    worker: Worker,
    grader: Arc<Mortal>,
    begun: UnboundedReceiver<SubmissionId>,
}

impl Life {
    fn begin(app: &TestApp, holds_all: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (tell, begun) = unbounded_channel();
        let grader = Arc::new(Mortal { begun: tell, holds_all, dead: Gate::default(), company: Mutex::default() });
        let config = WorkerConfig {
            // Short, so that a heartbeat can be waited for; the clock of the test stands, so no lease runs out.
            queue: app.submissions.queue(LeasePolicy { lease: Duration::from_secs(2), ..policy() }),
            exercises: app.exercises.clone(),
            grader: grader.clone(),
            clock: app.clock.clone(),
            status: app.grading.clone(),
            name: "test".to_owned(),
            at_once: AT_ONCE,
            grace: Duration::ZERO,
        };
        let worker = {
            let _tasks_are_of = runtime.enter();
            config.start()
        };
        Self { runtime, worker, grader, begun }
    }

    async fn next_begun(&mut self) -> SubmissionId {
        tokio::time::timeout(PATIENCE, self.begun.recv()).await.expect("one is begun in time").unwrap()
    }

    /// Ends everything at once, as when the process is killed: nothing is handed back, and no result is written.
    async fn die(self) {
        let Self { runtime, worker, grader, .. } = self;
        // It waits for a statement of the database that is under way, which a dead process can have sent too.
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(PATIENCE)).await.unwrap();
        drop(worker);
        grader.dead.open();
        assert_eq!(grader.company.lock().unwrap().wrong, [], "nothing is graded beside what was lost before");
    }
}

/// Hands in one submission for each source, each by a person who is named after it.
async fn hand_in_all(app: &TestApp, sources: &[impl AsRef<str>]) -> Vec<SubmissionId> {
    let mut ids = Vec::new();
    for source in sources.iter().map(AsRef::as_ref) {
        let name = source.trim_start_matches("// ").replace(' ', "-");
        ids.push(hand_in(app, user(app, &name).await, source).await);
    }
    ids
}

/// Waits until a worker has renewed the lease of a submission, by which time it has looked for more to do.
async fn until_heartbeat(app: &TestApp, id: SubmissionId) {
    let lease_until = async || {
        let lease = jobs::table.find(id.to_string()).select(jobs::lease_until);
        app.db.read(move |c| Ok::<_, quorate::db::Error>(lease.first::<Option<i64>>(c)?)).await.unwrap()
    };
    let before = lease_until().await;
    app.pass(Duration::from_millis(1));
    let renewed = async { while lease_until().await == before {} };
    tokio::time::timeout(PATIENCE, renewed).await.expect("the lease is renewed");
}

/// Lets workers die of submissions, and says what became of those that were handed in at the beginning, and of two that came
/// when the first worker was dead.
async fn outlive(app: &TestApp, sources: [&str; AT_ONCE]) -> (Vec<Verdict>, Vec<Verdict>) {
    let all = hand_in_all(app, &sources).await;
    let poison: BTreeSet<_> =
        all.iter().zip(sources).filter(|(_, source)| source.starts_with("// poison")).map(|(id, _)| *id).collect();
    let mut life = Life::begin(app, true);
    for _ in 0..AT_ONCE {
        life.next_begun().await;
    }
    life.die().await;
    let later = hand_in_all(app, &[1, 2].map(|number| format!("{} later {number}", sources[1]))).await;
    let mut given_up = BTreeSet::new();
    loop {
        for (submission, setback) in queue(app).take_back("test").await.unwrap() {
            if let Setback::Abandoned { attempts } = setback {
                assert_eq!(attempts, 3);
                given_up.insert(submission);
            }
        }
        let mut life = Life::begin(app, false);
        if given_up == poison {
            let mut verdicts = Vec::new();
            for id in all.iter().chain(&later) {
                verdicts.push(graded(app, *id).await);
            }
            life.die().await;
            return (verdicts[..all.len()].to_vec(), verdicts[all.len()..].to_vec());
        }
        let deadly = loop {
            let begun = life.next_begun().await;
            if poison.contains(&begun) {
                break begun;
            }
        };
        until_heartbeat(app, deadly).await;
        life.die().await;
    }
}

async fn graded(app: &TestApp, id: SubmissionId) -> Verdict {
    let owner = submissions::table.find(id).select(submissions::user_id);
    let owner = app.db.read(move |c| Ok::<_, quorate::db::Error>(owner.first(c)?)).await.unwrap();
    let submission = app.submissions.wait(Viewer::Person(owner), id, PATIENCE).await.unwrap();
    submission.summary.verdict.expect("it is graded in time")
}

async fn a_submission_that_kills_its_worker_takes_no_other_with_it(WithPackages(app): WithPackages) {
    let (fine, ours) = (Verdict::Accepted, Verdict::InternalError);
    let (verdicts, later) = outlive(&app, ["// poison 1", "// b", "// c", "// d"]).await;
    assert_eq!((verdicts, later), (vec![ours, fine, fine, fine], vec![fine; 2]));
    let (verdicts, later) = outlive(&app, ["// e", "// f", "// g", "// poison 2"]).await;
    assert_eq!((verdicts, later), (vec![fine, fine, fine, ours], vec![fine; 2]));
}

async fn two_that_kill_their_worker_are_the_only_ones_given_up(WithPackages(app): WithPackages) {
    let (verdicts, later) = outlive(&app, ["// poison 1", "// b", "// poison 2", "// d"]).await;
    let (fine, ours) = (Verdict::Accepted, Verdict::InternalError);
    assert_eq!((verdicts, later), (vec![ours, fine, ours, fine], vec![fine; 2]));
}

async fn what_was_lost_is_begun_by_an_idle_worker_alone(WithPackages(app): WithPackages) {
    let (ada, bob) = (user(&app, "Ada").await, user(&app, "Bob").await);
    let (adder, lost) = (["adder".to_owned()], hand_in(&app, ada, "").await);
    assert!(!claim(&app).await.unwrap().was_lost);
    queue(&app).take_back("test").await.unwrap();
    hand_in(&app, bob, "").await;
    assert!(queue(&app).claim_another("busy", &adder).await.unwrap().is_none(), "nor the one behind it");
    let alone = queue(&app).claim("idle", &adder).await.unwrap().unwrap();
    assert_eq!((alone.lease.submission, alone.was_lost, alone.attempt), (lost, true, 2));
    assert!(queue(&app).claim_another("busy", &adder).await.unwrap().is_some());
    // What failed, or was handed back, was not lost.
    queue(&app).fail(alone.lease).await.unwrap();
    assert!(queue(&app).claim_another("busy", &adder).await.unwrap().is_none(), "it was lost once, and stays so");
    let fresh = hand_in(&app, user(&app, "Eve").await, "").await;
    let job = queue(&app).claim("idle", &adder).await.unwrap().unwrap();
    queue(&app).release(job.lease).await.unwrap();
    let mut claimed = Vec::new();
    while let Some(job) = queue(&app).claim("idle", &adder).await.unwrap() {
        claimed.push((job.lease.submission, job.was_lost, job.attempt));
    }
    claimed.sort();
    assert_eq!(claimed, [(lost, true, 3), (fresh, false, 1)]);
}

async fn failures_of_ours_are_retried_later_and_later(WithPackages(app): WithPackages) {
    let id = hand_in(&app, user(&app, "Ada").await, "").await;
    let (queue, adder) = (app.submissions.queue(LeasePolicy::default()), ["adder".to_owned()]);
    let (mut waits, mut waited) = (Vec::new(), 0);
    loop {
        while let Some(job) = queue.claim("test", &adder).await.unwrap() {
            waits.push(waited);
            waited = 0;
            if let Setback::Abandoned { attempts } = queue.fail(job.lease).await.unwrap() {
                assert_eq!((waits, attempts), (vec![0, 5, 20, 80, 320, 900, 900, 900], 8));
                return assert_eq!(graded(&app, id).await, Verdict::InternalError);
            }
        }
        app.pass(Duration::from_secs(5));
        waited += 5;
        assert!(waited < 1000);
    }
}

async fn losses_and_failures_are_counted_apart(WithPackages(app): WithPackages) {
    let id = hand_in(&app, user(&app, "Ada").await, "").await;
    for _ in 0..7 {
        let job = claim(&app).await.unwrap();
        assert_eq!(queue(&app).fail(job.lease).await.unwrap(), Setback::Requeued);
    }
    for _ in 0..2 {
        claim(&app).await.unwrap();
        assert_eq!(queue(&app).take_back("test").await.unwrap(), [(id, Setback::Requeued)]);
    }
    assert_eq!(claim(&app).await.unwrap().attempt, 10);
    assert_eq!(queue(&app).take_back("test").await.unwrap(), [(id, Setback::Abandoned { attempts: 10 })]);
}

async fn one_that_fails_goes_behind_those_that_wait(WithPackages(app): WithPackages) {
    let (ada, bob) = (user(&app, "Ada").await, user(&app, "Bob").await);
    let failing = hand_in(&app, ada, "").await;
    let job = claim(&app).await.unwrap();
    let waiting = hand_in(&app, bob, "").await;
    assert_eq!(queue(&app).fail(job.lease).await.unwrap(), Setback::Requeued);
    let order = [claim(&app).await.unwrap(), claim(&app).await.unwrap()].map(|job| job.lease.submission);
    assert_eq!(order, [waiting, failing]);
}

/// Prepares nothing until it's let.
#[derive(Default)]
struct Slow(Gate);

impl SubmissionGrader for Slow {
    fn prepare(&self, _: &str) -> Result<(), Failure> {
        self.0.pass();
        Ok(())
    }

    fn grade(&self, _: &GradingJob, _: Mode, _: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
        Ok(result(true))
    }
}

async fn what_waits_for_an_exercise_that_is_being_prepared_is_not_given_up(WithPackages(app): WithPackages) {
    let (ada, minute) = (user(&app, "Ada").await, Duration::from_secs(60));
    let id = hand_in(&app, ada, "").await;
    app.pass(ABANDONED_AFTER - minute);
    // Another process than the server, which takes the exercises for ready.
    let exercises = quorate::services::Services::open(&app.config, app.clock.clone()).unwrap().exercises;
    let grader = Arc::<Slow>::default();
    let config = WorkerConfig {
        queue: queue(&app),
        exercises,
        grader: grader.clone(),
        clock: app.clock.clone(),
        status: app.grading.clone(),
        name: "test".to_owned(),
        at_once: 1,
        grace: Duration::ZERO,
    };
    let worker = config.start();
    let is_served = async || {
        let lane = served_lanes::table.filter(served_lanes::lane.eq("adder")).count();
        app.db.read(move |c| Ok::<i64, quorate::db::Error>(lane.get_result(c)?)).await.unwrap() > 0
    };
    let served = async { while !is_served().await {} };
    tokio::time::timeout(PATIENCE, served).await.expect("the worker says what it is about to serve");
    app.pass(minute * 2);
    assert_eq!(app.submissions.abandon_unserved().await.unwrap(), 0);
    assert_eq!(find(&app, ada, id).await.summary.state, State::Queued);
    grader.0.open();
    assert_eq!(graded(&app, id).await, Verdict::Accepted);
    worker.stop().await;
}

async fn points_that_cannot_be_are_an_error(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let id = hand_in(&app, ada, "").await;
    let job = claim(&app).await.unwrap();
    assert!(queue(&app).finish(job.lease, result(true), vec![]).await.unwrap());
    let is_readable = async || {
        let found = app.submissions.find(Viewer::Person(ada), id).await.is_ok();
        let listed = app.submissions.list(ada, Filter::default(), None, 10).await.is_ok();
        (found, listed, app.submissions.best(ada).await.is_ok())
    };
    assert_eq!(is_readable().await, (true, true, true));
    let set = move |points: i32| diesel::update(submissions::table.find(id)).set(submissions::score.eq(Some(points)));
    change(&app, move |c| set(-1).execute(c)).await;
    assert_eq!(is_readable().await, (false, false, false));
    change(&app, move |c| set(3).execute(c)).await;
    change(&app, move |c| {
        diesel::update(submissions::table.find(id)).set(submissions::report.eq(None::<String>)).execute(c)
    })
    .await;
    assert_eq!(is_readable().await, (false, true, true), "the list needs no report");
}

async fn a_submission_whose_files_are_gone_is_given_up(WithPackages(app): WithPackages) {
    let ada = user(&app, "Ada").await;
    let id = hand_in(&app, ada, "").await;
    change(&app, move |c| diesel::delete(submission_files::table.find(id)).execute(c)).await;
    for _ in 0..policy().failures {
        let error = queue(&app).claim("test", &["adder".to_owned()]).await.unwrap_err();
        assert!(format!("{error:?}").starts_with("Database(Corrupt"), "{error:?}");
    }
    assert_eq!(find(&app, ada, id).await.summary.verdict, Some(Verdict::InternalError));
}
