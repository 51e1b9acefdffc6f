//! Messages for other systems: they leave at least once, in order, and one that can't leave stops no other.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use quorate::clock::Clock;
use quorate::db::schema::{jobs, outbox as messages, served_lanes};
use quorate::db::{AnyConnection, Db};
use quorate::id::{MessageId, UserId};
use quorate::jobs::LeasePolicy;
use quorate::outbox::{Channel, Message, NewMessage, Outbox, put};
use serde_json::{Value, json};

use crate::support::{Backend, Database, Fixture, PASSWORD, TestApp, for_each_database};

for_each_database![
    what_is_written_leaves_in_the_order_of_its_key,
    a_clock_that_is_set_back_changes_no_order,
    a_message_whose_row_cannot_be_read_is_given_back,
    a_message_whose_delivery_cannot_be_noted_is_given_back,
    a_channel_is_served_though_the_clock_was_set_back,
    a_message_that_cannot_leave_stops_no_other,
    what_is_not_committed_never_leaves,
    a_process_that_dies_while_it_delivers_loses_nothing,
    a_delivery_that_takes_long_keeps_its_lease,
    a_message_that_cannot_be_read_back_is_given_up,
    a_delivery_whose_message_is_gone_ends,
    messages_about_an_erased_person_go_and_stop_no_other,
    what_nobody_delivers_is_given_up_and_what_has_ended_is_removed,
    a_channel_is_served_while_a_process_delivers_its_messages,
    a_clock_that_jumps_ahead_gives_up_no_message,
];

struct Service(TestApp);

impl Fixture for Service {
    async fn on(backend: Backend) -> Self {
        Self(TestApp::with(Database::migrated(backend), |_| ()))
    }
}

/// A receiver that remembers what it got, and refuses some of it.
#[derive(Default)]
struct Receiver {
    got: Mutex<Vec<Value>>,
    refuses: BTreeSet<i64>,
}

impl Channel for Receiver {
    fn name(&self) -> &str {
        "test"
    }

    fn deliver<'a>(
        &'a self,
        message: &'a Message,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(async {
            if self.refuses.contains(&message.payload["number"].as_i64().unwrap()) {
                return Err("503 not now".to_owned());
            }
            self.got.lock().unwrap().push(message.payload.clone());
            Ok("204".to_owned())
        })
    }
}

const POLICY: LeasePolicy = LeasePolicy {
    lease: Duration::from_secs(20),
    losses: 3,
    failures: 3,
    retry_after: Duration::from_secs(1),
    retry_after_max: Duration::from_secs(60),
};

async fn write(app: &TestApp, key: &'static str, number: i64) -> MessageId {
    write_about(app, None, key, number).await
}

async fn write_about(app: &TestApp, user: Option<UserId>, key: &'static str, number: i64) -> MessageId {
    let now = app.clock.now();
    let payload = json!({ "key": key, "number": number });
    let written =
        app.db.write(move |c| put(c, &NewMessage { channel: "test", ordering_key: key, payload: &payload, user, now }));
    written.await.unwrap()
}

fn outbox(app: &TestApp) -> Outbox {
    Outbox::new(app.db.clone(), app.clock.clone(), POLICY)
}

/// Delivers until nothing is left, with time for what failed to become due again.
async fn deliver_all(app: &TestApp, receiver: &Receiver) {
    for _ in 0..20 {
        while outbox(app).deliver_next("here", receiver).await.unwrap() {}
        app.pass(Duration::from_secs(10));
    }
}

fn numbers(receiver: &Receiver, key: &str) -> Vec<i64> {
    let got = receiver.got.lock().unwrap();
    got.iter().filter(|payload| payload["key"] == key).map(|payload| payload["number"].as_i64().unwrap()).collect()
}

async fn what_is_written_leaves_in_the_order_of_its_key(Service(app): Service) {
    for number in 1..=3 {
        write(&app, "a", number).await;
        write(&app, "b", 10 + number).await;
    }
    let receiver = Receiver::default();
    deliver_all(&app, &receiver).await;
    assert_eq!((numbers(&receiver, "a"), numbers(&receiver, "b")), (vec![1, 2, 3], vec![11, 12, 13]));
    assert!(!outbox(&app).deliver_next("here", &receiver).await.unwrap());
}

async fn a_clock_that_is_set_back_changes_no_order(Service(app): Service) {
    write(&app, "a", 1).await;
    for number in 2..=3 {
        let id = write(&app, "a", number).await;
        // As if it had been written by a clock that was set back, each by more.
        let earlier = format!("msg_{:032x}", 10 - number);
        let date = diesel::update(messages::table.find(id)).set(messages::id.eq(earlier));
        assert_eq!(look(&app.db, move |c| date.execute(c)).await, 1);
    }
    let receiver = Receiver::default();
    deliver_all(&app, &receiver).await;
    assert_eq!(numbers(&receiver, "a"), [1, 2, 3]);
}

/// Has the table of messages out of reach, or in reach again.
async fn rename(db: &Db, from: &str, to: &str) {
    let statement = format!("ALTER TABLE {from} RENAME TO {to}");
    look(db, move |c| c.batch_execute(&statement)).await;
}

async fn a_message_whose_row_cannot_be_read_is_given_back(Service(app): Service) {
    write(&app, "a", 1).await;
    rename(&app.db, "outbox", "away").await;
    let receiver = Receiver::default();
    outbox(&app).deliver_next("here", &receiver).await.unwrap_err();
    rename(&app.db, "away", "outbox").await;
    let jobs = jobs::table.select((jobs::lease_token, jobs::attempt));
    let jobs = look(&app.db, move |c| jobs.load::<(Option<String>, i32)>(c)).await;
    assert_eq!(jobs, [(None, 0)]);
    assert!(outbox(&app).deliver_next("here", &receiver).await.unwrap(), "no lease is waited for");
    assert_eq!(numbers(&receiver, "a"), [1]);
}

/// A receiver that takes what it gets, when the table of messages has just got out of reach.
struct Unnoted(Db);

impl Channel for Unnoted {
    fn name(&self) -> &str {
        "test"
    }

    fn deliver<'a>(&'a self, _: &'a Message) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(async {
            rename(&self.0, "outbox", "away").await;
            Ok("204".to_owned())
        })
    }
}

async fn a_message_whose_delivery_cannot_be_noted_is_given_back(Service(app): Service) {
    write(&app, "a", 1).await;
    outbox(&app).deliver_next("here", &Unnoted(app.db.clone())).await.unwrap_err();
    rename(&app.db, "away", "outbox").await;
    let jobs = jobs::table.select((jobs::lease_token, jobs::failures));
    let jobs = look(&app.db, move |c| jobs.load::<(Option<String>, i32)>(c)).await;
    assert_eq!(jobs, [(None, 1)]);
    let receiver = Receiver::default();
    assert!(!outbox(&app).deliver_next("here", &receiver).await.unwrap(), "it waits for a moment");
    app.pass(POLICY.retry_after);
    assert!(outbox(&app).deliver_next("here", &receiver).await.unwrap());
    assert_eq!(numbers(&receiver, "a"), [1]);
}

async fn a_channel_is_served_though_the_clock_was_set_back(Service(app): Service) {
    let (outbox, receiver) = (outbox(&app), Receiver::default());
    let said = async || look(&app.db, |c| served_lanes::table.select(served_lanes::served_at).first::<i64>(c)).await;
    outbox.deliver_next("here", &receiver).await.unwrap();
    app.clock.correct(app.clock.now() - Duration::from_secs(3600));
    app.pass(Duration::from_secs(60));
    outbox.deliver_next("here", &receiver).await.unwrap();
    assert_eq!(said().await, app.clock.now().as_micros());
}

async fn a_message_that_cannot_leave_stops_no_other(Service(app): Service) {
    for number in 1..=3 {
        write(&app, "a", number).await;
    }
    write(&app, "b", 11).await;
    let receiver = Receiver { refuses: BTreeSet::from([1]), ..Receiver::default() };
    while outbox(&app).deliver_next("here", &receiver).await.unwrap() {}
    // The key of the refused one waits for it, the other does not.
    assert_eq!((numbers(&receiver, "a"), numbers(&receiver, "b")), (vec![], vec![11]));
    deliver_all(&app, &receiver).await;
    assert_eq!(numbers(&receiver, "a"), [2, 3]);
}

async fn what_is_not_committed_never_leaves(Service(app): Service) {
    let (now, payload) = (app.clock.now(), json!({ "key": "a", "number": 1 }));
    let failed = app.db.write(move |c| {
        put(c, &NewMessage { channel: "test", ordering_key: "a", payload: &payload, user: None, now })?;
        Err::<(), _>(quorate::db::Error::TaskEnded)
    });
    failed.await.unwrap_err();
    let receiver = Receiver::default();
    assert!(!outbox(&app).deliver_next("here", &receiver).await.unwrap());
}

/// A receiver that never answers, as when the process is killed while it waits.
struct Silent;

impl Channel for Silent {
    fn name(&self) -> &str {
        "test"
    }

    fn deliver<'a>(&'a self, _: &'a Message) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(std::future::pending())
    }
}

async fn a_process_that_dies_while_it_delivers_loses_nothing(Service(app): Service) {
    write(&app, "a", 1).await;
    let dying = outbox(&app);
    let delivery = tokio::time::timeout(Duration::from_secs(1), dying.deliver_next("dead", &Silent));
    assert!(delivery.await.is_err());
    let receiver = Receiver::default();
    assert!(!outbox(&app).deliver_next("here", &receiver).await.unwrap(), "the lease is held");
    app.pass(POLICY.lease + Duration::from_secs(1));
    assert_eq!(outbox(&app).expire().await.unwrap(), 1);
    assert!(outbox(&app).deliver_next("here", &receiver).await.unwrap());
    assert_eq!(numbers(&receiver, "a"), [1]);
}

async fn look<T: Send + 'static>(
    db: &Db,
    look: impl FnOnce(&mut AnyConnection) -> QueryResult<T> + Send + 'static,
) -> T {
    db.read(|c| Ok::<_, quorate::db::Error>(look(c)?)).await.unwrap()
}

/// A receiver that takes longer than a lease lasts.
struct Slow {
    db: Db,
    clock: Clock,
    lease: Duration,
}

impl Slow {
    /// Lets most of a lease pass, and waits until the lease was renewed.
    async fn outlive_a_heartbeat(&self) {
        self.clock.advance(self.lease * 3 / 4);
        let until = self.clock.now() + self.lease;
        while look(&self.db, |c| jobs::table.select(jobs::lease_until).first::<Option<i64>>(c)).await.unwrap()
            < until.as_micros()
        {
            tokio::task::yield_now().await;
        }
    }
}

impl Channel for Slow {
    fn name(&self) -> &str {
        "test"
    }

    fn deliver<'a>(&'a self, _: &'a Message) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(async {
            for _ in 0..3 {
                self.outlive_a_heartbeat().await;
            }
            // As a receiver may send it that isn't what it should be.
            Ok("2\0\u{0}04".to_owned())
        })
    }
}

async fn a_delivery_that_takes_long_keeps_its_lease(Service(app): Service) {
    let policy = LeasePolicy { lease: Duration::from_millis(200), ..POLICY };
    let outbox = Outbox::new(app.db.clone(), app.clock.clone(), policy);
    let id = write(&app, "a", 1).await;
    let slow = Slow { db: app.db.clone(), clock: app.clock.clone(), lease: policy.lease };
    let delivered = tokio::time::timeout(Duration::from_secs(30), outbox.deliver_next("here", &slow));
    assert!(delivered.await.expect("the lease is renewed").unwrap());
    let answer: Option<String> =
        look(&app.db, move |c| messages::table.find(id).select(messages::answer).first(c)).await;
    assert_eq!(answer, Some("204".to_owned()));
}

async fn a_message_that_cannot_be_read_back_is_given_up(Service(app): Service) {
    let unreadable = write(&app, "a", 1).await;
    write(&app, "a", 2).await;
    let spoil = diesel::update(messages::table.find(unreadable)).set(messages::payload.eq("{"));
    assert_eq!(look(&app.db, move |c| spoil.execute(c)).await, 1);
    let receiver = Receiver::default();
    while outbox(&app).deliver_next("here", &receiver).await.unwrap() {}
    assert_eq!(numbers(&receiver, "a"), [2], "without waiting for a lease");
    let given_up = messages::table.find(unreadable).select((messages::abandoned_at, messages::answer));
    let given_up = look(&app.db, move |c| given_up.first::<(Option<i64>, Option<String>)>(c)).await;
    assert_eq!(given_up, (Some(app.clock.now().as_micros()), Some("it could not be read back".to_owned())));
}

async fn a_delivery_whose_message_is_gone_ends(Service(app): Service) {
    let gone = write(&app, "a", 1).await;
    let remove = diesel::delete(messages::table.find(gone));
    assert_eq!(look(&app.db, move |c| remove.execute(c)).await, 1);
    let receiver = Receiver::default();
    assert!(outbox(&app).deliver_next("here", &receiver).await.unwrap());
    assert_eq!(look(&app.db, |c| jobs::table.count().get_result::<i64>(c)).await, 0);
    write(&app, "a", 2).await;
    deliver_all(&app, &receiver).await;
    assert_eq!(numbers(&receiver, "a"), [2]);
}

async fn messages_about_an_erased_person_go_and_stop_no_other(Service(app): Service) {
    let ada: UserId = app.person("Ada").await.id.parse().unwrap();
    write_about(&app, Some(ada), "team", 1).await;
    write_about(&app, Some(ada), "team", 2).await;
    write(&app, "team", 3).await;
    app.records.erase(ada, PASSWORD.to_owned()).await.unwrap();
    assert_eq!(look(&app.db, |c| messages::table.count().get_result::<i64>(c)).await, 1);
    let receiver = Receiver::default();
    deliver_all(&app, &receiver).await;
    assert_eq!(numbers(&receiver, "team"), [3]);
}

async fn what_nobody_delivers_is_given_up_and_what_has_ended_is_removed(Service(app): Service) {
    let hour = Duration::from_secs(3600);
    let outbox = outbox(&app);
    write(&app, "a", 1).await;
    deliver_all(&app, &Receiver::default()).await;
    write(&app, "b", 11).await;
    write(&app, "b", 12).await;
    app.pass(hour * 72);
    assert_eq!(outbox.abandon_unserved().await.unwrap(), 0);
    app.pass(hour);
    assert_eq!(
        Outbox::new(app.db.clone(), app.clock.clone(), POLICY).abandon_unserved().await.unwrap(),
        0,
        "it just started"
    );
    assert_eq!(outbox.abandon_unserved().await.unwrap(), 1, "the next of its key waits from now on");
    app.pass(hour * 24 * 27);
    assert_eq!(outbox.remove_old().await.unwrap(), 1, "what was delivered a month ago");
    app.maintenance.tidy().await;
    app.pass(hour * 24 * 31);
    app.maintenance.tidy().await;
    assert_eq!(look(&app.db, |c| messages::table.count().get_result::<i64>(c)).await, 0);
}

async fn a_channel_is_served_while_a_process_delivers_its_messages(Service(app): Service) {
    let (outbox, minute) = (outbox(&app), Duration::from_secs(60));
    let receiver = Receiver { refuses: BTreeSet::from([1]), ..Receiver::default() };
    let served_at = async || {
        let lane = served_lanes::table.filter(served_lanes::lane.eq("test")).select(served_lanes::served_at);
        look(&app.db, move |c| lane.first::<i64>(c).optional()).await
    };
    assert_eq!(served_at().await, None);
    assert!(!outbox.deliver_next("here", &receiver).await.unwrap());
    let first = app.clock.now();
    app.pass(minute / 2);
    assert!(!outbox.deliver_next("here", &receiver).await.unwrap());
    assert_eq!(served_at().await, Some(first.as_micros()), "it isn't said each time");
    // Somebody looks for messages now and then, so one that has waited for long is not given up.
    write(&app, "a", 1).await;
    app.pass(minute * 60 * 73);
    assert!(outbox.deliver_next("here", &receiver).await.unwrap());
    assert_eq!(served_at().await, Some(app.clock.now().as_micros()));
    assert_eq!(outbox.abandon_unserved().await.unwrap(), 0);
    // A channel that nobody delivers any more is forgotten.
    app.pass(minute * 60 * 73);
    assert_eq!(outbox.abandon_unserved().await.unwrap(), 1);
    assert_eq!(served_at().await, None);
}

async fn a_clock_that_jumps_ahead_gives_up_no_message(Service(app): Service) {
    let (outbox, hour) = (outbox(&app), Duration::from_secs(3600));
    write(&app, "a", 1).await;
    app.pass(hour);
    app.clock.correct(app.clock.now() + hour * 72);
    assert_eq!(outbox.abandon_unserved().await.unwrap(), 0, "nobody had the time to say what is delivered");
    app.pass(hour);
    assert_eq!(outbox.abandon_unserved().await.unwrap(), 1);
}
