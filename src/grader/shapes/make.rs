//! Makes the caches of shapes that wait for one, while nothing is graded.

use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{CacheFor, Shape, cache_for, caches};
use crate::grader::build::{build, sources};
use crate::grader::context::GradingContext;
use crate::grader::engine::Grader;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::link::{IncrementalCache, link, offer_library};
use crate::grader::prepared::Prepared;
use crate::grader::report::Mode;
use crate::grader::seed::Seed;
use crate::sandbox::{self, Cancel};

/// Shapes that wait at most. With more, the oldest is forgotten until it is handed in again.
const MAX_WAITING: usize = 16;
/// How often making a cache is begun, when submissions keep coming in between.
const MAX_TRIES: u32 = 4;

/// A shape that waits for its cache.
struct Waiting {
    /// The package as it was when the shape was handed in.
    prepared: Prepared,
    mode: Mode,
    shape: Shape,
    tries: u32,
}

/// The shapes that wait for a cache, and whether there is time to make one.
#[derive(Default)]
pub(in crate::grader) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    gradings: usize,
    /// Ends the making that is under way.
    making: Option<Cancel>,
}

/// A grading under way. Until it is dropped, no cache is made.
pub(in crate::grader) struct Busy<'q>(&'q Queue);

impl Queue {
    /// Has a cache made for a shape later on.
    pub(in crate::grader) fn add(&self, prepared: &Prepared, mode: Mode, shape: Shape) {
        let mut state = self.lock();
        if state.waiting.iter().any(|waiting| waiting.is_of(prepared, mode, &shape)) {
            return;
        }
        if state.waiting.len() == MAX_WAITING {
            state.waiting.pop_front();
        }
        state.waiting.push_back(Waiting { prepared: prepared.clone(), mode, shape, tries: 0 });
        self.changed.notify_all();
    }

    /// Says that a grading begins, and ends the making of a cache at once: nobody waits for that.
    pub(in crate::grader) fn begin_grading(&self) -> Busy<'_> {
        let mut state = self.lock();
        state.gradings += 1;
        if let Some(making) = &state.making {
            making.cancel();
        }
        Busy(self)
    }

    /// Waits until there is a shape to make a cache for and nothing is graded, but not for longer than `patience`.
    fn next(&self, patience: Duration) -> Result<Option<(Waiting, Cancel)>, sandbox::Error> {
        let is_pointless = |state: &mut State| state.gradings > 0 || state.waiting.is_empty();
        let waited = self.changed.wait_timeout_while(self.lock(), patience, is_pointless);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if is_pointless(&mut state) {
            return Ok(None);
        }
        let cancel = Cancel::new()?;
        state.making = Some(cancel.clone());
        Ok(state.waiting.pop_front().map(|waiting| (waiting, cancel)))
    }

    /// Says that the making has ended, and puts back what a grading has ended, unless that happens all the time.
    fn end_making(&self, cancelled: Option<Waiting>) {
        let mut state = self.lock();
        state.making = None;
        let again = cancelled.map(|waiting| Waiting { tries: waiting.tries + 1, ..waiting });
        state.waiting.extend(again.filter(|waiting| waiting.tries < MAX_TRIES));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.lock().gradings -= 1;
        self.0.changed.notify_all();
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("waiting", &self.lock().waiting.len()).finish()
    }
}

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

impl Waiting {
    fn is_of(&self, prepared: &Prepared, mode: Mode, shape: &Shape) -> bool {
        self.mode == mode && self.shape.key == shape.key && self.prepared.folder == prepared.folder
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
    let made = caches::unfinished(prepared).map_err(file("make a folder in"))?;
    let cache = made.path().join("made");
    fs::create_dir(&cache).map_err(file("make a folder in"))?;
    let compiles = compile(&context, shape, &cache)?;
    caches::keep(prepared, *mode, shape, compiles.then_some(&*cache)).map_err(file("keep a cache in"))
}

/// Whether a skeleton and the tests compile. If they do, the compiler's cache is in a folder now.
fn compile(context: &GradingContext<'_>, shape: &Shape, cache: &std::path::Path) -> Result<bool, Error> {
    if build(context, &shape.skeleton)?.failure.is_some() {
        return Ok(false);
    }
    offer_library(context)?;
    Ok(link(context, &IncrementalCache::Make(cache))?.failure.is_none())
}
