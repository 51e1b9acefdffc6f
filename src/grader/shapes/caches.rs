//! Where the caches of shapes are kept, and how many.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Shape;
use crate::grader::prepared::Prepared;
use crate::grader::report::Mode;
use crate::grader::{sweep, tree};

/// What all shapes of one package may hold; the longest unused go first.
const BOUNDS: sweep::Bounds = sweep::Bounds {
    max_age: Duration::from_secs(30 * 24 * 60 * 60),
    min_age: IN_USE,
    max_count: 255,
    max_bytes: 256 << 20,
};
/// Used within this time, a cache stays: a grading may be using it.
const IN_USE: Duration = Duration::from_secs(60);

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
    // Where it can't be noted, it is taken for unused sooner than it should.
    sweep::touch(&folder).ok()?;
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

/// A folder beside the shapes in which one is made.
pub(super) fn unfinished(prepared: &Prepared) -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix(".unfinished-").tempdir_in(parent(prepared))
}

/// Keeps what is known of a shape: `made` is the folder that a compiler in a jail has filled, if it has.
pub(super) fn keep(prepared: &Prepared, mode: Mode, shape: &Shape, made: Option<&Path>) -> io::Result<()> {
    let unfinished = unfinished(prepared)?;
    if let Some(made) = made {
        // What a jail has written belongs to its own user; what a later jail builds on is ours.
        tree::copy_but(made, &unfinished.path().join("cache"), |_| false)?;
    }
    sweep::touch(unfinished.path())?;
    match fs::rename(unfinished.path(), folder(prepared, mode, shape)) {
        // Another process has made the same meanwhile.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        other => other,
    }
}

fn parent(prepared: &Prepared) -> PathBuf {
    prepared.path("shapes")
}

fn folder(prepared: &Prepared, mode: Mode, shape: &Shape) -> PathBuf {
    parent(prepared).join(format!("{}-{}", Prepared::sources(mode), shape.key))
}
