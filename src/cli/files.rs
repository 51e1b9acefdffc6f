//! A submission as the command line takes it: a crate's folder or an archive.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::CliError;
use crate::grader::{Refusal, SubmittedFiles, unpack};

/// The largest archive that is read, in bytes.
const MAX_ARCHIVE_BYTES: u64 = 8 << 20;

/// Says at once that a path leads nowhere, before anything is prepared.
pub(super) fn check_exists(path: &Path) -> Result<(), CliError> {
    if path.exists() {
        return Ok(());
    }
    Err(CliError::usage(format!("{}: there is no such folder or archive", path.display())))
}

/// Reads a submission, or says which of its files break a rule.
pub(super) fn read(path: &Path) -> Result<Result<SubmittedFiles, Vec<Refusal>>, CliError> {
    if path.is_dir() {
        return Ok(unpack::from_folder(path));
    }
    let unreadable = |error: std::io::Error| CliError::usage(format!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    File::open(path).map_err(unreadable)?.take(MAX_ARCHIVE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_ARCHIVE_BYTES {
        return Err(CliError::usage(format!("{}: larger than {} MiB", path.display(), MAX_ARCHIVE_BYTES >> 20)));
    }
    if bytes.starts_with(b"PK") {
        return Ok(unpack::from_zip(std::io::Cursor::new(bytes)));
    }
    Ok(unpack::from_tar(bytes.as_slice()))
}
