//! The name by which the database knows a worker, and the proof that nobody else has it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use crate::id::LeaseId;

/// The file in the data directory that holds a worker's id and is locked while the worker runs.
const FILE: &str = "worker-id";
/// Longest id that is read, in bytes.
const ID_MAX_BYTES: u64 = 64;

/// A worker's name, and whether it is the only one that can have it.
#[derive(Debug)]
pub(super) struct Identity {
    /// Tells this worker from others in the database and in the log. It's the id of the data directory and nothing else: the
    /// name of the host changes with every container.
    pub(super) name: String,
    /// The lock on the id of the data directory. While it is held no other process has this name, so whatever the name holds
    /// in the database was left behind by a former self that is dead. `None` when another process of this data directory
    /// runs already, or when its file system knows no locks; the name is then good for this process alone.
    pub(super) lock: Option<File>,
}

impl Identity {
    /// The identity of the worker that runs on a data directory.
    ///
    /// # Errors
    /// When the file of the id can't be opened, locked, read or written.
    pub(super) fn of(data_dir: &Path) -> io::Result<Self> {
        Self::locked_by(File::try_lock, data_dir)
    }

    fn locked_by(lock: impl FnOnce(&File) -> Result<(), TryLockError>, data_dir: &Path) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(data_dir.join(FILE))?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Self::of_one_process()),
            Err(TryLockError::Error(error)) if is_without_locks(&error) => {
                tracing::warn!(%error, "the file system of the data directory has no locks (flock): if this worker dies, \
                    the next one can't take back its gradings at once, and they wait until their leases run out");
                return Ok(Self::of_one_process());
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut text = String::new();
        (&mut file).take(ID_MAX_BYTES).read_to_string(&mut text)?;
        let id = text.trim();
        if !id.is_empty() {
            return Ok(Self { name: id.to_owned(), lock: Some(file) });
        }
        let id = new_id();
        file.rewind()?;
        writeln!(file, "{id}")?;
        Ok(Self { name: id, lock: Some(file) })
    }

    /// An identity that ends with this process.
    fn of_one_process() -> Self {
        Self { name: new_id(), lock: None }
    }
}

/// Whether a file system refused a lock because it has none, as some of networks and of containers do.
fn is_without_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(libc::ENOLCK)
}

/// An id that no other worker has.
fn new_id() -> String {
    LeaseId::new().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_keeps_its_name_and_shares_it_with_nobody() {
        let data_dir = tempfile::tempdir().unwrap();
        let first = Identity::of(data_dir.path()).unwrap();
        let beside = Identity::of(data_dir.path()).unwrap();
        assert!(first.lock.is_some() && beside.lock.is_none());
        assert_ne!(first.name, beside.name);
        let name = first.name.clone();
        drop(first);
        let next = Identity::of(data_dir.path()).unwrap();
        assert!(next.lock.is_some());
        assert_eq!(next.name, name);
        // The data directory's id is all that is in it, whatever the host is called.
        assert_eq!(std::fs::read_to_string(data_dir.path().join(FILE)).unwrap().trim(), name);
    }

    #[test]
    fn without_locks_a_worker_starts_under_a_name_of_its_own() {
        let data_dir = tempfile::tempdir().unwrap();
        let known = Identity::of(data_dir.path()).unwrap().name;
        let refused_with = |code: i32| {
            let refuse = move |_: &File| Err(TryLockError::Error(io::Error::from_raw_os_error(code)));
            Identity::locked_by(refuse, data_dir.path())
        };
        for code in [libc::ENOSYS, libc::EOPNOTSUPP, libc::ENOLCK] {
            let without = refused_with(code).unwrap();
            assert!(without.lock.is_none() && without.name != known, "{code}");
        }
        assert_eq!(refused_with(libc::EIO).unwrap_err().raw_os_error(), Some(libc::EIO));
    }
}
