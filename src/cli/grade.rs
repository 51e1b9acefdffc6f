//! `quorate grade`: grades a crate on this machine with the server's own pipeline.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::error::{CliError, exit_code};
use super::files;
use super::grader_args::{GraderArgs, find_package};
use super::report::{as_text, code};
use super::style::Style;
use crate::grader::{Grader, Mode, Prepared, Report, SubmittedFiles};

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

fn grade(arguments: Arguments) -> Result<Report, CliError> {
    let mode = if arguments.public { Mode::Public } else { Mode::Graded };
    files::check_exists(&arguments.submission)?;
    let (registry, grader) = arguments.grader.open()?;
    let package = find_package(&registry, &arguments.package)?;
    let prepared = grader.prepare(&package).map_err(CliError::internal)?;
    match files::read(&arguments.submission)? {
        Ok(files) => grade_files(&grader, &prepared, &files, mode),
        Err(refusals) => Ok(grader.refuse(&prepared, mode, &refusals)),
    }
}

fn grade_files(grader: &Grader, prepared: &Prepared, files: &SubmittedFiles, mode: Mode) -> Result<Report, CliError> {
    grader.grade(prepared, files, mode, &mut |_| {}).map_err(CliError::internal)
}

fn as_json(report: &Report) -> Result<String, CliError> {
    serde_json::to_string_pretty(report).map_err(CliError::internal)
}
