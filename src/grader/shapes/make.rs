//! Makes the caches of shapes that wait for one.

use std::fs;
use std::time::Duration;

use super::queue::Waiting;
use super::shape::Shape;
use super::{CacheFor, cache_for, caches};
use crate::grader::build::{build, sources};
use crate::grader::context::GradingContext;
use crate::grader::engine::Grader;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::link::{IncrementalCache, link, made, offer_library};
use crate::grader::prepared::Prepared;
use crate::grader::report::Mode;
use crate::grader::seed::Seed;
use crate::sandbox::{self, Cancel};

impl Prepared {
    /// Forgets the shapes that were handed in, as if the package was prepared just now.
    ///
    /// # Errors
    /// When a cache can't be removed.
    pub fn forget_shapes(&self) -> Result<(), Error> {
        let path = self.path("shapes");
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file("remove", &path)(error)),
            _ => Ok(()),
        }
    }
}

impl Grader {
    /// Whether all is known of a submission's shape that makes grading it quicker: whether there is a cache, or can be none.
    ///
    /// # Errors
    /// When the starter can't be read.
    pub fn has_seen_shape(&self, prepared: &Prepared, files: &SubmittedFiles, mode: Mode) -> Result<bool, Error> {
        Ok(!matches!(cache_for(prepared, mode, &sources(prepared, files)?), CacheFor::NewShape(_)))
    }

    /// Makes the cache of one shape that waits for it, once there is one and nothing is graded; waits for that at most as long as
    /// `patience`. A grading that begins meanwhile ends it. What keeps it from being made is said in the log: gradings do without.
    pub fn cache_a_shape(&self, patience: Duration) {
        let (waiting, cancel) = match self.shapes.next(patience) {
            Ok(Some(next)) => next,
            Ok(None) => return,
            Err(error) => return tracing::warn!(%error, "no cache is made for a submission's shape"),
        };
        let made = make(self, &waiting, &cancel);
        let cancelled = matches!(made, Err(Error::Sandbox(sandbox::Error::Cancelled)));
        match made {
            Err(error) if !cancelled => {
                tracing::warn!(package = %waiting.prepared.package.slug, %error, "no cache is made for a submission's shape");
            }
            _ => {}
        }
        self.shapes.end_making(cancelled.then_some(waiting));
    }
}

/// Compiles a skeleton with the tests, and keeps the cache, or that there is none.
fn make(grader: &Grader, waiting: &Waiting, cancel: &Cancel) -> Result<(), Error> {
    let Waiting { prepared, mode, shape, .. } = waiting;
    let path = prepared.path("shapes");
    let file = |what| Error::file(what, &path);
    if caches::find(prepared, *mode, shape).is_some() || !caches::make_room(prepared).map_err(file("make room in"))? {
        return Ok(());
    }
    let dir = grader.mem_dir()?;
    let seed = Seed::of(&prepared.record, &SubmittedFiles::default(), 0);
    let context = GradingContext { grader, prepared, mode: *mode, dir: &dir, seed, cancel };
    let is_made = compile(&context, shape)?;
    let made = made(*mode);
    caches::keep(prepared, *mode, shape, is_made.then_some((&dir, &made))).map_err(file("keep a cache in"))
}

/// Whether a skeleton and the tests compile. If they do, the compiler's cache is in the context's folder now.
fn compile(context: &GradingContext<'_>, shape: &Shape) -> Result<bool, Error> {
    if build(context, &shape.skeleton)?.failure.is_some() {
        return Ok(false);
    }
    offer_library(context)?;
    Ok(link(context, &IncrementalCache::Make)?.failure.is_none())
}
