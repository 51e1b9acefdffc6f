//! The mix through a server's queue: handed in at once, until the last verdict is stored.

use std::collections::BTreeMap;

use serde_json::Value;

use super::figures::Figures;
use super::mix::{Case, Mix};
use super::support::{Quorate, moment};

/// The queue takes candidates in turns, so with several it keeps to the order of the mix.
const CANDIDATES: usize = 8;

/// What the queue did with the mix.
pub struct Graded {
    pub figures: Figures,
    /// Seconds from handing in to the first stage, in the order of handing in.
    pub waits_s: Vec<f64>,
    /// Seconds of each stage, by its name, of each case.
    pub stages_s: Vec<BTreeMap<String, f64>>,
}

/// Grades the mix on a server of its own.
pub fn grade(mix: &Mix, workers: usize) -> Graded {
    let run = format!("{workers} workers");
    let quorate = Quorate::start_with(&["--workers", &workers.to_string(), "--graders", "graders"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let graded = runtime.block_on(submissions(&quorate, mix, &run));
    for (case, submission) in mix.cases.iter().zip(&graded) {
        check(mix, case, submission);
    }
    summed(&graded)
}

async fn submissions(quorate: &Quorate, mix: &Mix, run: &str) -> Vec<Value> {
    let mut tokens = Vec::new();
    for number in 0..CANDIDATES {
        tokens.push(quorate.register_as(&format!("candidate{number}")).await);
    }
    for package in &mix.packages {
        quorate.until_ready(&tokens[0], &package.slug).await;
    }
    let mut waiting = Vec::new();
    for (case, token) in mix.cases.iter().zip(tokens.iter().cycle()) {
        let slug = &mix.packages[case.package].slug;
        waiting.push((token, quorate.hand_in(token, slug, &case.files(run)).await));
    }
    let mut graded = Vec::new();
    for (token, id) in waiting {
        graded.push(quorate.finished(token, &id).await);
    }
    graded
}

/// A grader that is fast and wrong has no figures.
fn check(mix: &Mix, case: &Case, submission: &Value) {
    let got = submission["verdict"].as_str().expect("a verdict");
    let right = case.verdict.as_ref().map_or(got != "accepted", |verdict| got == verdict);
    let slug = &mix.packages[case.package].slug;
    let wanted = case.verdict.as_deref().unwrap_or("anything but accepted");
    assert!(right, "{slug}, {}: {got} instead of {wanted}: {}", case.name, submission["reason"]);
}

fn summed(graded: &[Value]) -> Graded {
    let times = |of: fn(&Value) -> &Value| graded.iter().map(|graded| moment(of(graded))).collect::<Vec<f64>>();
    let (created, finished) = (times(|graded| &graded["created_at"]), times(|graded| &graded["finished_at"]));
    let started = times(|graded| &graded["stages"][0]["started_at"]);
    let between = |from: &[f64], to: &[f64]| from.iter().zip(to).map(|(from, to)| to - from).collect::<Vec<f64>>();
    let first = created.iter().copied().fold(f64::INFINITY, f64::min);
    let last = finished.iter().copied().fold(0.0, f64::max);
    Graded {
        figures: Figures {
            wall_s: last - first,
            work_s: between(&started, &finished).into_iter().enumerate().collect(),
        },
        waits_s: between(&created, &started),
        stages_s: graded.iter().map(|graded| stages(&graded["stages"])).collect(),
    }
}

fn stages(stages: &Value) -> BTreeMap<String, f64> {
    let stages = stages.as_array().expect("stages").iter();
    let seconds = |stage: &Value| stage["duration_ms"].as_f64().expect("a duration") / 1000.0;
    stages.map(|stage| (stage["name"].as_str().expect("a name").to_owned(), seconds(stage))).collect()
}
