//! The statistics against a second implementation, on generated data: packages from PyPI compute the same figures, and all of them are
//! equal to nine decimal places.

use std::io::Write;
use std::process::{Command, Stdio};

use quorate::bank::Points;
use quorate::statistics::{Agreement, Cohort, Figure, Item, Method, Rating, Response, SetStatistics, weighted_kappa};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;
use serde_json::json;

use crate::support::environment;

const TOLERANCE: f64 = 1e-9;
const PROGRAM: &str = "tests/it/statistics/second.py";

/// Generated attempts. What is worth how much, and who was asked what, differs from one kind of data to the other.
struct Data {
    /// What each item is worth, in whole points.
    maxima: Vec<u32>,
    /// For each attempt, the items that it asks in the order of its slots, each with its score and the seconds spent.
    attempts: Vec<Vec<Answer>>,
}

struct Answer {
    item: usize,
    score: u32,
    seconds: u32,
}

/// What the second implementation found.
#[derive(Debug, Deserialize)]
struct Second {
    items: SecondItems,
    whole: Whole,
    /// The quartiles of each item.
    times: Vec<[f64; 3]>,
    kappa: Kappa,
}

#[derive(Debug, Deserialize)]
struct SecondItems {
    n: Vec<usize>,
    facility: Vec<f64>,
    discrimination: Vec<f64>,
}

#[derive(Debug, Deserialize)]
struct Whole {
    mean: f64,
    standard_deviation: f64,
    alpha: f64,
    standard_error: f64,
    percentile_rank: f64,
    histogram: Vec<usize>,
}

#[derive(Debug, Deserialize)]
struct Kappa {
    cohen: f64,
    both_orders: f64,
}

impl Data {
    /// Candidates of different strength. Each is asked `asked` of the items, which are drawn if that isn't all.
    fn generate(rng: &mut StdRng, attempts: usize, maxima: Vec<u32>, asked: usize) -> Self {
        let difficulties: Vec<f64> = maxima.iter().map(|_| rng.random_range(-0.3..0.3)).collect();
        let attempts = (0..attempts).map(|_| {
            let strength = rng.random_range(0.2..0.8);
            let mut items: Vec<_> = (0..maxima.len()).collect();
            while items.len() > asked {
                items.remove(rng.random_range(0..items.len()));
            }
            let answer = |item: usize| {
                let right = |rng: &mut StdRng| rng.random_range(0.0..1.0) < strength + difficulties[item];
                let score = (0..maxima[item]).filter(|_| right(rng)).count();
                Answer { item, score: u32::try_from(score).unwrap(), seconds: rng.random_range(5..900) }
            };
            items.into_iter().map(answer).collect()
        });
        let attempts = attempts.collect();
        Self { maxima, attempts }
    }

    fn cohort(&self) -> Cohort {
        let item = |item: usize| Item { id: item.to_string(), options: vec![] };
        let mut cohort = Cohort::new((0..self.maxima.len()).map(item).collect());
        for attempt in &self.attempts {
            let response = |answer: &Answer| Response {
                item: answer.item.to_string(),
                score: points(answer.score),
                max_score: points(self.maxima[answer.item]),
                chosen: vec![],
                seconds: Some(answer.seconds),
            };
            cohort.add(attempt.iter().map(response).collect()).unwrap();
        }
        cohort
    }

    /// The scores of all items, with nothing where an item was not asked.
    fn table(&self) -> Vec<Vec<Option<u32>>> {
        let score =
            |attempt: &[Answer], item| attempt.iter().find(|answer| answer.item == item).map(|answer| answer.score);
        self.attempts.iter().map(|attempt| (0..self.maxima.len()).map(|item| score(attempt, item)).collect()).collect()
    }

    fn slots(&self) -> Vec<Vec<u32>> {
        self.attempts.iter().map(|attempt| attempt.iter().map(|answer| answer.score).collect()).collect()
    }

    fn seconds(&self) -> Vec<Vec<u32>> {
        let answers = || self.attempts.iter().flatten();
        let of = |item| answers().filter(|answer| answer.item == item).map(|answer| answer.seconds).collect();
        (0..self.maxima.len()).map(of).collect()
    }
}

fn points(points: u32) -> Points {
    Points::from_thousandths(1_000 * points)
}

/// Pairs of levels from 0 to 4, of which the second is often near the first.
fn levels(rng: &mut StdRng) -> Vec<(u8, u8)> {
    let pair = |_| {
        let one = rng.random_range(0..=4_u8);
        (one, (one + rng.random_range(0..=2_u8)).saturating_sub(1).min(4))
    };
    (0..120).map(pair).collect()
}

fn second(asked: &serde_json::Value) -> Second {
    let mut program = Command::new(environment::statistics());
    let mut child = program.arg(PROGRAM).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{PROGRAM} failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn same(what: &str, ours: &Figure<f64>, theirs: f64) {
    let ours = *ours.get().unwrap_or_else(|why| panic!("{what}: withheld, {why:?}"));
    assert!((ours - theirs).abs() < TOLERANCE, "{what}: {ours}, the other has {theirs}");
}

/// Compares all figures of the data, and of generated levels of reviewers.
fn compare(data: &Data, rng: &mut StdRng, method: Method) {
    let (cohort, pairs) = (data.cohort(), levels(rng));
    let ours = SetStatistics::of(&cohort);
    let histogram = ours.scores.distribution.get().unwrap();
    let whole_points = |points: Points| points.thousandths() / 1_000;
    // The last edge is above the maximum, because the maximum may have a bin of its own.
    let edges = histogram.bins.iter().map(|bin| whole_points(bin.from)).chain([whole_points(histogram.max_score) + 1]);
    let score = data.slots()[0].iter().sum::<u32>();
    let theirs = second(&json!({
        "scores": data.table(), "maxima": data.maxima, "slots": data.slots(), "edges": edges.collect::<Vec<_>>(),
        "score": score, "seconds": data.seconds(), "pairs": pairs,
    }));

    assert_eq!(ours.items.iter().map(|item| item.attempts).collect::<Vec<_>>(), theirs.items.n);
    for (place, item) in ours.items.iter().enumerate() {
        same("facility", &item.facility, theirs.items.facility[place]);
        same("discrimination", &item.discrimination, theirs.items.discrimination[place]);
        let time = item.time.get().unwrap();
        let quartiles = [time.lower_quartile, time.median, time.upper_quartile];
        let near = quartiles.iter().zip(theirs.times[place]).all(|(ours, theirs)| (ours - theirs).abs() < TOLERANCE);
        assert!(near, "{quartiles:?}, the other has {:?}", theirs.times[place]);
    }
    let (scores, whole) = (&ours.scores, &theirs.whole);
    same("mean", &scores.mean, whole.mean);
    same("standard deviation", &scores.standard_deviation, whole.standard_deviation);
    same("standard error", &scores.standard_error, whole.standard_error);
    let reliability = scores.reliability.get().unwrap();
    assert_eq!(reliability.method, method);
    assert!((reliability.value - whole.alpha).abs() < TOLERANCE, "{reliability:?}, the other has {}", whole.alpha);
    same("percentile", &cohort.percentile_rank(points(score), histogram.max_score), whole.percentile_rank);
    assert_eq!(histogram.bins.iter().map(|bin| bin.count).collect::<Vec<_>>(), whole.histogram);

    same("kappa", &weighted_kappa(&pairs), theirs.kappa.cohen);
    let agreement = Agreement::of(&ratings(&pairs));
    same("kappa of a pair", &agreement.pairs[0].kappa, theirs.kappa.cohen);
    same("kappa of a reviewer", &agreement.raters[1].kappa, theirs.kappa.cohen);
    same("kappa of all", &agreement.overall, theirs.kappa.both_orders);
}

fn ratings(pairs: &[(u8, u8)]) -> Vec<Rating> {
    let of = |(answer, (one, other)): (usize, &(u8, u8))| {
        [("ada", *one), ("bob", *other)].map(|(rater, level)| Rating {
            rater: rater.to_owned(),
            answer: answer.to_string(),
            level,
        })
    };
    pairs.iter().enumerate().flat_map(of).collect()
}

#[test]
fn right_and_wrong_answers_have_the_figures_of_the_second_implementation() {
    let mut rng = StdRng::seed_from_u64(1);
    let data = Data::generate(&mut rng, 200, vec![1; 12], 12);
    compare(&data, &mut rng, Method::Kr20);
}

#[test]
fn items_of_different_worth_have_the_figures_of_the_second_implementation() {
    let mut rng = StdRng::seed_from_u64(2);
    let data = Data::generate(&mut rng, 137, vec![1, 2, 3, 4, 5, 6, 2, 10], 8);
    compare(&data, &mut rng, Method::Alpha);
}

#[test]
fn items_drawn_from_a_pool_have_the_figures_of_the_second_implementation() {
    let mut rng = StdRng::seed_from_u64(3);
    let data = Data::generate(&mut rng, 300, vec![4; 15], 6);
    compare(&data, &mut rng, Method::Alpha);
}
