//! The command line: one file a command.

mod serve;

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
}

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or_else(|| Command::Serve(Arguments::serve_by_default()));
    match command {
        Command::Serve(settings) => serve::run(settings),
    }
}

impl Arguments {
    /// The settings of `serve` when no command is given: variables and defaults.
    fn serve_by_default() -> Settings {
        match Self::parse_from(["quorate", "serve"]).command {
            Some(Command::Serve(settings)) => settings,
            None => Settings::default(),
        }
    }
}
