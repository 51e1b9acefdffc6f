//! Grading under load: run with `cargo bench --bench load`.
//!
//! Throughput with one worker and with two, for eight candidates; how long a submission waits; whether a candidate with fifty
//! submissions delays one with one; and whether the same submission always gets the same verdict on a machine whose cores have
//! twice as much to do as they can.

#![expect(
    unreachable_pub,
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a program that ends when anything is amiss"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command};
use std::time::Instant;

use support::{Quorate, bare_server_if_asked, moment};

const EXERCISE: &str = "vector-clock";
const CANDIDATES: usize = 8;
const SUBMISSIONS: usize = 10;
const MANY: usize = 50;
const SAME: usize = 200;

fn main() {
    if bare_server_if_asked() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for workers in ["1", "2"] {
        let quorate = Quorate::start_with(&["--workers", workers, "--graders", "graders"]);
        runtime.block_on(async {
            throughput(&quorate, workers).await;
            fairness(&quorate).await;
            if workers == "2" {
                sameness(&quorate).await;
            }
        });
    }
}

async fn throughput(quorate: &Quorate, workers: &str) {
    let mut tokens = Vec::new();
    for number in 0..CANDIDATES {
        tokens.push(quorate.register_as(&format!("candidate{number}")).await);
    }
    quorate.until_ready(&tokens[0], EXERCISE).await;
    let began = Instant::now();
    let mut submissions = Vec::new();
    for round in 0..SUBMISSIONS {
        for token in &tokens {
            submissions.push((token, hand_in(quorate, token, round).await));
        }
    }
    let mut waits = Vec::new();
    for (token, id) in &submissions {
        let graded = quorate.finished(token, id).await;
        waits.push(moment(&graded["stages"][0]["started_at"]) - moment(&graded["created_at"]));
    }
    let cores = std::thread::available_parallelism().expect("cores").get() as f64;
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    waits.sort_by(f64::total_cmp);
    println!("\n{workers} worker(s), {CANDIDATES} candidates with {SUBMISSIONS} submissions each, handed in at once");
    println!("{:.0} submissions a core-minute", submissions.len() as f64 / minutes / cores);
    println!(
        "wait in the queue: {:.1} s at the median, {:.1} s at most",
        waits[waits.len() / 2],
        waits[waits.len() - 1]
    );
}

async fn fairness(quorate: &Quorate) {
    let (many, one) = (quorate.register_as("many").await, quorate.register_as("one").await);
    let mut all = Vec::new();
    for round in 0..MANY {
        all.push(hand_in(quorate, &many, round).await);
    }
    let alone = hand_in(quorate, &one, 0).await;
    let alone = quorate.finished(&one, &alone).await;
    let mut before = 0;
    for id in &all {
        let graded = quorate.finished(&many, id).await;
        let ended = moment(&graded["finished_at"]);
        before += usize::from(ended > moment(&alone["created_at"]) && ended < moment(&alone["finished_at"]));
    }
    println!("one submission behind {MANY} of another candidate: {before} of them ended before it");
}

/// With two programs for each core that do nothing but count.
async fn sameness(quorate: &Quorate) {
    let cores = std::thread::available_parallelism().expect("cores").get();
    let busy: Vec<Busy> = (0..cores * 2).map(|_| Busy::start()).collect();
    let token = quorate.register_as("same").await;
    let mut ids = Vec::new();
    for _ in 0..SAME {
        ids.push(hand_in(quorate, &token, 0).await);
    }
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for id in &ids {
        let graded = quorate.finished(&token, id).await;
        let outcome = format!("{} {}/{}", graded["verdict"], graded["score"], graded["max_score"]);
        *outcomes.entry(outcome).or_default() += 1;
    }
    drop(busy);
    println!("the same submission {SAME} times, cores oversubscribed: {outcomes:?}");
}

/// A program that is always busy, until it is dropped.
struct Busy(Child);

impl Busy {
    fn start() -> Self {
        Self(Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("a shell"))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn hand_in(quorate: &Quorate, token: &str, round: usize) -> String {
    let path = format!("graders/{EXERCISE}/solution/src/lib.rs");
    let text = format!("{}\n// round {round}\n", fs::read_to_string(path).expect("a solution"));
    quorate.hand_in(token, EXERCISE, &BTreeMap::from([("src/lib.rs".to_owned(), text)])).await
}
