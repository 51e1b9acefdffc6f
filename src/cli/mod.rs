//! The command line: one file a command.

mod admin;
mod attacks;
mod bench;
mod changes;
mod check;
mod download;
mod error;
mod files;
mod grade;
mod grader_args;
mod login;
mod preparing;
mod report;
mod runtime;
mod serve;
mod server;
mod signal;
mod style;
mod submit;
mod terminal;
mod token_file;
mod watch;
mod worker;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Settings;
use crate::grader::gates;
use crate::{memory, sandbox};

/// Prepares people for distributed-systems interviews and lets hiring teams see who is prepared.
#[derive(Parser)]
#[command(name = "quorate", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the pages and the REST API (what happens when no command is given)
    Serve(Settings),
    /// Grade for servers on the same database
    Worker(Settings),
    /// Create accounts and owners of teams, reset passwords
    Admin(admin::Arguments),
    /// Grade a crate on this machine, without server or database
    Grade(grade::Arguments),
    /// Lay out what an exercise starts from, with its statement
    Download(download::Arguments),
    /// Run the public tests of an exercise at each save
    Watch(watch::Arguments),
    /// Store a personal token for a server
    Login(login::Arguments),
    /// Hand in a crate at a server, and show what comes of it
    Submit(submit::Arguments),
    /// Look for code that gates forbid: the grader runs this in a jail
    #[command(name = gates::COMMAND, hide = true)]
    Inspect {
        /// What to inspect, as a JSON file
        request: PathBuf,
    },
    /// Check the question bank, and check exercise packages with their solutions, starters and samples
    Check(check::Arguments),
    /// Measure on this machine
    Bench(bench::Arguments),
}

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    memory::return_large_blocks();
    let arguments = Arguments::parse_from(sandbox::arguments());
    let command = arguments.command.unwrap_or_else(|| Command::Serve(Arguments::serve_by_default()));
    if command.grades() {
        sandbox::enter_scope_if_it_helps();
    }
    match command {
        Command::Serve(settings) => serve::run(settings),
        Command::Worker(settings) => worker::run(settings),
        Command::Admin(arguments) => admin::run(arguments),
        Command::Grade(arguments) => grade::run(arguments),
        Command::Download(arguments) => download::run(arguments),
        Command::Watch(arguments) => watch::run(arguments),
        Command::Login(arguments) => login::run(arguments),
        Command::Submit(arguments) => submit::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Inspect { request } => inspect(&request),
    }
}

impl Command {
    const fn grades(&self) -> bool {
        !matches!(self, Self::Admin(_) | Self::Download(_) | Self::Login(_) | Self::Submit(_) | Self::Inspect { .. })
    }
}

impl Arguments {
    /// The settings of `serve` when no command is given: environment variables and defaults.
    fn serve_by_default() -> Settings {
        match Self::parse_from(["quorate", "serve"]).command {
            Some(Command::Serve(settings)) => settings,
            _ => Settings::default(),
        }
    }
}

fn inspect(request: &Path) -> ExitCode {
    match gates::inspect(request) {
        Ok(findings) => {
            println!("{findings}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
