//! The personal tokens that `quorate login` keeps, one for each server, in a file that its owner alone can read.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::accounts::PersonalSecret;
use crate::config;

/// The token that is kept for a server.
pub(super) fn find(server: &str) -> Result<Option<String>, CliError> {
    Ok(read(&path()?)?.remove(server))
}

/// Keeps a token for a server, in place of an older one. Returns the file.
pub(super) fn store(server: &str, token: &PersonalSecret) -> Result<PathBuf, CliError> {
    let path = path()?;
    let mut tokens = read(&path)?;
    tokens.insert(server.to_owned(), token.as_str().to_owned());
    let text = toml::to_string(&tokens).map_err(CliError::internal)?;
    write(&path, &text).map_err(|error| failed("write", &path, &error))?;
    Ok(path)
}

fn path() -> Result<PathBuf, CliError> {
    let folder = config::user_folder();
    Ok(folder
        .ok_or_else(|| CliError::usage("set HOME: tokens are kept there, in .config/quorate"))?
        .join("tokens.toml"))
}

fn read(path: &Path) -> Result<BTreeMap<String, String>, CliError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        read => read.map_err(|error| failed("read", path, &error))?,
    };
    let mode = fs::metadata(path).map_err(|error| failed("read", path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(CliError::usage(format!("{0} can be read by others: run `chmod 600 {0}`", path.display())));
    }
    // What is wrong isn't quoted, since it may hold a token.
    toml::from_str(&text)
        .map_err(|_| CliError::usage(format!("{} is no TOML file: remove it, and log in again", path.display())))
}

/// Written under another name first, so that a crash leaves the old tokens or the new ones.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
        // Half a file of tokens is of no use to anybody; that it stays is the lesser trouble.
        let _ = fs::remove_file(&temporary);
    })
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> CliError {
    CliError::internal(format!("failed to {what} {}: {error}", path.display()))
}
