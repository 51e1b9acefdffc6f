//! The compiler's incremental caches for submissions that have other types than the solution.
//!
//! Most of a grading's time goes into compiling the tests, and a cache saves most of that. But it fits only where what the tests depend
//! on is the same: types, traits, signatures. The cache of the package ([`Prepared::incremental_cache`]) is of the solution. For
//! submissions with other types, one is made by their shape once the first of them was graded, while nothing else is graded.
//!
//! A cache is made of the submission's [skeleton] and of nothing else, and is found by the hash of that skeleton. So what the first submission
//! of a shape leaves behind is what any other of that shape would have left. A body is in it only where it is a part of the shape, so a
//! submission can't alter how another is compiled, or tell what is in it. No code of the skeleton runs. It is compiled in the same jails as a submission, with the same limits.
//! What the compiler takes over from a cache it compares with the crate that it compiles; and tests that don't compile with a cache are
//! compiled again without. All that a submission shows to others is that its grading is quicker if somebody has handed in those very
//! signatures before.
//!
//! ```text
//! <prepared package>/shapes/<hidden|public>-<hash of the skeleton>/
//!   used            written anew at each use
//!   cache/          missing where the skeleton doesn't compile, so that it isn't tried again
//! ```

mod caches;
mod make;
mod queue;
mod shape;
mod skeleton;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) use queue::Queue;

use self::caches::Known;
pub(super) use self::shape::Shape;
use super::prepared::Prepared;
use super::report::Mode;
use super::type_fingerprint::type_fingerprint;

/// What the compiler of the tests starts from, for a submission.
pub(super) enum CacheFor {
    /// The cache in this folder.
    Found(PathBuf),
    /// No cache: nobody has handed in this shape before.
    NewShape(Shape),
    /// No cache, and none can be made.
    Nothing,
}

/// The cache that saves most for some sources: that of the solution if it defines the same types, and otherwise that of their shape.
pub(super) fn cache_for(prepared: &Prepared, mode: Mode, sources: &BTreeMap<String, String>) -> CacheFor {
    if prepared.record.type_fingerprint == type_fingerprint(sources.values().map(String::as_str)) {
        return CacheFor::Found(prepared.incremental_cache(mode));
    }
    let Some(shape) = Shape::of(sources) else { return CacheFor::Nothing };
    match caches::find(prepared, mode, &shape) {
        Some(Known::Cache(folder)) => CacheFor::Found(folder),
        Some(Known::NoCache) => CacheFor::Nothing,
        None => CacheFor::NewShape(shape),
    }
}
