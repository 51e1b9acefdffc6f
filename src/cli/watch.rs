//! `quorate watch`: runs the public tests of an exercise at each save, until `q` or a signal ends it.
//!
//! Only public tests are run, whatever the package holds. Preparing is done once; after that a run costs what a grading costs.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::changes::Changes;
use super::error::{CliError, exit, exit_code};
use super::files;
use super::grader_args::{GraderArgs, find_package};
use super::report::{diagnostics, summary, test_text, title_width};
use super::runtime::{Threads, block_on};
use super::signal::stop_signal;
use super::style::Style;
use super::terminal::Unseen;
use crate::grader::{Grader, Mode, Prepared, Refusal, Report, SubmittedFiles, TestReport, TestVerdict};
use crate::quantity::{duration, millis};

/// How long nothing must change before the tests run: an editor may write several files, or one in several steps.
const QUIET: Duration = Duration::from_millis(100);
/// How long the grader waits at a time for something to make the next run quicker.
const SPARE: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The package: its slug or its folder
    package: String,
    /// The folder of the crate that you work on
    folder: PathBuf,
    #[command(flatten)]
    grader: GraderArgs,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    exit_code(watch(arguments))
}

fn watch(arguments: Arguments) -> Result<u8, CliError> {
    if !arguments.folder.is_dir() {
        return Err(CliError::usage(format!("{}: there is no such folder", arguments.folder.display())));
    }
    let (end, ended) = channel();
    let (by_signal, by_key) = (end.clone(), end.clone());
    let _unseen = Unseen::begin(true);
    thread::spawn(move || by_signal.send(signal()));
    thread::spawn(move || if is_ended_by_key() { by_key.send(Ok(exit::GOOD)) } else { Ok(()) });
    thread::spawn(move || end.send(Watch::begin(&arguments).and_then(Watch::run)));
    // This thread runs no tests, so it can end at once.
    ended.recv().unwrap_or(Ok(exit::GOOD))
}

/// Waits for a signal that ends the command.
fn signal() -> Result<u8, CliError> {
    block_on(&Threads::This, stop_signal()).flatten().map_err(CliError::internal)?;
    Ok(exit::GOOD)
}

/// Waits for the key that ends the command; `false` when there are no more keys.
fn is_ended_by_key() -> bool {
    std::io::stdin().lock().bytes().map_while(Result::ok).any(|key| key == b'q')
}

/// What was read of a folder: the crate's own files, or what is wrong with them.
type Read = Result<SubmittedFiles, Vec<Refusal>>;

/// Whether two looks at a folder saw the same. What is left aside, such as an editor's files, doesn't count.
fn are_same(one: &Read, other: &Read) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => one.iter().eq(other.iter()),
        (one, other) => one == other,
    }
}

/// A crate whose public tests are run at each save.
struct Watch {
    grader: Arc<Grader>,
    prepared: Prepared,
    folder: PathBuf,
    style: Style,
    /// What was looked at last: a save that changes nothing runs nothing.
    seen: Option<Read>,
    /// How each test ended when it last ran, by its name.
    before: BTreeMap<String, TestVerdict>,
}

impl Watch {
    fn begin(arguments: &Arguments) -> Result<Self, CliError> {
        let (registry, grader) = arguments.grader.open()?;
        let package = find_package(&registry, &arguments.package)?;
        let began = Instant::now();
        let prepared = grader.prepare(&package).map_err(CliError::internal)?;
        let (folder, style) = (arguments.folder.clone(), Style::for_stdout());
        print(&[style.faint(&format!(
            "prepared {} in {}; the public tests run at each save in {}, until you press q",
            package.slug,
            duration(millis(began.elapsed())),
            folder.display()
        ))]);
        let grader = Arc::new(grader);
        let between_saves = Arc::clone(&grader);
        thread::spawn(move || {
            loop {
                between_saves.cache_a_shape(SPARE)
            }
        });
        Ok(Self { grader, prepared, folder, style, seen: None, before: BTreeMap::new() })
    }

    fn run(mut self) -> Result<u8, CliError> {
        let (changed, changes) = channel();
        let watched = Changes::of(&self.folder)?;
        thread::spawn(move || {
            if let Err(error) = watched.send(&changed) {
                eprintln!("{error}");
            }
        });
        loop {
            self.look()?;
            wait_for_quiet(&changes)?;
        }
    }

    /// Runs the tests if something has changed, and prints what came of it.
    fn look(&mut self) -> Result<(), CliError> {
        let files = files::read(&self.folder)?;
        if self.seen.as_ref().is_some_and(|seen| are_same(seen, &files)) {
            return Ok(());
        }
        let began = Instant::now();
        let report = match &files {
            Ok(files) => {
                self.grader.grade(&self.prepared, files, Mode::Public, &mut |_| {}).map_err(CliError::internal)?
            }
            Err(refusals) => self.grader.refuse(&self.prepared, Mode::Public, refusals),
        };
        self.seen = Some(files);
        let took = format!("took {}; waiting for the next save", duration(millis(began.elapsed())));
        let mut lines = diagnostics(&report, self.style);
        lines.extend(tests(&report, &self.before, self.style));
        lines.extend(summary(&report, self.style));
        lines.push(self.style.faint(&took));
        print(&lines);
        self.before.extend(report.tests.into_iter().map(|test| (test.name, test.verdict)));
        Ok(())
    }
}

/// Waits for a change, and then until nothing changes for a moment.
fn wait_for_quiet(changes: &Receiver<()>) -> Result<(), CliError> {
    changes.recv().map_err(|_| CliError::internal("the folder can't be watched any more"))?;
    while changes.recv_timeout(QUIET).is_ok() {}
    Ok(())
}

/// How a test compares with the run before. What has changed comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    NowFails,
    NowPasses,
    Fails,
    Passes,
    Skipped,
}

impl Change {
    fn of(test: &TestReport, before: &BTreeMap<String, TestVerdict>) -> Self {
        let passed_before = before.get(&test.name).map(|verdict| *verdict == TestVerdict::Passed);
        match (test.verdict, passed_before) {
            (TestVerdict::Skipped, _) => Self::Skipped,
            (TestVerdict::Passed, Some(false)) => Self::NowPasses,
            (TestVerdict::Passed, _) => Self::Passes,
            (_, Some(true)) => Self::NowFails,
            _ => Self::Fails,
        }
    }

    const fn heading(self) -> &'static str {
        match self {
            Self::NowFails => "now failing",
            Self::NowPasses => "now passing",
            Self::Fails => "failing",
            Self::Passes => "passing",
            Self::Skipped => "not run",
        }
    }
}

/// The tests under headings that tell what has changed since the run before.
fn tests(report: &Report, before: &BTreeMap<String, TestVerdict>, style: Style) -> Vec<String> {
    let mut groups: BTreeMap<Change, Vec<&TestReport>> = BTreeMap::new();
    for test in &report.tests {
        groups.entry(Change::of(test, before)).or_default().push(test);
    }
    let width = title_width(&report.tests);
    let group = |(change, tests): (Change, Vec<&TestReport>)| {
        let heading = style.bold(&format!("{}:", change.heading()));
        std::iter::once(heading).chain(tests.into_iter().map(|test| test_text(test, width, style))).collect::<Vec<_>>()
    };
    groups.into_iter().flat_map(group).collect()
}

/// Prints lines below what is there. A closed pipe is the reader's choice.
fn print(lines: &[String]) {
    let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
}
