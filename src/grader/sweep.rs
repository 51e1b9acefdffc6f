//! Removes prepared packages, and caches of them, that nobody has used for long: every change to a package leaves the one before behind.
//!
//! A folder of prepared packages may be shared by processes, so what was used lately stays, whoever used it. When a process
//! prepares or finds a package, it writes the package's `used` file anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::tree;

/// How the name of a folder begins that another one has taken the place of.
const REPLACED: &str = ".replaced-";
/// The file whose time says when a package was used.
const USED: &str = "used";

/// What a folder may hold, and how long: of prepared packages, or of the caches of one.
pub(super) struct Bounds {
    /// Unused for longer, it goes.
    pub(super) max_age: Duration,
    /// Used within this time, it stays in any case.
    pub(super) min_age: Duration,
    /// More folders than this, and the longest unused go.
    pub(super) max_count: usize,
    /// More bytes than this, and the longest unused go.
    pub(super) max_bytes: u64,
}

/// Says that a prepared package is used now.
pub(super) fn touch(prepared: &Path) -> io::Result<()> {
    fs::write(prepared.join(USED), "now")
}

/// Takes a prepared folder that is of no use any more out of the way, whole, if it exists. Gradings that began with it go on in
/// it: one that lost its files while it is graded would be refused for no fault of its own.
pub(super) fn set_aside(prepared: &Path) -> io::Result<()> {
    let name = prepared.file_name().unwrap_or_default().to_string_lossy();
    let aside = prepared.with_file_name(format!("{REPLACED}{name}-{:016x}", rand::random::<u64>()));
    match touch(prepared).and_then(|()| fs::rename(prepared, aside)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn is_replaced(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(REPLACED))
}

/// Removes what is beyond the bounds, and returns it.
pub(super) fn sweep(parent: &Path, bounds: &Bounds) -> io::Result<Vec<PathBuf>> {
    let (mut count, mut total) = (0, 0_u64);
    let mut removed = Vec::new();
    for (age, bytes, folder) in used_folders(parent)? {
        count += 1;
        total = total.saturating_add(bytes);
        let useless = count > bounds.max_count || total > bounds.max_bytes || is_replaced(&folder);
        let is_old = age > bounds.max_age || (useless && age > bounds.min_age);
        if is_old && remove(&folder, bounds.min_age)? {
            removed.push(folder);
        }
    }
    Ok(removed)
}

/// Removes a folder that wasn't used lately, and says whether it did. Another process may have used it meanwhile, or removed it.
fn remove(folder: &Path, min_age: Duration) -> io::Result<bool> {
    let Some(age) = or_gone(age(folder))? else { return Ok(false) };
    if age < min_age {
        return Ok(false);
    }
    // Renamed first: a folder that is half removed must not be taken for a prepared one.
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let doomed = folder.with_file_name(format!(".removed-{name}-{:016x}", rand::random::<u64>()));
    let removed = fs::rename(folder, &doomed).and_then(|()| fs::remove_dir_all(&doomed));
    Ok(or_gone(removed)?.is_some())
}

/// How long ago a folder was used.
fn age(folder: &Path) -> io::Result<Duration> {
    Ok(fs::metadata(folder.join(USED))?.modified()?.elapsed().unwrap_or_default())
}

/// `None` for what isn't there (any more), and for a file where a folder was looked for.
fn or_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        other => other.map(Some),
    }
}

/// Whether what is there is within the bounds, but for its age.
pub(super) fn is_within(parent: &Path, bounds: &Bounds) -> io::Result<bool> {
    let folders = used_folders(parent)?;
    let total: u64 = folders.iter().map(|(_, bytes, _)| bytes).sum();
    Ok(folders.len() <= bounds.max_count && total <= bounds.max_bytes)
}

/// The folders with a time of use: how long ago that was, their bytes, and their paths; the last used first.
fn used_folders(parent: &Path) -> io::Result<Vec<(Duration, u64, PathBuf)>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(parent)? {
        let folder = entry?.path();
        // What is being prepared has no time of use yet. What others remove meanwhile is none of ours.
        let used = or_gone(age(&folder).and_then(|age| Ok((age, bytes(&folder)?))))?;
        folders.extend(used.map(|(age, bytes)| (age, bytes, folder)));
    }
    folders.sort();
    Ok(folders)
}

fn bytes(folder: &Path) -> io::Result<u64> {
    let files = tree::files(folder)?;
    files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);
    const ANY: Bounds = Bounds { max_age: LONG, min_age: Duration::ZERO, max_count: 2, max_bytes: 1_000 };

    /// How many of two folders of 103 bytes stay.
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
    fn what_was_replaced_stays_whole_until_no_grading_can_use_it() {
        let parent = tempfile::tempdir().unwrap();
        let prepared = parent.path().join("a");
        set_aside(&prepared).unwrap();
        fs::create_dir(&prepared).unwrap();
        fs::write(prepared.join("file"), "kept").unwrap();
        set_aside(&prepared).unwrap();
        assert!(!prepared.exists());
        let [aside] = &fs::read_dir(parent.path()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()[..]
        else {
            panic!("one folder is left")
        };
        assert_eq!(fs::read_to_string(aside.join("file")).unwrap(), "kept");
        assert!(sweep(parent.path(), &Bounds { min_age: LONG, ..ANY }).unwrap().is_empty());
        assert_eq!(sweep(parent.path(), &ANY).unwrap(), std::slice::from_ref(aside));
    }

    #[test]
    fn what_is_old_or_too_much_goes_and_what_is_in_use_stays() {
        assert_eq!(left(&ANY), 2);
        assert_eq!(left(&Bounds { max_age: Duration::ZERO, ..ANY }), 0);
        assert_eq!(left(&Bounds { max_bytes: 150, ..ANY }), 1);
        assert_eq!(left(&Bounds { max_count: 1, ..ANY }), 1);
        assert_eq!(left(&Bounds { min_age: LONG, max_bytes: 0, ..ANY }), 2);
    }
}
