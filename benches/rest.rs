//! What REST costs over the bare machine: run with `cargo bench --bench rest`.
//!
//! Reading: the same practice question, from quorate and from a bare actix-web handler that returns the same bytes, in turns,
//! by 64 connections. Answering: practice answers by 64 connections, against a bare loop that makes the same insert in the
//! same kind of database, one transaction each.
//!
//! Pages: a lesson, as a browser asks for it, by 64 connections: of visitors, and of somebody who is signed in.

#![expect(
    unreachable_pub,
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a program that ends when anything is amiss"
)]

mod support;

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, RunQueryDsl as _, SqliteConnection};
use support::{Load, Quorate, Server, bare_server_if_asked, drive};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 64;
const QUESTION: &str = "/api/v1/questions/cap/pick-two";
const LESSON: &str = "/topics/cap";

fn main() {
    if bare_server_if_asked() {
        return;
    }
    let quorate = Quorate::start_with(&["--workers", "0"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        reading(&quorate).await;
        answering(&quorate).await;
        pages(&quorate).await;
    });
    println!("resident memory idle: {} MiB, start to ready: {} ms", quorate.idle_mib, quorate.ready_ms);
}

async fn reading(quorate: &Quorate) {
    let body = quorate.get(QUESTION).await;
    let bare = Server::bare(&body);
    let request = format!("GET {QUESTION} HTTP/1.1\r\nhost: bench\r\n\r\n");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(drive(bare.address, CONNECTIONS, ROUND, |_| request.clone()).await);
        ours.push(drive(quorate.address, CONNECTIONS, ROUND, |_| request.clone()).await);
    }
    report("reading a practice question", "quorate", ours, "bare actix-web", theirs);
}

async fn answering(quorate: &Quorate) {
    let token = quorate.register().await;
    let body = r#"{"seed":0,"answer":{"value":true}}"#;
    let request = format!(
        "POST {QUESTION}/answers HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(bare_inserts());
        ours.push(drive(quorate.address, CONNECTIONS, ROUND, |_| request.clone()).await);
    }
    report("answering it, with a durable record", "quorate", ours, "bare insert loop", theirs);
}

async fn pages(quorate: &Quorate) {
    let cookie = quorate.sign_in("reader").await;
    let (mut visitors, mut signed_in) = (Vec::new(), Vec::new());
    let request = |more: &str| format!("GET {LESSON} HTTP/1.1\r\nhost: bench\r\naccept-encoding: gzip\r\n{more}\r\n");
    let (of_visitor, of_reader) = (request(""), request(&format!("cookie: {cookie}\r\n")));
    for _ in 0..ROUNDS {
        visitors.push(drive(quorate.address, CONNECTIONS, ROUND, |_| of_visitor.clone()).await);
        signed_in.push(drive(quorate.address, CONNECTIONS, ROUND, |_| of_reader.clone()).await);
    }
    report("reading a lesson's page", "signed in", signed_in, "visitors", visitors);
}

/// One durable insert a transaction, as fast as one connection goes, into a table like that of practice answers.
fn bare_inserts() -> Load {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bare.db");
    let mut connection = SqliteConnection::establish(&path.to_string_lossy()).expect("a database");
    connection
        .batch_execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);
             INSERT INTO users VALUES ('usr_00000000000000000000000000000000');
             CREATE TABLE answers (id TEXT PRIMARY KEY NOT NULL, user_id TEXT NOT NULL REFERENCES users (id),
                 question TEXT NOT NULL, version TEXT NOT NULL, seed BIGINT NOT NULL, answer TEXT NOT NULL,
                 score INTEGER, max_score INTEGER NOT NULL, answered_at BIGINT NOT NULL);
             CREATE INDEX answers_by_user ON answers (user_id, id);",
        )
        .expect("a table");
    let mut latencies = Vec::new();
    let began = std::time::Instant::now();
    while began.elapsed() < ROUND {
        let one = std::time::Instant::now();
        let id = quorate::id::AnswerId::new();
        diesel::sql_query(format!(
            "INSERT INTO answers VALUES ('{id}', 'usr_00000000000000000000000000000000', 'cap/pick-two',
             'q1_0123456789abcdef', 0, '{{\"value\":true}}', 0, 1000, 1795486959000000)"
        ))
        .execute(&mut connection)
        .expect("an insert");
        latencies.push(one.elapsed());
    }
    Load::new(latencies, began.elapsed())
}

fn report(what: &str, our_name: &str, ours: Vec<Load>, their_name: &str, theirs: Vec<Load>) {
    let (ours, theirs) = (Load::sum(ours), Load::sum(theirs));
    println!("\n{what} ({CONNECTIONS} connections, {ROUNDS} rounds of {} s in turns)", ROUND.as_secs());
    println!("{:<18} {:>10} {:>9} {:>9}", "", "per second", "p50 ms", "p99 ms");
    for (name, load) in [(our_name, &ours), (their_name, &theirs)] {
        println!(
            "{name:<18} {:>10.0} {:>9.2} {:>9.2}",
            load.per_second(),
            load.percentile_ms(50),
            load.percentile_ms(99)
        );
    }
    println!("ratio {:.2}", ours.per_second() / theirs.per_second());
}
