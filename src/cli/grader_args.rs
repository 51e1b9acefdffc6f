//! The arguments that `grade`, `check` and `bench` share, and the grader and packages that they lead to.

use std::path::PathBuf;

use super::error::CliError;
use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::grader::{Grader, Package, Registry};
use crate::sandbox::{self, Control, Jailer};

/// The settings of a command that grades on this machine.
#[derive(clap::Args)]
pub(super) struct GraderArgs {
    #[command(flatten)]
    settings: Settings,
}

impl GraderArgs {
    /// The configuration that file, environment and flags make.
    pub(super) fn config(&self) -> Result<Config, CliError> {
        self.settings.clone().resolve().map_err(CliError::usage)
    }

    /// The configured packages and a grader for them, which keeps prepared packages in the data directory.
    pub(super) fn open(&self) -> Result<(Registry, Grader), CliError> {
        let data_dir = self.config()?.data_dir;
        self.open_in(data_dir)
    }

    /// The configured packages and a grader for them, which keeps prepared packages in `data_dir`.
    pub(super) fn open_in(&self, data_dir: PathBuf) -> Result<(Registry, Grader), CliError> {
        let config = self.config()?;
        let jailer = Jailer::start(&sandbox_settings(&config)?).map_err(CliError::internal)?;
        let grader = Grader::open(jailer, data_dir, Clock::system()).map_err(CliError::internal)?;
        Ok((Registry::read(&config.graders), grader))
    }
}

fn sandbox_settings(config: &Config) -> Result<sandbox::Settings, CliError> {
    let waived_controls = Control::from_names(&config.waived_controls).map_err(CliError::usage)?;
    Ok(sandbox::Settings { executable: std::env::current_exe().map_err(CliError::internal)?, waived_controls })
}

/// The package in the folder `name`, if that is a package, or the configured package with the slug `name`.
pub(super) fn find_package(registry: &Registry, name: &str) -> Result<Package, CliError> {
    if PathBuf::from(name).join("grader.toml").is_file() {
        return Package::read(name.as_ref()).map_err(|mistakes| CliError::usage(lines(&mistakes)));
    }
    if let Some(package) = registry.get(name) {
        return Ok(package.clone());
    }
    let broken = registry.broken.iter().find(|broken| broken.folder.file_name().is_some_and(|folder| folder == name));
    Err(CliError::usage(match broken {
        Some(broken) => lines(&broken.mistakes),
        None => format!("there is no package `{name}`; there are: {}", slugs(registry)),
    }))
}

fn lines(mistakes: &[impl ToString]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn slugs(registry: &Registry) -> String {
    registry.iter().map(|package| package.slug.as_str()).collect::<Vec<_>>().join(", ")
}
