//! `quorate submit`: hands in a crate at a server, follows its grading, and prints the report.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{CliError, exit, exit_code};
use super::files;
use super::report::{as_text, code};
use super::server::{Address, Server};
use super::signal::stop_signal;
use super::style::Style;
use crate::config::Remote;
use crate::grader::{Refusal, Report, SubmittedFiles};

/// How long the server waits for a result before it says how far it is, as a query. It's short enough to show progress.
const WAIT: &str = "wait=5";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The exercise's slug
    exercise: String,
    /// The submission: a crate's folder, a .tar.gz or a .zip
    submission: PathBuf,
    /// Run only the public tests, which doesn't count
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::internal);
    exit_code(runtime.and_then(|runtime| runtime.block_on(submit(arguments))))
}

async fn submit(arguments: Arguments) -> Result<u8, CliError> {
    files::check_exists(&arguments.submission)?;
    let files = files::read(&arguments.submission)?.map_err(|refusals| refused(&refusals))?;
    let server = Server::signed_in(Address::of(&arguments.remote)?)?;
    let path = ["exercises", &arguments.exercise, "submissions"];
    let mode = if arguments.public { "mode=public" } else { "" };
    let state: State = server.post(&path, mode, &body(&files)).await?;
    let page = server.page(&["submissions", &state.id]);
    eprintln!("handed in: {page}");
    tokio::select! {
        finished = follow(&server, state) => finished,
        stopped = stop_signal() => {
            stopped.map_err(CliError::internal)?;
            eprintln!("the server goes on grading: see {page}");
            Ok(exit::INTERRUPTED)
        }
    }
}

fn refused(refusals: &[Refusal]) -> CliError {
    CliError::usage(refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn body(files: &SubmittedFiles) -> Value {
    json!({"files": files.iter().collect::<BTreeMap<_, _>>()})
}

/// How far a submission is.
#[derive(Deserialize)]
struct State {
    id: String,
    state: String,
    queue_position: Option<u32>,
    verdict: Option<String>,
    reason: Option<String>,
}

impl State {
    fn in_words(&self) -> String {
        match (self.state.as_str(), self.queue_position) {
            ("queued", Some(1)) => "it's the next to be graded".to_owned(),
            ("queued", Some(place)) => format!("it waits, with {} before it", place.saturating_sub(1)),
            ("queued", None) => "it waits to be graded".to_owned(),
            _ => "it's being graded".to_owned(),
        }
    }
}

/// Tells what becomes of a submission until it's finished.
async fn follow(server: &Server, mut state: State) -> Result<u8, CliError> {
    let id = state.id.clone();
    let mut said = String::new();
    loop {
        let words = state.in_words();
        if words != said {
            eprintln!("{words}");
            said = words;
        }
        let answer: Value = server.get(&["submissions", &id], WAIT).await?;
        let strange = |error| CliError::internal(format!("the server's report can't be read: {error}"));
        state = State::deserialize(&answer).map_err(strange)?;
        if state.state != "finished" {
            continue;
        }
        if state.verdict.as_deref() == Some("internal_error") {
            let reason = state.reason.unwrap_or_else(|| "the server failed to grade it".to_owned());
            return Err(CliError::internal(format!("{reason}. It didn't cost you anything: hand it in again")));
        }
        let report = Report::deserialize(&answer).map_err(strange)?;
        let _ = writeln!(std::io::stdout(), "{}", as_text(&report, Style::for_stdout()));
        return Ok(code(report.verdict));
    }
}
