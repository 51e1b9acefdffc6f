//! `quorate download`: lays out what an exercise starts from, with its statement, in a folder to work in.
//!
//! It never writes over a file: what is there may be hours of work.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use serde::Deserialize;

use super::error::{CliError, exit, exit_code};
use super::grader_args::{GraderArgs, find_package};
use super::runtime::{Threads, block_on};
use super::server::{Address, Server};
use crate::config::Remote;
use crate::grader::Registry;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The exercise, by its slug as in the address of its page
    exercise: String,
    /// The folder to lay it out in [default: a folder named as the exercise]
    folder: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    grader: GraderArgs,
}

pub(super) fn run(arguments: Arguments) -> ExitCode {
    exit_code(download(&arguments))
}

fn download(arguments: &Arguments) -> Result<u8, CliError> {
    let mut files = match &arguments.remote.server {
        Some(_) => {
            let server = Server::open(Address::of(&arguments.remote)?)?;
            block_on(&Threads::This, from_server(&server, &arguments.exercise)).map_err(CliError::internal).flatten()?
        }
        None => from_package(arguments)?,
    };
    files.insert(".gitignore".to_owned(), "target/\n".to_owned());
    let folder = arguments.folder.clone().unwrap_or_else(|| PathBuf::from(&arguments.exercise));
    lay_out(&folder, &files)?;
    println!("{} is in {}: README.md says what to do", arguments.exercise, folder.display());
    Ok(exit::GOOD)
}

/// Text by path, with the statement as `README.md`.
type Files = BTreeMap<String, String>;

fn from_package(arguments: &Arguments) -> Result<Files, CliError> {
    let registry = Registry::read(&arguments.grader.config()?.graders);
    let package = find_package(&registry, &arguments.exercise)?;
    let mut files = package.starter().map_err(CliError::internal)?;
    files.insert("README.md".to_owned(), package.statement);
    Ok(files)
}

#[derive(Deserialize)]
struct Exercise {
    statement: String,
}

#[derive(Deserialize)]
struct Starter {
    files: Files,
}

async fn from_server(server: &Server, slug: &str) -> Result<Files, CliError> {
    let Exercise { statement } = server.get(&["exercises", slug], "").await?;
    let Starter { mut files } = server.get(&["exercises", slug, "starter"], "").await?;
    if let Some(path) = files.keys().find(|path| !is_inside(path)) {
        return Err(CliError::internal(format!(
            "the server sends a file with the name {path:?}, which is not written"
        )));
    }
    files.insert("README.md".to_owned(), statement);
    Ok(files)
}

/// Names that mean something to cargo or an editor as soon as the folder is opened. No exercise needs them.
const RUN_AT_ONCE: [&str; 3] = ["build.rs", "rust-toolchain", "rust-toolchain.toml"];

/// Whether a path stays in its folder and names nothing hidden, such as the settings of a tool, or what runs by itself.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
        && path.split('/').all(|part| !part.starts_with('.'))
        && !RUN_AT_ONCE.contains(&path)
}

/// Writes the files, or none of them if one is there.
fn lay_out(folder: &Path, files: &Files) -> Result<(), CliError> {
    let exists = |path: &&String| folder.join(path).symlink_metadata().is_ok();
    let there: Vec<_> = files.keys().filter(exists).map(|path| format!("  {}", folder.join(path).display())).collect();
    if !there.is_empty() {
        return Err(CliError::usage(format!("nothing is written, since these exist:\n{}", there.join("\n"))));
    }
    let mut written = Vec::new();
    for (path, text) in files {
        let path = folder.join(path);
        write_new(&path, text, &mut written).map_err(|error| {
            take_back(&written);
            CliError::internal(format!("failed to write {}: {error}", path.display()))
        })?;
    }
    Ok(())
}

/// Removes what was written before a failure, so that the same command works once there is room.
fn take_back(written: &[PathBuf]) {
    for path in written {
        let _ = fs::remove_file(path);
    }
}

/// Writes a file that isn't there yet, and notes it as soon as it is.
fn write_new(path: &Path, text: &str, written: &mut Vec<PathBuf>) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    written.push(path.to_owned());
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::is_inside;

    #[test]
    fn no_file_is_written_elsewhere() {
        assert!(is_inside("src/lib.rs") && is_inside("Cargo.toml"));
        for outside in [
            "",
            "/etc/passwd",
            "../x",
            "src/../../x",
            ".git/hooks/pre-commit",
            ".cargo/config.toml",
            "src/.x",
            "build.rs",
        ] {
            assert!(!is_inside(outside), "{outside}");
        }
    }
}
