//! `quorate grade`: the pipeline of the server on a crate of this machine.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::workshop::{Ending, Paint, Place, exit, find_package};
use crate::grader::{
    Grader, Mode, Prepared, Refusal, Report, SubmittedFiles, TestReport, TestVerdict, Verdict, unpack,
};

/// Archives larger than this hold no submission.
const MAX_ARCHIVE_BYTES: u64 = 8 << 20;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The package: a slug, or its folder
    package: String,
    /// The submission: a crate's folder, a .tar.gz or a .zip
    submission: PathBuf,
    /// Run the public tests only, and show all that they print
    #[arg(long)]
    public: bool,
    /// Print the report as JSON, and nothing else, on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    let json = arguments.json;
    let outcome = grade(arguments).and_then(|report| {
        let text = if json { as_json(&report)? } else { as_text(&report, Paint::for_stdout()) };
        // A closed pipe is the reader's choice.
        let _ = writeln!(std::io::stdout(), "{text}");
        Ok(code(report.verdict))
    });
    ExitCode::from(outcome.unwrap_or_else(|ending| {
        eprintln!("{}", ending.message);
        ending.code
    }))
}

const fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Accepted => exit::GOOD,
        Verdict::PolicyViolation => exit::USAGE,
        _ => exit::BAD,
    }
}

fn grade(arguments: Arguments) -> Result<Report, Ending> {
    let mode = if arguments.public { Mode::Public } else { Mode::Graded };
    if !arguments.submission.exists() {
        return Err(Ending::usage(format!("{}: there is no such folder or archive", arguments.submission.display())));
    }
    let (registry, workshop) = arguments.place.open()?;
    let package = find_package(&registry, &arguments.package)?;
    let prepared = workshop.prepare(&package).map_err(Ending::internal)?;
    match unpack(&arguments.submission)? {
        Ok(files) => grade_files(&workshop, &prepared, &files, mode),
        Err(refusals) => Ok(workshop.refuse(&prepared, mode, &refusals)),
    }
}

fn grade_files(workshop: &Grader, prepared: &Prepared, files: &SubmittedFiles, mode: Mode) -> Result<Report, Ending> {
    workshop.grade(prepared, files, mode, &mut |_| {}).map_err(Ending::internal)
}

fn unpack(path: &Path) -> Result<Result<SubmittedFiles, Vec<Refusal>>, Ending> {
    if path.is_dir() {
        return Ok(unpack::from_folder(path));
    }
    let unreadable = |error: std::io::Error| Ending::usage(format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(MAX_ARCHIVE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_ARCHIVE_BYTES {
        return Err(Ending::usage(format!("{}: larger than {} MiB", path.display(), MAX_ARCHIVE_BYTES >> 20)));
    }
    if bytes.starts_with(b"PK") {
        return Ok(unpack::from_zip(std::io::Cursor::new(bytes)));
    }
    Ok(unpack::from_tar(bytes.as_slice()))
}

fn as_json(report: &Report) -> Result<String, Ending> {
    serde_json::to_string_pretty(report).map_err(Ending::internal)
}

/// The report for a person.
fn as_text(report: &Report, paint: Paint) -> String {
    let mut lines: Vec<String> =
        report.diagnostics.iter().map(|diagnostic| paint.coloured(diagnostic.rendered.trim_end())).collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let width = report.tests.iter().map(|test| test.title.chars().count()).max().unwrap_or(0);
    lines.extend(report.tests.iter().map(|test| test_text(test, width, paint)));
    if !report.tests.is_empty() {
        lines.push(String::new());
    }
    lines.push(summary(report, paint));
    lines.extend(report.reason.iter().map(|reason| format!("  {}", reason.replace('\n', "\n  "))));
    lines.extend(report.notes.iter().map(|note| paint.faint(&format!("  note: {note}"))));
    lines.push(paint.faint(&footer(report)));
    lines.join("\n")
}

fn test_text(test: &TestReport, width: usize, paint: Paint) -> String {
    let verdict = format!("{:>13}", test.verdict.as_str());
    let verdict = match test.verdict {
        TestVerdict::Passed => paint.good(&verdict),
        TestVerdict::Skipped => paint.faint(&verdict),
        _ => paint.bad(&verdict),
    };
    let pad = " ".repeat(width.saturating_sub(test.title.chars().count()));
    let mut text = format!(
        "{verdict}  {}{pad}  {:>2}/{:<2} {}",
        test.title,
        test.score,
        test.max_score,
        paint.faint(&format!("{:>6} ms", test.duration_ms))
    );
    for (label, more) in [("hint", &test.hint), ("", &test.message)] {
        for line in more.iter().flat_map(|more| more.lines()) {
            let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
            text.push_str(&format!("\n{:15}{}", "", paint.faint(&format!("{label}{}", printable(line)))));
        }
    }
    text
}

/// What a test printed must not reach the terminal as commands to it.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

fn summary(report: &Report, paint: Paint) -> String {
    let verdict = report.verdict.as_str().replace('_', " ");
    let verdict = if report.verdict == Verdict::Accepted { paint.good(&verdict) } else { paint.bad(&verdict) };
    let mode = if report.mode == Mode::Public { " (public tests: does not count)" } else { "" };
    format!(
        "{}: {}, {} of {} points{mode}",
        paint.bold(&report.exercise),
        paint.bold(&verdict),
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
