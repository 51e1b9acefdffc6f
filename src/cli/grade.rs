//! `quorate grade`: grades a crate on this machine with the server's own pipeline.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::error::{CliError, exit, exit_code};
use super::grader_args::{GraderArgs, find_package};
use super::style::Style;
use crate::grader::{
    Grader, Mode, Prepared, Refusal, Report, SubmittedFiles, TestReport, TestVerdict, Verdict, unpack,
};

/// The largest archive that is read, in bytes.
const MAX_ARCHIVE_BYTES: u64 = 8 << 20;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The package: its slug or its folder
    package: String,
    /// The submission: a crate's folder, a .tar.gz or a .zip
    submission: PathBuf,
    /// Run only the public tests, and show everything that they print
    #[arg(long)]
    public: bool,
    /// Print the report as JSON, and nothing else, on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    grader: GraderArgs,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    let json = arguments.json;
    let outcome = grade(arguments).and_then(|report| {
        let text = if json { as_json(&report)? } else { as_text(&report, Style::for_stdout()) };
        // A closed pipe is the reader's choice.
        let _ = writeln!(std::io::stdout(), "{text}");
        Ok(code(report.verdict))
    });
    exit_code(outcome)
}

const fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accepted => exit::GOOD,
        Verdict::PolicyViolation => exit::USAGE,
        _ => exit::BAD,
    }
}

fn grade(arguments: Arguments) -> Result<Report, CliError> {
    let mode = if arguments.public { Mode::Public } else { Mode::Graded };
    if !arguments.submission.exists() {
        return Err(CliError::usage(format!("{}: there is no such folder or archive", arguments.submission.display())));
    }
    let (registry, grader) = arguments.grader.open()?;
    let package = find_package(&registry, &arguments.package)?;
    let prepared = grader.prepare(&package).map_err(CliError::internal)?;
    match unpack(&arguments.submission)? {
        Ok(files) => grade_files(&grader, &prepared, &files, mode),
        Err(refusals) => Ok(grader.refuse(&prepared, mode, &refusals)),
    }
}

fn grade_files(grader: &Grader, prepared: &Prepared, files: &SubmittedFiles, mode: Mode) -> Result<Report, CliError> {
    grader.grade(prepared, files, mode, &mut |_| {}).map_err(CliError::internal)
}

fn unpack(path: &Path) -> Result<Result<SubmittedFiles, Vec<Refusal>>, CliError> {
    if path.is_dir() {
        return Ok(unpack::from_folder(path));
    }
    let unreadable = |error: std::io::Error| CliError::usage(format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(MAX_ARCHIVE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_ARCHIVE_BYTES {
        return Err(CliError::usage(format!("{}: larger than {} MiB", path.display(), MAX_ARCHIVE_BYTES >> 20)));
    }
    if bytes.starts_with(b"PK") {
        return Ok(unpack::from_zip(std::io::Cursor::new(bytes)));
    }
    Ok(unpack::from_tar(bytes.as_slice()))
}

fn as_json(report: &Report) -> Result<String, CliError> {
    serde_json::to_string_pretty(report).map_err(CliError::internal)
}

/// The report for a person.
fn as_text(report: &Report, style: Style) -> String {
    let mut lines: Vec<String> =
        report.diagnostics.iter().map(|diagnostic| style.coloured(diagnostic.rendered.trim_end())).collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let width = report.tests.iter().map(|test| test.title.chars().count()).max().unwrap_or(0);
    lines.extend(report.tests.iter().map(|test| test_text(test, width, style)));
    if !report.tests.is_empty() {
        lines.push(String::new());
    }
    lines.push(summary(report, style));
    lines.extend(report.reason.iter().map(|reason| format!("  {}", reason.replace('\n', "\n  "))));
    lines.extend(report.notes.iter().map(|note| style.faint(&format!("  note: {note}"))));
    lines.push(style.faint(&footer(report)));
    lines.join("\n")
}

fn test_text(test: &TestReport, width: usize, style: Style) -> String {
    let verdict = format!("{:>13}", test.verdict.as_str());
    let verdict = match test.verdict {
        TestVerdict::Passed => style.good(&verdict),
        TestVerdict::Skipped => style.faint(&verdict),
        _ => style.bad(&verdict),
    };
    let pad = " ".repeat(width.saturating_sub(test.title.chars().count()));
    let mut text = format!(
        "{verdict}  {}{pad}  {:>2}/{:<2} {}",
        test.title,
        test.score,
        test.max_score,
        style.faint(&format!("{:>6} ms", test.duration_ms))
    );
    for (label, more) in [("hint", &test.hint), ("", &test.message)] {
        for line in more.iter().flat_map(|more| more.lines()) {
            let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
            text.push_str(&format!("\n{:15}{}", "", style.faint(&format!("{label}{}", printable(line)))));
        }
    }
    text
}

/// Replaces control characters, so that a test's output can't send commands to the terminal.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

fn summary(report: &Report, style: Style) -> String {
    let verdict = report.verdict.as_str().replace('_', " ");
    let verdict = if report.verdict == Verdict::Accepted { style.good(&verdict) } else { style.bad(&verdict) };
    let mode = if report.mode == Mode::Public { " (public tests: does not count)" } else { "" };
    format!(
        "{}: {}, {} of {} points{mode}",
        style.bold(&report.exercise),
        style.bold(&verdict),
        report.score,
        report.max_score
    )
}

fn footer(report: &Report) -> String {
    let stages = report.stages.iter().map(|stage| format!("{} {} ms", stage.name.as_str(), stage.duration_ms));
    format!(
        "{} · {} ms in all · {} ms CPU · {} MiB at most · {} · package {}",
        stages.collect::<Vec<_>>().join(" · "),
        report.usage.wall_ms,
        report.usage.cpu_ms,
        report.usage.memory_peak_bytes >> 20,
        report.toolchain,
        report.package_version,
    )
}
