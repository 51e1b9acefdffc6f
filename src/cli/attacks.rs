//! `quorate check --attacks`: hands hostile submissions to this machine's own sandbox and prints what became of each.
//!
//! An attack is a folder with the submitted files and an `attack.toml` (see `tests/attacks/README.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::error::CliError;
use super::grader_args::{GraderArgs, find_package};
use super::style::Style;
use crate::grader::{Grader, Limits, Mode, Prepared, Registry, Report, Verdict, parse_duration, parse_size, unpack};

/// The contents of an `attack.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    group: Group,
    title: String,
    /// What the attack tries to do, for the reader of the file.
    #[serde(rename = "tries")]
    _tries: String,
    /// The slug of the package that it is submitted to.
    package: String,
    /// The verdicts that are right for it.
    verdict: Vec<String>,
    max_score: Option<u32>,
    /// Words that must not occur in anything that a candidate sees.
    absent: Vec<String>,
    /// Why the attack still works, if that is known. It must then keep working, so that a remedy is noticed.
    known: Option<String>,
    /// Limits that replace those of the package, to keep the run short.
    #[serde(default)]
    limits: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Group {
    Forging,
    Reading,
    Exhausting,
    Escaping,
}

impl Group {
    const fn name(self) -> &'static str {
        match self {
            Self::Forging => "forging",
            Self::Reading => "reading",
            Self::Exhausting => "exhausting",
            Self::Escaping => "escaping",
        }
    }
}

/// What became of one attack.
enum Outcome {
    /// The attack was stopped, as it should be.
    Stopped,
    /// The attack works, and that is known.
    Known,
    /// The report isn't the expected one, or the attack is known to work and doesn't. Says what is wrong.
    Wrong(String),
}

/// Lets all attacks of `folder` whose names begin with one of `names` try, all if there are none, and prints what became of
/// each. Says whether every one got what it should.
pub(super) fn run(folder: &Path, names: &[String], args: &GraderArgs, style: Style) -> Result<bool, CliError> {
    let attacks = read(folder, names)?;
    let (registry, grader) = args.open()?;
    let mut prepared = BTreeMap::new();
    for (_, attack) in &attacks {
        if !prepared.contains_key(&attack.package) {
            prepared.insert(attack.package.clone(), prepare(&registry, &grader, &attack.package)?);
        }
    }
    let before = honest_work(&grader, &prepared)?;
    let mut sums: BTreeMap<Group, [usize; 3]> = BTreeMap::new();
    for (name, attack) in &attacks {
        let Some(package) = prepared.get(&attack.package) else { continue };
        let report = grade(&grader, package, &folder.join(name), &attack.limits)?;
        let outcome = judge(attack, &report);
        let [stopped, known, wrong] = sums.entry(attack.group).or_default();
        let (sign, count) = match &outcome {
            Outcome::Stopped => (style.good("ok "), stopped),
            Outcome::Known => (style.faint("known"), known),
            Outcome::Wrong(_) => (style.bad("not"), wrong),
        };
        *count += 1;
        println!("  {sign}  {name:<48} {:<16} {}", report.verdict.as_str(), style.faint(&attack.title));
        if let Outcome::Wrong(complaint) = outcome {
            println!("         {}", style.bad(&complaint));
        }
    }
    let after = honest_work(&grader, &prepared)?;
    after.complaints.iter().for_each(|complaint| println!("{}", style.bad(complaint)));
    println!("honest work: {} ms before, {} ms after", before.took.as_millis(), after.took.as_millis());
    for (group, [stopped, known, wrong]) in &sums {
        println!("{}: {stopped} stopped, {known} known to work, {wrong} with a wrong result", style.bold(group.name()));
    }
    Ok(after.complaints.is_empty() && sums.values().all(|[_, _, wrong]| *wrong == 0))
}

/// Reads the attacks, each with the name of its folder.
fn read(folder: &Path, names: &[String]) -> Result<Vec<(String, Attack)>, CliError> {
    let unreadable =
        |path: &Path, error: &dyn std::fmt::Display| CliError::usage(format!("{}: {error}", path.display()));
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    let mut attacks = Vec::new();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.is_empty() && !names.iter().any(|wanted| name.starts_with(wanted.as_str())) {
            continue;
        }
        let path = folder.join("attack.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        attacks.push((name, toml::from_str(&text).map_err(|error| unreadable(&path, &error))?));
    }
    if attacks.is_empty() {
        return Err(CliError::usage(format!("{}: no such attacks", folder.display())));
    }
    Ok(attacks)
}

fn prepare(registry: &Registry, grader: &Grader, name: &str) -> Result<Prepared, CliError> {
    grader.prepare(&find_package(registry, name)?).map_err(CliError::internal)
}

fn grade(
    grader: &Grader,
    prepared: &Prepared,
    folder: &Path,
    limits: &BTreeMap<String, toml::Value>,
) -> Result<Report, CliError> {
    let mut prepared = prepared.clone();
    for (name, value) in limits {
        set(&mut prepared.package.limits, name, value)
            .map_err(|reason| CliError::usage(format!("{}: {reason}", folder.display())))?;
    }
    match unpack::from_folder(folder) {
        Ok(files) => grader.grade(&prepared, &files, Mode::Graded, &mut |_| {}).map_err(CliError::internal),
        Err(refusals) => Ok(grader.refuse(&prepared, Mode::Graded, &refusals)),
    }
}

fn set(limits: &mut Limits, name: &str, value: &toml::Value) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    match name {
        "build_wall" => limits.build_wall = parse_duration(text)?,
        "test_wall" => limits.test_wall = parse_duration(text)?,
        "test_cpu" => limits.test_cpu = parse_duration(text)?,
        "build_memory" => limits.build_memory_bytes = parse_size(text)?,
        "memory" => limits.memory_bytes = parse_size(text)?,
        "output" => limits.output_bytes = parse_size(text)?,
        "disk" => limits.disk_bytes = parse_size(text)?,
        "processes" => {
            let count = value.as_integer().and_then(|count| u32::try_from(count).ok());
            limits.processes = count.ok_or("processes is a whole number")?;
        }
        _ => return Err(format!("there is no limit {name}")),
    }
    Ok(())
}

fn judge(attack: &Attack, report: &Report) -> Outcome {
    match (&attack.known, complaint(attack, report)) {
        (None, None) => Outcome::Stopped,
        (Some(_), Some(_)) => Outcome::Known,
        (Some(_), None) => Outcome::Wrong("it doesn't work any more: remove `known`".to_owned()),
        (None, Some(complaint)) => Outcome::Wrong(complaint),
    }
}

/// What is wrong with the report on an attack, or nothing.
fn complaint(attack: &Attack, report: &Report) -> Option<String> {
    let told = serde_json::to_string(report).unwrap_or_default();
    let leaked: BTreeSet<&str> = attack.absent.iter().map(String::as_str).filter(|word| told.contains(*word)).collect();
    let verdict = report.verdict.as_str();
    if !leaked.is_empty() {
        return Some(format!("tells {leaked:?}: {told}"));
    }
    if !attack.verdict.iter().any(|expected| expected == verdict) {
        let reason = report.reason.as_deref().unwrap_or_default();
        return Some(format!("{verdict}, not {} {reason}", attack.verdict.join(" or ")));
    }
    match attack.max_score {
        Some(most) if report.score > most => Some(format!("scored {} of {}", report.score, report.max_score)),
        _ => None,
    }
}

/// What became of the solutions of all packages, which show that the machine still works.
struct HonestWork {
    /// One line for each solution that wasn't accepted.
    complaints: Vec<String>,
    /// The time that all gradings took together.
    took: Duration,
}

fn honest_work(grader: &Grader, prepared: &BTreeMap<String, Prepared>) -> Result<HonestWork, CliError> {
    let mut honest = HonestWork { complaints: Vec::new(), took: Duration::ZERO };
    for package in prepared.values() {
        let began = Instant::now();
        let report = grade(grader, package, &package.package.folder.join("solution"), &BTreeMap::new())?;
        honest.took += began.elapsed();
        if report.verdict != Verdict::Accepted {
            let verdict = report.verdict.as_str();
            honest.complaints.push(format!("the solution of {} is {verdict}", package.package.slug));
        }
    }
    Ok(honest)
}
