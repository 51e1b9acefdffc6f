//! `quorate check`: checks everything that authors write, the bank and the exercise packages.

use std::path::PathBuf;
use std::process::ExitCode;

use super::attacks;
use super::error::{CliError, exit, exit_code};
use super::grader_args::{GraderArgs, find_package};
use super::style::Style;
use crate::bank::{self, Bank};
use crate::config::Config;
use crate::grader::{Broken, Check, Finding, Grader, Package, Registry, Verdict};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Packages to check, by slug or folder [default: all]; with --attacks, prefixes of the names of attacks to try
    packages: Vec<String>,
    /// Grade the hostile submissions in a folder, such as tests/attacks, and report which of them are stopped
    #[arg(long, value_name = "DIR", conflicts_with_all = ["repeat", "bank"])]
    attacks: Option<PathBuf>,
    /// How often the solution is graded, to find tests whose results vary
    #[arg(long, default_value_t = 3, value_name = "TIMES")]
    repeat: usize,
    /// Check only topics, lessons, questions, prompts and sets, which is quick and needs no sandbox
    #[arg(long, conflicts_with_all = ["packages", "repeat"])]
    bank: bool,
    #[command(flatten)]
    grader: GraderArgs,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    exit_code(check(arguments))
}

fn check(arguments: Arguments) -> Result<u8, CliError> {
    let style = Style::for_stdout();
    if let Some(folder) = &arguments.attacks {
        let holds = attacks::run(folder, &arguments.packages, &arguments.grader, style)?;
        return Ok(if holds { exit::GOOD } else { exit::BAD });
    }
    let all = arguments.packages.is_empty();
    let bank_holds = !all || check_bank(&arguments.grader.config()?, style);
    if arguments.bank {
        return Ok(if bank_holds { exit::GOOD } else { exit::BAD });
    }
    let (registry, grader) = arguments.grader.open()?;
    let packages = if all { registry.iter().cloned().collect() } else { named(&registry, &arguments.packages)? };
    let mut holds = bank_holds;
    if all {
        holds &= registry.broken.is_empty();
        registry.broken.iter().for_each(|broken| println!("{}", broken_text(broken, style)));
    }
    for package in &packages {
        holds &= check_package(&grader, package, arguments.repeat, style);
    }
    Ok(if holds { exit::GOOD } else { exit::BAD })
}

/// Every mistake in topics, lessons, questions, prompts and sets, as `path:line: message`.
fn check_bank(config: &Config, style: Style) -> bool {
    let (bank, mut mistakes) = bank::load(&config.questions);
    let exercises = Registry::read(&config.graders);
    let missing = bank.exercise_references().iter().filter(|(slug, _)| exercises.get(slug.as_str()).is_none());
    mistakes.extend(missing.map(|(_, mistake)| mistake.clone()));
    mistakes.sort();
    mistakes.iter().for_each(|mistake| println!("{}", style.bad(&mistake.to_string())));
    println!("{}", bank_text(&bank, mistakes.len(), style));
    mistakes.is_empty()
}

fn bank_text(bank: &Bank, mistakes: usize, style: Style) -> String {
    let sign = if mistakes == 0 { style.good("ok ") } else { style.bad("not") };
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
    format!("{}\n  {sign}  {}", style.bold("bank"), parts.join(", "))
}

fn named(registry: &Registry, names: &[String]) -> Result<Vec<Package>, CliError> {
    names.iter().map(|name| find_package(registry, name)).collect()
}

fn check_package(grader: &Grader, package: &Package, repeat: usize, style: Style) -> bool {
    match grader.check(package, repeat) {
        Ok(check) => {
            println!("{}", check_text(&check, style));
            check.holds()
        }
        Err(error) => {
            println!(
                "{}\n  {}",
                style.bold(package.slug.as_str()),
                style.bad(&error.to_string().replace('\n', "\n  "))
            );
            false
        }
    }
}

fn broken_text(broken: &Broken, style: Style) -> String {
    let mistakes = broken.mistakes.iter().map(|mistake| format!("  {}", style.bad(&mistake.to_string())));
    [style.bold(&broken.folder.display().to_string())].into_iter().chain(mistakes).collect::<Vec<_>>().join("\n")
}

fn check_text(check: &Check, style: Style) -> String {
    let width = check.findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    let findings = check.findings.iter().map(|finding| finding_text(finding, width, style));
    let warnings = check.warnings.iter().map(|warning| format!("  {}", style.faint(&format!("warning: {warning}"))));
    [style.bold(&check.slug)].into_iter().chain(findings).chain(warnings).collect::<Vec<_>>().join("\n")
}

fn finding_text(finding: &Finding, width: usize, style: Style) -> String {
    let sign = if finding.problems.is_empty() { style.good("ok ") } else { style.bad("not") };
    let verdict = finding.verdict.as_str();
    let points = if finding.verdict == Verdict::PolicyViolation {
        String::new()
    } else {
        format!("{:>3}/{}", finding.score, finding.max_score)
    };
    let mut text = format!("  {sign}  {:width$}  {verdict:<16} {points}", finding.name);
    for problem in &finding.problems {
        text.push_str(&format!("\n         {}", style.bad(problem)));
    }
    text
}
