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
use figures::Figures;
use mix::Mix;

const AT_ONCE: [usize; 2] = [1, 2];
/// Bare cargo does all cases only for the ratio. For what it is told beside, every third case of a package must do, or all would
/// take a quarter of an hour.
const SOME: usize = 3;

fn main() {
    let began = Instant::now();
    let slugs: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let mix = Mix::read(&slugs);
    let cores = std::thread::available_parallelism().expect("cores").get();
    println!("{} submissions for {} packages, on {cores} cores", mix.cases.len(), mix.packages.len());
    let graded = AT_ONCE.map(|workers| {
        let graded = queue::grade(&mix, workers);
        told(&format!("quorate, {workers} worker(s)"), &graded.figures);
        graded
    });
    let bare = |target: Target, at_once: usize, step: usize| {
        let cases = mix.every(step);
        let figures = bare::test(&mix, &cases, at_once, target);
        told(&format!("cargo test, {target:?}, {at_once} at once, {} of them", cases.len()), &figures);
        figures
    };
    let cold = [bare(Target::Cold, 1, SOME), bare(Target::Cold, 2, 1)];
    let warm = [bare(Target::Warm, 1, SOME), bare(Target::Warm, 2, SOME)];
    println!("\n{}", table::throughput(&mix, &graded, &cold, &warm, cores));
    for (workers, graded) in AT_ONCE.iter().zip(&graded) {
        println!("\n{workers} worker(s): {}", table::queue(graded));
        println!("{}", table::stages(&mix, graded));
    }
    println!("\nall of it took {:.0} s", began.elapsed().as_secs_f64());
}

fn told(run: &str, figures: &Figures) {
    println!("{run}: {:.1} s", figures.wall_s);
}
