//! Where the caches of shapes are kept, and how many.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::shape::Shape;
use crate::grader::prepared::Prepared;
use crate::grader::report::Mode;
use crate::grader::sweep;
use crate::sandbox::MemDir;

/// What all shapes of one package may hold; the longest unused go first.
const BOUNDS: sweep::Bounds = sweep::Bounds {
    max_age: Duration::from_secs(30 * 24 * 60 * 60),
    min_age: IN_USE,
    max_count: 255,
    max_bytes: 256 << 20,
};
/// Used within this time, a cache stays: a grading may be using it.
const IN_USE: Duration = Duration::from_secs(10 * 60);
/// Bytes of one cache. A larger one isn't kept, so that no shape takes the room of many others.
const MAX_CACHE_BYTES: u64 = 32 << 20;

/// What is known of a shape.
pub(super) enum Known {
    /// The folder of the cache that was made for it.
    Cache(PathBuf),
    /// None can be made.
    NoCache,
}

/// What is known of a shape for the tests of a mode; `None` if nobody has handed it in before.
pub(super) fn find(prepared: &Prepared, mode: Mode, shape: &Shape) -> Option<Known> {
    let folder = folder(prepared, mode, shape);
    match sweep::touch(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        // Where it can't be noted, it is taken for unused sooner than it should.
        _ => {}
    }
    let cache = folder.join("cache");
    Some(if cache.is_dir() { Known::Cache(cache) } else { Known::NoCache })
}

/// Makes room for one more; `false` where all that is there is in use.
pub(super) fn make_room(prepared: &Prepared) -> io::Result<bool> {
    let parent = parent(prepared);
    fs::create_dir_all(&parent)?;
    sweep::sweep(&parent, &BOUNDS)?;
    sweep::is_within(&parent, &BOUNDS)
}

/// Keeps the cache that a compiler has made for a shape, given by where in a grading's folder it lies. `None` notes that there is none.
pub(super) fn keep(prepared: &Prepared, mode: Mode, shape: &Shape, made: Option<(&MemDir, &str)>) -> io::Result<()> {
    let unfinished = tempfile::Builder::new().prefix(".unfinished-").tempdir_in(parent(prepared))?;
    // What a process that is killed leaves of it is removed as what nobody has used for long.
    sweep::touch(unfinished.path())?;
    if let Some((dir, made)) = made {
        let cache = unfinished.path().join("cache");
        match dir.copy_out(made, &cache, MAX_CACHE_BYTES) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => fs::remove_dir_all(&cache)?,
            other => other?,
        }
    }
    match fs::rename(unfinished.path(), folder(prepared, mode, shape)) {
        // Another process has made the same meanwhile.
        Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) => Ok(()),
        other => other,
    }
}

fn parent(prepared: &Prepared) -> PathBuf {
    prepared.path("shapes")
}

fn folder(prepared: &Prepared, mode: Mode, shape: &Shape) -> PathBuf {
    parent(prepared).join(format!("{}-{}", Prepared::sources(mode), shape.key))
}
