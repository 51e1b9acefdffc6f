//! Clocks that are wrong, and are corrected.

use std::time::Duration;

use quorate::clock::Clock;
use quorate::id::{SubmissionId, UserId};
use quorate::jobs::lanes::{ABANDONED_AFTER, GRACE_AT_START};
use quorate::jobs::{LeasePolicy, Setback};
use quorate::services::Services;

use super::{WithPackages, claim, hand_in, queue, to_be_handed_in, user};
use crate::support::script::policy;
use crate::support::{TestApp, for_each_database};

for_each_database![
    what_a_clock_that_was_ahead_has_queued_is_claimed_at_once,
    a_lease_of_a_clock_that_was_ahead_has_run_out,
    a_job_that_failed_by_a_clock_that_was_ahead_waits_no_longer,
    a_clock_that_jumps_ahead_gives_up_nothing_before_workers_are_heard_of,
];

/// How far the clock of a server is ahead before it is corrected.
const AHEAD: Duration = Duration::from_secs(6 * 3600);

/// The same service as long as its clock is ahead.
fn ahead(app: &TestApp) -> Services {
    let services = Services::open(&app.config, Clock::manual(app.clock.now() + AHEAD)).unwrap();
    services.exercises.assume_ready();
    services
}

async fn hand_in_at(services: &Services, user: UserId) -> SubmissionId {
    services.submissions.hand_in(to_be_handed_in(user, "adder", "")).await.unwrap().summary.id
}

async fn what_a_clock_that_was_ahead_has_queued_is_claimed_at_once(WithPackages(app): WithPackages) {
    let ahead = ahead(&app);
    let id = hand_in_at(&ahead, user(&app, "Ada").await).await;
    let job = claim(&app).await.expect("it is queued");
    assert_eq!(job.lease.submission, id);
    let wrong = ahead.submissions.queue(policy());
    assert!(wrong.release(job.lease).await.unwrap());
    claim(&app).await.expect("it was handed back");
    assert_eq!(wrong.take_back("test").await.unwrap(), [(id, Setback::Requeued)]);
    claim(&app).await.expect("it was lost");
}

async fn a_lease_of_a_clock_that_was_ahead_has_run_out(WithPackages(app): WithPackages) {
    let ahead = ahead(&app);
    let id = hand_in_at(&ahead, user(&app, "Ada").await).await;
    let adder = ["adder".to_owned()];
    let wrong = ahead.submissions.queue(policy());
    let living = wrong.claim("test", &adder).await.unwrap().unwrap();
    // A worker that lives renews its lease by the clock as it is now.
    assert!(queue(&app).heartbeat(living.lease).await.unwrap());
    assert_eq!(queue(&app).expire().await.unwrap(), []);
    assert!(wrong.heartbeat(living.lease).await.unwrap());
    assert_eq!(queue(&app).expire().await.unwrap(), [(id, Setback::Requeued)]);
    assert!(!wrong.heartbeat(living.lease).await.unwrap(), "somebody else may grade it now");
    assert_eq!(claim(&app).await.unwrap().attempt, 2);
}

async fn a_job_that_failed_by_a_clock_that_was_ahead_waits_no_longer(WithPackages(app): WithPackages) {
    let ahead = ahead(&app);
    hand_in_at(&ahead, user(&app, "Ada").await).await;
    let patient = LeasePolicy { retry_after: Duration::from_secs(5), ..policy() };
    let (wrong, right) = (ahead.submissions.queue(patient), app.submissions.queue(patient));
    let adder = ["adder".to_owned()];
    let job = wrong.claim("test", &adder).await.unwrap().unwrap();
    assert_eq!(wrong.fail(job.lease).await.unwrap(), Setback::Requeued);
    assert_eq!(right.expire().await.unwrap(), []);
    assert!(claim(&app).await.is_none(), "it waits");
    app.pass(Duration::from_secs(4));
    assert_eq!(right.expire().await.unwrap(), []);
    assert!(claim(&app).await.is_none(), "it waits");
    app.pass(Duration::from_secs(1));
    claim(&app).await.expect("it has waited for five seconds");
}

async fn a_clock_that_jumps_ahead_gives_up_nothing_before_workers_are_heard_of(WithPackages(app): WithPackages) {
    let second = Duration::from_secs(1);
    hand_in(&app, user(&app, "Ada").await, "").await;
    app.pass(GRACE_AT_START);
    let given_up = async || app.submissions.abandon_unserved().await.unwrap();
    assert_eq!(given_up().await, 0);
    app.clock.correct(app.clock.now() + ABANDONED_AFTER);
    assert_eq!(given_up().await, 0, "no worker had the time to say what it serves");
    app.pass(GRACE_AT_START - second);
    assert_eq!(given_up().await, 0);
    app.pass(second);
    assert_eq!(given_up().await, 1);
}
