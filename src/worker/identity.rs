//! The name by which the database knows a worker, and the proof that nobody else has it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::id::LeaseId;

/// The file in the data directory that holds a worker's id and is locked while the worker runs.
const FILE: &str = "worker-id";
/// Longest id that is read, in bytes.
const ID_MAX_BYTES: u64 = 64;

/// A worker's name, and whether it is the only one that can have it.
#[derive(Debug)]
pub(super) struct Identity {
    /// Tells this worker from others in the database and in the log.
    pub(super) name: String,
    /// The lock on the id of the data directory. While it is held no other process has this name, so whatever the name holds
    /// in the database was left behind by a former self that is dead. `None` when another process of this data directory
    /// runs already; the name then holds the process id too.
    pub(super) lock: Option<File>,
}

impl Identity {
    /// The identity of the worker that runs on a data directory.
    ///
    /// # Errors
    /// When the file of the id can't be used.
    pub(super) fn of(data_dir: &Path) -> std::io::Result<Self> {
        let host = nix::unistd::gethostname().map(|host| host.to_string_lossy().into_owned());
        let host = host.unwrap_or_else(|_| "worker".to_owned());
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(data_dir.join(FILE))?;
        if file.try_lock().is_err() {
            return Ok(Self { name: format!("{host}:{}", std::process::id()), lock: None });
        }
        let mut id = String::new();
        (&mut file).take(ID_MAX_BYTES).read_to_string(&mut id)?;
        if id.trim().is_empty() {
            id = LeaseId::new().to_string();
            file.rewind()?;
            writeln!(file, "{id}")?;
        }
        Ok(Self { name: format!("{host}:{}", id.trim()), lock: Some(file) })
    }
}
