//! `quorate bench`: figures of this machine.
//!
//! `prepare` prepares every package from nothing, and again with nothing changed.
//!
//! `grade` measures what grading costs over the bare machine, by the package's solution or by all right answers that it brings, in each
//! round with another statement in the body of a function. It takes turns with the same crate and the same hidden tests: submitted to a
//! queue in a database of its own, up to the stored verdict, sandbox included; and `cargo test --offline` in a plain folder without a sandbox,
//! warm (everything is built except the candidate's source, which has changed) and cold (nothing is built). Each round submits the crate
//! twice: with one more constant, which no submission had before, so that its shape is new; and without it, a shape that was handed in before.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::error::{CliError, exit, exit_code};
use super::grader_args::{GraderArgs, find_package};
use super::runtime::{Threads, block_on};
use super::style::Style;
use crate::accounts::{NewAccount, Registration, Viewer};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Error;
use crate::exercises::{self, Availability};
use crate::grader::{self, Bare, Grader, Package, Prepared, SubmittedFiles, unpack};
use crate::id::UserId;
use crate::jobs::LeasePolicy;
use crate::services::{Services, StartError};
use crate::submissions::{self, NewSubmission, Submission, Verdict};
use crate::worker::{Status, Worker, WorkerBuilder};

/// How long to wait for one grading.
const PATIENCE: Duration = Duration::from_secs(120);
const MILLIS: f64 = 1000.0;
/// The folder of the design that is always measured.
const SOLUTION: &str = "solution";

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Grade solutions of packages, in turns with `cargo test --offline` on the bare machine
    Grade(Grade),
    /// Prepare every package from nothing in a folder that is thrown away, and again with nothing changed
    Prepare(GraderArgs),
}

#[derive(clap::Args)]
struct Grade {
    /// The packages to measure, by slug
    #[arg(default_value = "vector-clock")]
    packages: Vec<String>,
    /// Gradings and warm runs of each
    #[arg(long, default_value_t = 20, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Cold runs of each
    #[arg(long, default_value_t = 3, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..))]
    cold: u32,
    /// Measure each sample that is accepted as well, since other designs have other types
    #[arg(long)]
    samples: bool,
    #[command(flatten)]
    grader: GraderArgs,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    let outcome = match arguments.what {
        What::Grade(arguments) => {
            block_on(&Threads::EachProcessor, grade(arguments)).map_err(CliError::internal).flatten()
        }
        What::Prepare(args) => prepare(&args),
    };
    exit_code(outcome.map(|()| exit::GOOD))
}

async fn grade(arguments: Grade) -> Result<(), CliError> {
    let config = arguments.grader.config()?;
    let (registry, grader) = arguments.grader.open()?;
    let packages =
        arguments.packages.iter().map(|name| find_package(&registry, name)).collect::<Result<Vec<_>, _>>()?;
    let folder = tempfile::tempdir().map_err(CliError::internal)?;
    let database_url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let server = Server::start(Config { database_url, ..config }).await.map_err(CliError::internal)?;
    let mut ratios = Vec::new();
    for package in &packages {
        let prepared = grader.prepare(package).map_err(CliError::internal)?;
        for design in designs(package, arguments.samples)? {
            let times = measure(&server, &grader, &prepared, &design, &arguments).await?;
            let name = format!("{}/{design}", package.slug);
            println!("{}", times.table(&name, Style::for_stdout()));
            ratios.push(times.over_warm());
        }
    }
    server.worker.stop().await;
    println!("{}", over_all(&ratios));
    Ok(())
}

/// How all designs together compare with bare cargo.
fn over_all(ratios: &[[f64; 2]]) -> String {
    let of = |which: usize| -> Vec<f64> { ratios.iter().filter_map(|ratio| ratio.get(which).copied()).collect() };
    let told = |(name, times): (&str, Vec<f64>)| {
        format!("{name} {:.2} at the median, {:.2} at worst", percentile(&times, 50), percentile(&times, 100))
    };
    let [new, seen] = [("of a new shape", of(0)), ("of a shape seen before", of(1))].map(told);
    format!("all designs ({}) over cargo test, warm: {new}; {seen}", ratios.len())
}

/// The folders of the right answers that a package brings.
fn designs(package: &Package, samples: bool) -> Result<Vec<String>, CliError> {
    let mut designs = vec![SOLUTION.to_owned()];
    if samples {
        let samples =
            package.samples().map_err(|mistakes| CliError::usage(format!("{}: {mistakes:?}", package.slug)))?;
        let accepted = samples.into_iter().filter(|sample| sample.expected.verdict == grader::Verdict::Accepted);
        designs.extend(accepted.map(|sample| format!("samples/{}", sample.name)));
    }
    Ok(designs)
}

/// The same crate as somebody hands it in who has worked on it: another statement in the body of its first function.
/// `None` where there is no function.
fn worked_on(files: &SubmittedFiles, round: u32) -> Option<SubmittedFiles> {
    let body = |(path, text): (&str, &str)| {
        let mut functions = text.match_indices("fn ").filter(|_| path.starts_with("src/"));
        // One that a trait asks for has a semicolon in the place of a body.
        let body = functions.find_map(|(at, _)| {
            let end = at + text.get(at..)?.find(['{', ';'])?;
            text.get(end..)?.starts_with('{').then_some(end + 1)
        })?;
        let (before, after) = text.split_at_checked(body)?;
        Some((path.to_owned(), format!("{before} let _round = {round}; {after}")))
    };
    let (path, text) = files.iter().find_map(body)?;
    Some(files.clone().with(&path, text))
}

/// The same crate in a shape that nobody has handed in before: with a constant more. `None` where there is no `src/lib.rs`.
fn of_new_shape(files: &SubmittedFiles, round: u32) -> Option<SubmittedFiles> {
    let root = files.get("src/lib.rs")?;
    Some(files.clone().with("src/lib.rs", format!("{root}\nconst _ROUND_{round}: () = ();\n")))
}

fn prepare(args: &GraderArgs) -> Result<(), CliError> {
    let folder = tempfile::tempdir().map_err(CliError::internal)?;
    let (registry, grader) = args.open_in(folder.path().to_owned())?;
    let style = Style::for_stdout();
    println!("{:<28} {:>12} {:>10} {:>9}", style.bold("prepared"), "from nothing", "unchanged", "on disk");
    let mut sum = [Duration::ZERO; 2];
    let mut bytes = 0;
    for package in registry.iter() {
        let mut times = [Duration::ZERO; 2];
        for (took, all) in times.iter_mut().zip(&mut sum) {
            let began = Instant::now();
            grader.prepare(package).map_err(CliError::internal)?;
            *took = began.elapsed();
            *all += *took;
        }
        let size = size(&folder.path().join("prepared")).map_err(CliError::internal)?;
        println!("{}", prepared_row(package.slug.as_str(), times, size - bytes));
        bytes = size;
    }
    println!("{}", prepared_row("all", sum, bytes));
    Ok(())
}

fn prepared_row(name: &str, [first, again]: [Duration; 2], bytes: u64) -> String {
    let (seconds, millis, kib) = (first.as_secs_f64(), again.as_secs_f64() * MILLIS, bytes >> 10);
    format!("  {name:<26} {seconds:>9.1} s {millis:>7.0} ms {kib:>5} KiB")
}

/// The size of all files under a folder, in bytes.
fn size(folder: &Path) -> std::io::Result<u64> {
    std::fs::read_dir(folder)?.try_fold(0, |sum, entry| {
        let entry = entry?;
        let kept = entry.metadata()?;
        Ok(sum + if kept.is_dir() { size(&entry.path())? } else { kept.len() })
    })
}

/// Everything that `serve` starts, except the web server.
struct Server {
    services: Services,
    user: UserId,
    worker: Worker,
}

impl Server {
    async fn start(config: Config) -> Result<Self, StartError> {
        let services = Services::open(&config, Clock::system())?;
        let form = Registration {
            email: "bench@quorate.invalid".to_owned(),
            password: "measures and forgets".to_owned(),
            display_name: "bench".to_owned(),
        };
        let user = services.accounts.register(NewAccount::try_from(form).map_err(Error::from)?).await?.user.id;
        let (clock, queue) = (services.clock.clone(), services.submissions.queue(LeasePolicy::default()));
        let (exercises, status) = (services.exercises.clone(), Status::default());
        let worker = WorkerBuilder { config, clock, queue, exercises, status }.start(1).await?;
        Ok(Self { services, user, worker })
    }

    async fn until_ready(&self, slug: &str) -> Result<(), CliError> {
        loop {
            let Availability { state, reason } =
                self.services.exercises.exercise(slug).map_err(CliError::internal)?.summary.availability;
            match state {
                exercises::State::Ready => return Ok(()),
                exercises::State::Preparing => tokio::time::sleep(Duration::from_millis(50)).await,
                exercises::State::Unavailable => return Err(CliError::internal(reason.unwrap_or_default())),
            }
        }
    }

    /// Waits until the worker has made a cache for the shape of files, or has found that it can't.
    async fn until_seen(&self, grader: &Grader, prepared: &Prepared, files: &SubmittedFiles) -> Result<(), CliError> {
        let until = Instant::now() + PATIENCE;
        while !grader.has_seen_shape(prepared, files, grader::Mode::Graded).map_err(CliError::internal)? {
            if Instant::now() > until {
                return Err(CliError::internal(format!("{}: no cache is made for a shape", prepared.package.slug)));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Submits files and waits for the verdict. It is an error if they aren't accepted.
    async fn grade(&self, slug: &str, files: &SubmittedFiles) -> Result<(Duration, Submission), CliError> {
        self.until_ready(slug).await?;
        let new = NewSubmission {
            user: self.user,
            exercise: slug.to_owned(),
            mode: submissions::Mode::Graded,
            item: None,
            files: files.iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect(),
        };
        let began = Instant::now();
        let submission = self.services.submissions.hand_in(new).await.map_err(CliError::internal)?;
        let id = submission.summary.id;
        let submission = self
            .services
            .submissions
            .wait(Viewer::Person(self.user), id, PATIENCE)
            .await
            .map_err(CliError::internal)?;
        let took = began.elapsed();
        match submission.summary.verdict {
            Some(Verdict::Accepted) => Ok((took, submission)),
            _ => Err(CliError::internal(format!(
                "{slug}: what its package says is right is not accepted: {:?}",
                submission.report
            ))),
        }
    }
}

/// How long each run took, in milliseconds.
#[derive(Default)]
struct Times {
    new: Vec<f64>,
    seen: Vec<f64>,
    warm: Vec<f64>,
    cold: Vec<f64>,
    floor: Vec<f64>,
    stages: BTreeMap<String, Vec<f64>>,
}

async fn measure(
    server: &Server,
    grader: &Grader,
    prepared: &Prepared,
    design: &str,
    how: &Grade,
) -> Result<Times, CliError> {
    let slug = prepared.package.slug.as_str();
    let answer = unpack::from_folder(&prepared.package.folder.join(design))
        .map_err(|refusals| CliError::usage(format!("{slug}: {refusals:?}")))?
        .over(prepared.package.starter().map_err(CliError::internal)?);
    let bare = Bare::new(grader, prepared).map_err(CliError::internal)?;
    prepared.forget_shapes().map_err(CliError::internal)?;
    let mut times = Times::default();
    let millis = |duration: Duration| duration.as_secs_f64() * MILLIS;
    for round in 0..=how.rounds {
        let files = worked_on(&answer, round)
            .ok_or_else(|| CliError::usage(format!("{slug}: {design} has no function in src/ to change")))?;
        bare.put(&files).map_err(CliError::internal)?;
        let warm = bare.test().map_err(CliError::internal)?;
        let floor = bare.floor().map_err(CliError::internal)?;
        let other = of_new_shape(&files, round)
            .ok_or_else(|| CliError::usage(format!("{slug}: {design} has no src/lib.rs to add to")))?;
        let (new, _) = server.grade(slug, &other).await?;
        server.until_seen(grader, prepared, &other).await?;
        let (seen, submission) = server.grade(slug, &files).await?;
        server.until_seen(grader, prepared, &files).await?;
        if round == 0 {
            continue; // All caches are filled now.
        }
        times.warm.push(millis(warm));
        times.floor.extend(floor.map(millis));
        times.new.push(millis(new));
        times.seen.push(millis(seen));
        for stage in submission.report.stages {
            times
                .stages
                .entry(stage.name.as_str().to_owned())
                .or_default()
                .push(millis(Duration::from_millis(stage.duration_ms)));
        }
    }
    for _ in 0..how.cold {
        bare.forget().map_err(CliError::internal)?;
        times.cold.push(millis(bare.test().map_err(CliError::internal)?));
    }
    Ok(times)
}

impl Times {
    /// How long a grading takes over a warm `cargo test`, by the medians: of a new shape, and of one seen before.
    fn over_warm(&self) -> [f64; 2] {
        [&self.new, &self.seen].map(|ours| percentile(ours, 50) / percentile(&self.warm, 50))
    }

    fn table(&self, slug: &str, style: Style) -> String {
        let rows = [
            ("quorate, a new shape", &self.new),
            ("quorate, a shape seen before", &self.seen),
            ("cargo test, warm", &self.warm),
            ("cargo test, cold", &self.cold),
            ("rustc and linker alone", &self.floor),
        ];
        let row = |(name, times): (&str, &Vec<f64>)| {
            let (median, p95) = (percentile(times, 50), percentile(times, 95));
            let [new, seen] = [&self.new, &self.seen].map(|ours| percentile(ours, 50) / median);
            format!("  {name:<32} {median:>9.0} {p95:>9.0} {new:>9.3} {seen:>9.3}")
        };
        let heading = format!("  {:<32} {:>9} {:>9} {:>9} {:>9}", "", "median ms", "p95 ms", "new over", "seen over");
        let rows = rows.into_iter().filter(|(_, times)| !times.is_empty()).map(row);
        let stage = |(name, times): (&String, &Vec<f64>)| format!("{name} {:.0} ms", percentile(times, 50));
        let stages: Vec<String> = self.stages.iter().map(stage).collect();
        let title = format!("{}: {} rounds, {} cold", style.bold(slug), self.seen.len(), self.cold.len());
        let stages = format!("  stages of a shape seen before (build and link overlap): {}", stages.join(", "));
        [title, heading].into_iter().chain(rows).chain([stages]).collect::<Vec<_>>().join("\n")
    }
}

/// The smallest of `times` that `percent` percent of them don't exceed.
fn percentile(times: &[f64], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
