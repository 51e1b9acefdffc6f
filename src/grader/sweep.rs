//! Removes prepared packages that nobody has used for long: every change to a package leaves the one before behind.
//!
//! A folder of prepared packages may be shared by processes, so what was used lately stays, whoever used it. When a process
//! prepares or finds a package, it writes the package's `used` file anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::engine::Grader;
use super::error::Error;
use super::tree;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Unused for longer, it goes.
const MAX_AGE: Duration = Duration::from_secs(30 * DAY.as_secs());
/// What all of them may hold; more than that, and the longest unused go.
const MAX_BYTES: u64 = 10 << 30;
/// Used within this time, it stays in any case.
const MIN_AGE: Duration = DAY;
/// The file whose time says when a package was used.
const USED: &str = "used";

/// What a folder of prepared packages may hold, and how long.
struct Bounds {
    max_age: Duration,
    min_age: Duration,
    max_bytes: u64,
}

/// The bounds of every grader.
const BOUNDS: Bounds = Bounds { max_age: MAX_AGE, min_age: MIN_AGE, max_bytes: MAX_BYTES };

impl Grader {
    /// Removes prepared packages that nobody has used for long, and returns their folders.
    ///
    /// # Errors
    /// When one cannot be looked at or removed.
    pub fn sweep(&self) -> Result<Vec<PathBuf>, Error> {
        let parent = self.data_dir.join("prepared");
        sweep(&parent, &BOUNDS).map_err(Error::file("remove old prepared packages from", &parent))
    }
}

/// Says that a prepared package is used now.
pub(super) fn touch(prepared: &Path) -> io::Result<()> {
    fs::write(prepared.join(USED), "now")
}

/// Removes what is beyond the bounds, and returns it.
fn sweep(parent: &Path, bounds: &Bounds) -> io::Result<Vec<PathBuf>> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(parent)? {
        let folder = entry?.path();
        // What is being prepared has none yet.
        if let Ok(used) = fs::metadata(folder.join(USED)) {
            kept.push((used.modified()?.elapsed().unwrap_or_default(), bytes(&folder)?, folder));
        }
    }
    kept.sort();
    let mut total = 0_u64;
    let mut removed = Vec::new();
    for (age, bytes, folder) in kept {
        total = total.saturating_add(bytes);
        if age > bounds.max_age || (total > bounds.max_bytes && age > bounds.min_age) {
            // Renamed first: a folder that is half removed must not be taken for a prepared one.
            let doomed = parent.join(format!(".removed-{}", folder.file_name().unwrap_or_default().to_string_lossy()));
            fs::rename(&folder, &doomed)?;
            fs::remove_dir_all(&doomed)?;
            removed.push(folder);
        }
    }
    Ok(removed)
}

fn bytes(folder: &Path) -> io::Result<u64> {
    let files = tree::files(folder)?;
    files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(bounds: &Bounds) -> usize {
        let parent = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            fs::create_dir(parent.path().join(name)).unwrap();
            fs::write(parent.path().join(name).join("file"), [0; 100]).unwrap();
            touch(&parent.path().join(name)).unwrap();
        }
        fs::create_dir(parent.path().join(".unfinished")).unwrap();
        let removed = sweep(parent.path(), bounds).unwrap();
        let left = fs::read_dir(parent.path()).unwrap().count();
        assert_eq!(left + removed.len(), 3);
        left - 1
    }

    #[test]
    fn what_is_old_or_too_much_goes_and_what_is_in_use_stays() {
        let (none, long) = (Duration::ZERO, Duration::from_secs(3600));
        assert_eq!(left(&Bounds { max_age: long, min_age: none, max_bytes: 1_000 }), 2);
        assert_eq!(left(&Bounds { max_age: none, min_age: none, max_bytes: 1_000 }), 0);
        assert_eq!(left(&Bounds { max_age: long, min_age: none, max_bytes: 150 }), 1);
        assert_eq!(left(&Bounds { max_age: long, min_age: long, max_bytes: 0 }), 2);
    }
}
