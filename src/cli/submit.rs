//! `quorate submit`: hands in a crate at a server, follows its grading, and prints the report.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{CliError, exit, exit_code};
use super::files;
use super::report::{as_text, code, printable};
use super::runtime::{Threads, block_on};
use super::server::{Address, Server};
use super::signal::stop_signal;
use super::style::Style;
use crate::config::Remote;
use crate::grader::{Refusal, Report, SubmittedFiles};

/// How long the server waits for a result before it says how far it is, as a query. It's short enough to show progress.
const WAIT: &str = "wait=5";
/// The pause after the server could not be asked, as while it's started again.
const PAUSE: Duration = Duration::from_secs(2);
/// For how many such pauses in a row a submission is followed: about five minutes.
const PAUSES_MAX: u32 = 150;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The exercise, by its slug as in the address of its page
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
    exit_code(block_on(&Threads::This, submit(arguments)).map_err(CliError::internal).flatten())
}

async fn submit(arguments: Arguments) -> Result<u8, CliError> {
    files::check_exists(&arguments.submission)?;
    let files = files::read(&arguments.submission)?.map_err(|refusals| refused(&refusals))?;
    let server = Server::signed_in(Address::of(&arguments.remote)?)?;
    let path = ["exercises", &arguments.exercise, "submissions"];
    let mode = if arguments.public { "mode=public" } else { "" };
    let unknown = |error: CliError| match error.is_internal() {
        true => {
            CliError::internal(format!("{error}\nIf the submission arrived, it's listed at {}", server.page(&path)))
        }
        false => error,
    };
    let state: State = server.post(&path, mode, &body(&files)).await.map_err(unknown)?;
    let page = server.page(&["submissions", &state.id]);
    eprintln!("handed in: {page}");
    tokio::select! {
        // Signals are listened to before anything is said.
        biased;
        stopped = stop_signal() => {
            stopped.map_err(CliError::internal)?;
            eprintln!("the server goes on grading: see {page}");
            Ok(exit::INTERRUPTED)
        }
        finished = follow(&server, state) => finished,
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

/// The submission as it is now. A server that is away for a while, or has too much to do, is asked again.
async fn ask(server: &Server, id: &str) -> Result<Value, CliError> {
    let mut pauses = 0;
    loop {
        match server.get(&["submissions", id], WAIT).await {
            Err(error) if error.is_internal() && pauses < PAUSES_MAX => pauses += 1,
            answer => return answer,
        }
        tokio::time::sleep(PAUSE).await;
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
        let answer = ask(server, &id).await?;
        let strange = |error| CliError::internal(format!("the server's report can't be read: {error}"));
        state = State::deserialize(&answer).map_err(strange)?;
        if state.state != "finished" {
            continue;
        }
        if state.verdict.as_deref() == Some("internal_error") {
            let reason = state.reason.unwrap_or_else(|| "the server failed to grade it".to_owned());
            let reason = printable(&reason);
            return Err(CliError::internal(format!("{reason}. It didn't cost you anything: hand it in again")));
        }
        let report = Report::deserialize(&answer).map_err(strange)?;
        let _ = writeln!(std::io::stdout(), "{}", as_text(&report, Style::for_stdout()));
        return Ok(code(report.verdict));
    }
}
