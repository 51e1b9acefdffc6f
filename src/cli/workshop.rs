//! What `grade` and `check` share: a sandbox, packages, and lines for a terminal.

use std::io::IsTerminal;
use std::path::PathBuf;

use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::grader::{Grader, Package, Registry};
use crate::sandbox::{self, Control, Jailer};

/// Exit codes of both commands.
pub(super) mod exit {
    /// Graded and accepted; or everything holds.
    pub(crate) const GOOD: u8 = 0;
    /// Graded and not accepted; or something does not hold.
    pub(crate) const BAD: u8 = 1;
    /// Wrong usage, or a submission that breaks a rule.
    pub(crate) const USAGE: u8 = 2;
    /// We failed, so nothing is known of the submission.
    pub(crate) const INTERNAL: u8 = 3;
}

/// Why a command ends early.
pub(super) struct Ending {
    pub(super) message: String,
    pub(super) code: u8,
}

impl Ending {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: exit::USAGE }
    }

    pub(super) fn internal(error: impl ToString) -> Self {
        Self { message: error.to_string(), code: exit::INTERNAL }
    }
}

/// Where and how to grade.
#[derive(clap::Args)]
pub(super) struct Place {
    #[command(flatten)]
    settings: Settings,
}

impl Place {
    /// The configuration that flags and environment make.
    pub(super) fn config(&self) -> Result<Config, Ending> {
        self.settings.clone().resolve().map_err(|error| Ending::usage(error.to_string()))
    }

    /// The packages that are configured, and the workshop to grade them in.
    pub(super) fn open(&self) -> Result<(Registry, Grader), Ending> {
        let data_dir = self.config()?.data_dir;
        self.open_in(data_dir)
    }

    /// The same with prepared packages kept in another folder.
    pub(super) fn open_in(&self, data_dir: PathBuf) -> Result<(Registry, Grader), Ending> {
        let config = self.config()?;
        let jailer = Jailer::start(&sandbox_settings(&config)?).map_err(Ending::internal)?;
        let workshop = Grader::open(jailer, data_dir, Clock::system()).map_err(Ending::internal)?;
        Ok((Registry::read(&config.graders), workshop))
    }
}

/// The sandbox as configured.
fn sandbox_settings(config: &Config) -> Result<sandbox::Settings, Ending> {
    let control =
        |name: &String| Control::from_name(name).ok_or_else(|| Ending::usage(format!("there is no control `{name}`")));
    let waived_controls = config.accept_missing.iter().map(control).collect::<Result<_, _>>()?;
    Ok(sandbox::Settings { executable: std::env::current_exe().map_err(Ending::internal)?, waived_controls })
}

/// A package by its folder, when `name` is one, or by its slug.
pub(super) fn find_package(registry: &Registry, name: &str) -> Result<Package, Ending> {
    if PathBuf::from(name).join("grader.toml").is_file() {
        return Package::read(name.as_ref()).map_err(|mistakes| {
            Ending::usage(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        });
    }
    if let Some(package) = registry.get(name) {
        return Ok(package.clone());
    }
    let broken = registry.broken.iter().find(|broken| broken.folder.file_name().is_some_and(|folder| folder == name));
    Err(Ending::usage(match broken {
        Some(broken) => broken.mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        None => format!("there is no package `{name}`; there are: {}", slugs(registry)),
    }))
}

fn slugs(registry: &Registry) -> String {
    registry.iter().map(|package| package.slug.as_str()).collect::<Vec<_>>().join(", ")
}

/// Colours for a terminal, and none elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Paint(bool);

impl Paint {
    pub(super) fn for_stdout() -> Self {
        Self(std::io::stdout().is_terminal())
    }

    pub(super) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.with("31", text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// Text that may hold colours already, such as the compiler's.
    pub(super) fn coloured(self, text: &str) -> String {
        if self.0 { text.to_owned() } else { without_colours(text) }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Takes out ANSI's `ESC [ … letter`.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut pieces = text.split("\u{1b}[");
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic()).map_or(piece.len(), |at| at + 1);
        plain.push_str(piece.get(end..).unwrap_or_default());
    }
    plain
}
