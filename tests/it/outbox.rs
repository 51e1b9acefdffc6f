//! Messages for other systems: they leave at least once, in order, and one that can't leave stops no other.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use quorate::jobs::LeasePolicy;
use quorate::outbox::{Channel, Message, NewMessage, Outbox, put};
use serde_json::{Value, json};

use crate::support::{Backend, Database, Fixture, TestApp, for_each_database};

for_each_database![
    what_is_written_leaves_in_the_order_of_its_key,
    a_message_that_cannot_leave_stops_no_other,
    what_is_not_committed_never_leaves,
    a_process_that_dies_while_it_delivers_loses_nothing,
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

const POLICY: LeasePolicy =
    LeasePolicy { lease: Duration::from_secs(20), attempts: 3, retry_after: Duration::from_secs(1) };

async fn write(app: &TestApp, key: &'static str, number: i64) {
    let now = app.clock.now();
    let payload = json!({ "key": key, "number": number });
    let written =
        app.db.write(move |c| put(c, &NewMessage { channel: "test", ordering_key: key, payload: &payload, now }));
    written.await.unwrap();
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
        put(c, &NewMessage { channel: "test", ordering_key: "a", payload: &payload, now })?;
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
