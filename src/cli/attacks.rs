//! `quorate check --attacks`: hostile submissions against this machine's own sandbox, and what came of each.
//!
//! An attack is a folder with the files that are handed in and an `attack.toml` (`tests/attacks/README.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::workshop::{Ending, Paint, Place, find_package};
use crate::grader::{Grader, Limits, Mode, Prepared, Registry, Report, Verdict, parse_duration, parse_size, unpack};

/// The contents of an `attack.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    group: Group,
    title: String,
    /// For whoever reads the file.
    #[serde(rename = "tries")]
    _tries: String,
    /// The package that it is handed in to.
    package: String,
    /// One of these must come back.
    verdict: Vec<String>,
    max_score: Option<u32>,
    /// Words that must not be in anything that a candidate sees.
    absent: Vec<String>,
    /// Why it still works, if it does. It must then go on working, so that a remedy is noticed.
    known: Option<String>,
    /// Instead of the package's, to keep the run short.
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

/// What came of one attack.
enum Came {
    /// What must come back.
    Stopped,
    /// It works, as is known.
    Known,
    /// Something else, or it is known to work and does not.
    Wrong(String),
}

/// Lets all attacks of `folder` whose names begin with one of `names` try, all if there are none, and prints what came of
/// each. Says whether every one got what it should.
pub(super) fn run(folder: &Path, names: &[String], place: Place, paint: Paint) -> Result<bool, Ending> {
    let attacks = read(folder, names)?;
    let (registry, workshop) = place.open()?;
    let mut prepared = BTreeMap::new();
    for (_, attack) in &attacks {
        if !prepared.contains_key(&attack.package) {
            prepared.insert(attack.package.clone(), prepare(&registry, &workshop, &attack.package)?);
        }
    }
    let before = honest_work(&workshop, &prepared)?;
    let mut sums: BTreeMap<Group, [usize; 3]> = BTreeMap::new();
    for (name, attack) in &attacks {
        let Some(package) = prepared.get(&attack.package) else { continue };
        let report = grade(&workshop, package, &folder.join(name), &attack.limits)?;
        let came = judge(attack, &report);
        let [stopped, known, wrong] = sums.entry(attack.group).or_default();
        let (sign, count) = match &came {
            Came::Stopped => (paint.good("ok "), stopped),
            Came::Known => (paint.faint("known"), known),
            Came::Wrong(_) => (paint.bad("not"), wrong),
        };
        *count += 1;
        println!("  {sign}  {name:<48} {:<16} {}", report.verdict.as_str(), paint.faint(&attack.title));
        if let Came::Wrong(complaint) = came {
            println!("         {}", paint.bad(&complaint));
        }
    }
    let after = honest_work(&workshop, &prepared)?;
    after.complaints.iter().for_each(|complaint| println!("{}", paint.bad(complaint)));
    println!("honest work: {} ms before, {} ms after", before.took.as_millis(), after.took.as_millis());
    for (group, [stopped, known, wrong]) in &sums {
        println!(
            "{}: {stopped} stopped, {known} known to work, {wrong} not as they should be",
            paint.bold(group.name())
        );
    }
    Ok(after.complaints.is_empty() && sums.values().all(|[_, _, wrong]| *wrong == 0))
}

/// The attacks by the names of their folders.
fn read(folder: &Path, names: &[String]) -> Result<Vec<(String, Attack)>, Ending> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| Ending::usage(format!("{}: {error}", path.display()));
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
        return Err(Ending::usage(format!("{}: no such attacks", folder.display())));
    }
    Ok(attacks)
}

fn prepare(registry: &Registry, workshop: &Grader, name: &str) -> Result<Prepared, Ending> {
    workshop.prepare(&find_package(registry, name)?).map_err(Ending::internal)
}

fn grade(
    workshop: &Grader,
    prepared: &Prepared,
    folder: &Path,
    limits: &BTreeMap<String, toml::Value>,
) -> Result<Report, Ending> {
    let mut prepared = prepared.clone();
    for (name, value) in limits {
        set(&mut prepared.package.limits, name, value)
            .map_err(|reason| Ending::usage(format!("{}: {reason}", folder.display())))?;
    }
    match unpack::from_folder(folder) {
        Ok(files) => workshop.grade(&prepared, &files, Mode::Graded, &mut |_| {}).map_err(Ending::internal),
        Err(refusals) => Ok(workshop.refuse(&prepared, Mode::Graded, &refusals)),
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

fn judge(attack: &Attack, report: &Report) -> Came {
    match (&attack.known, complaint(attack, report)) {
        (None, None) => Came::Stopped,
        (Some(_), Some(_)) => Came::Known,
        (Some(_), None) => Came::Wrong("works no longer: take out `known`".to_owned()),
        (None, Some(complaint)) => Came::Wrong(complaint),
    }
}

/// What is wrong with the report on an attack.
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

/// What became of the solutions of all packages.
struct Honest {
    /// Those that are not accepted.
    complaints: Vec<String>,
    /// Real time of all.
    took: Duration,
}

fn honest_work(workshop: &Grader, prepared: &BTreeMap<String, Prepared>) -> Result<Honest, Ending> {
    let mut honest = Honest { complaints: Vec::new(), took: Duration::ZERO };
    for package in prepared.values() {
        let began = Instant::now();
        let report = grade(workshop, package, &package.package.folder.join("solution"), &BTreeMap::new())?;
        honest.took += began.elapsed();
        if report.verdict != Verdict::Accepted {
            let verdict = report.verdict.as_str();
            honest.complaints.push(format!("the solution of {} is {verdict}", package.package.slug));
        }
    }
    Ok(honest)
}
