//! Throughput of a mixed load beside bare cargo: run with `cargo bench --bench throughput`, perhaps with `-- SLUG…` for some packages.
//!
//! All samples of all packages, right and wrong, with the solutions and the starters: through the queue of a server with one worker
//! and with two, and with `cargo test --offline` one at a time and two at a time. Every verdict is checked.

#![expect(
    unreachable_pub,
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a program that ends when anything is amiss"
)]

mod bare;
mod figures;
mod mix;
mod queue;
#[path = "../support/mod.rs"]
mod support;
mod table;

use std::time::Instant;

use bare::Target;
use mix::Mix;

/// What the goal is measured with.
const AT_ONCE: [usize; 2] = [1, 2];

fn main() {
    let began = Instant::now();
    let slugs: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mix = Mix::read(&slugs);
    let cores = std::thread::available_parallelism().expect("cores").get();
    println!("{} submissions for {} packages, on {cores} cores", mix.cases.len(), mix.packages.len());
    let graded = AT_ONCE.map(|workers| queue::grade(&mix, workers));
    let cold = AT_ONCE.map(|at_once| bare::test(&mix, at_once, Target::Cold));
    let warm = AT_ONCE.map(|at_once| bare::test(&mix, at_once, Target::Warm));
    println!("\n{}", table::throughput(&mix, &graded, &cold, &warm, cores));
    for (workers, graded) in AT_ONCE.iter().zip(&graded) {
        println!("\n{workers} worker(s): {}", table::queue(graded));
        println!("{}", table::stages(&mix, graded));
    }
    println!("\nall of it took {:.0} s", began.elapsed().as_secs_f64());
}
