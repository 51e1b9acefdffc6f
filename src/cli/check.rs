//! `quorate check`: whether everything that authors wrote is as they say. Each part of the house adds its own check here.

use std::path::PathBuf;
use std::process::ExitCode;

use super::attacks;
use super::workshop::{Ending, Paint, Place, exit, find_package};
use crate::bank::{self, Bank};
use crate::config::Config;
use crate::grader::{Broken, Check, Finding, Grader, Package, Registry, Verdict};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Packages to check, by slug or folder [default: all]; with --attacks, how the names of those to try begin
    packages: Vec<String>,
    /// Hand in the hostile submissions of a folder, such as tests/attacks, and see what comes of each
    #[arg(long, value_name = "DIR", conflicts_with_all = ["repeat", "bank"])]
    attacks: Option<PathBuf>,
    /// How often the solution is graded, to find tests that do not always end alike
    #[arg(long, default_value_t = 3, value_name = "TIMES")]
    repeat: usize,
    /// Check topics, lessons, questions, prompts and sets alone, which takes no sandbox and no time
    #[arg(long, conflicts_with_all = ["packages", "repeat"])]
    bank: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    ExitCode::from(check(arguments).unwrap_or_else(|ending| {
        eprintln!("{}", ending.message);
        ending.code
    }))
}

fn check(arguments: Arguments) -> Result<u8, Ending> {
    let paint = Paint::for_stdout();
    if let Some(folder) = &arguments.attacks {
        let holds = attacks::run(folder, &arguments.packages, arguments.place, paint)?;
        return Ok(if holds { exit::GOOD } else { exit::BAD });
    }
    let all = arguments.packages.is_empty();
    let bank_holds = !all || check_bank(&arguments.place.config()?, paint);
    if arguments.bank {
        return Ok(if bank_holds { exit::GOOD } else { exit::BAD });
    }
    let (registry, workshop) = arguments.place.open()?;
    let packages = if all { registry.iter().cloned().collect() } else { named(&registry, &arguments.packages)? };
    let mut holds = bank_holds;
    if all {
        holds &= registry.broken.is_empty();
        registry.broken.iter().for_each(|broken| println!("{}", broken_text(broken, paint)));
    }
    for package in &packages {
        holds &= check_package(&workshop, package, arguments.repeat, paint);
    }
    Ok(if holds { exit::GOOD } else { exit::BAD })
}

/// Every mistake in topics, lessons, questions, prompts and sets, as `path:line: message`.
fn check_bank(config: &Config, paint: Paint) -> bool {
    let (bank, mut mistakes) = bank::load(&config.questions);
    let exercises = Registry::read(&config.graders);
    let missing = bank.exercise_references().iter().filter(|(slug, _)| exercises.get(slug.as_str()).is_none());
    mistakes.extend(missing.map(|(_, mistake)| mistake.clone()));
    mistakes.sort();
    mistakes.iter().for_each(|mistake| println!("{}", paint.bad(&mistake.to_string())));
    println!("{}", bank_text(&bank, mistakes.len(), paint));
    mistakes.is_empty()
}

fn bank_text(bank: &Bank, mistakes: usize, paint: Paint) -> String {
    let sign = if mistakes == 0 { paint.good("ok ") } else { paint.bad("not") };
    let all = bank.with_exam_material();
    let parts = [
        (bank.topics().len(), "topics"),
        (all.questions().count(), "questions"),
        (all.prompts().count(), "prompts"),
        (bank.sets().count(), "sets"),
        (bank.misconceptions().count(), "misconceptions"),
        (mistakes, "mistakes"),
    ];
    let parts: Vec<_> = parts.iter().map(|(count, name)| format!("{count} {name}")).collect();
    format!("{}\n  {sign}  {}", paint.bold("bank"), parts.join(", "))
}

fn named(registry: &Registry, names: &[String]) -> Result<Vec<Package>, Ending> {
    names.iter().map(|name| find_package(registry, name)).collect()
}

fn check_package(workshop: &Grader, package: &Package, repeat: usize, paint: Paint) -> bool {
    match workshop.check(package, repeat) {
        Ok(check) => {
            println!("{}", check_text(&check, paint));
            check.holds()
        }
        Err(error) => {
            println!(
                "{}\n  {}",
                paint.bold(package.slug.as_str()),
                paint.bad(&error.to_string().replace('\n', "\n  "))
            );
            false
        }
    }
}

fn broken_text(broken: &Broken, paint: Paint) -> String {
    let mistakes = broken.mistakes.iter().map(|mistake| format!("  {}", paint.bad(&mistake.to_string())));
    [paint.bold(&broken.folder.display().to_string())].into_iter().chain(mistakes).collect::<Vec<_>>().join("\n")
}

fn check_text(check: &Check, paint: Paint) -> String {
    let width = check.findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    let findings = check.findings.iter().map(|finding| finding_text(finding, width, paint));
    let warnings = check.warnings.iter().map(|warning| format!("  {}", paint.faint(&format!("warning: {warning}"))));
    [paint.bold(&check.slug)].into_iter().chain(findings).chain(warnings).collect::<Vec<_>>().join("\n")
}

fn finding_text(finding: &Finding, width: usize, paint: Paint) -> String {
    let sign = if finding.problems.is_empty() { paint.good("ok ") } else { paint.bad("not") };
    let verdict = finding.verdict.as_str();
    let points = if finding.verdict == Verdict::PolicyViolation {
        String::new()
    } else {
        format!("{:>3}/{}", finding.score, finding.max_score)
    };
    let mut text = format!("  {sign}  {:width$}  {verdict:<16} {points}", finding.name);
    for problem in &finding.problems {
        text.push_str(&format!("\n         {}", paint.bad(problem)));
    }
    text
}
