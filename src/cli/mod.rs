//! The command line: one file a command.

mod check;
mod grade;
mod serve;
mod workshop;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Settings;

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
    /// Grade a crate on this machine, without server or database
    Grade(grade::Arguments),
    /// Prove exercise packages by their solutions, starters and samples
    Check(check::Arguments),
}

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or_else(|| Command::Serve(Arguments::serve_by_default()));
    match command {
        Command::Serve(settings) => serve::run(settings),
        Command::Grade(arguments) => grade::run(arguments),
        Command::Check(arguments) => check::run(arguments),
    }
}

impl Arguments {
    /// The settings of `serve` when no command is given: variables and defaults.
    fn serve_by_default() -> Settings {
        match Self::parse_from(["quorate", "serve"]).command {
            Some(Command::Serve(settings)) => settings,
            _ => Settings::default(),
        }
    }
}
