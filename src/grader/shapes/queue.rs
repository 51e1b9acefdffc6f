//! The shapes that wait for a cache, until nothing is graded.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shape::Shape;
use crate::grader::prepared::Prepared;
use crate::grader::report::Mode;
use crate::sandbox::{self, Cancel};

/// Shapes that wait at most. With more, the oldest is forgotten until it is handed in again.
const MAX_WAITING: usize = 16;
/// How often making a cache is begun, when submissions keep coming in between.
const MAX_TRIES: u32 = 4;

/// A shape that waits for its cache.
pub(super) struct Waiting {
    /// The package as it was when the shape was handed in.
    pub(super) prepared: Prepared,
    pub(super) mode: Mode,
    pub(super) shape: Shape,
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
    pub(super) fn next(&self, patience: Duration) -> Result<Option<(Waiting, Cancel)>, sandbox::Error> {
        let is_pointless = |state: &mut State| state.gradings > 0 || state.waiting.is_empty();
        let waited = self.changed.wait_timeout_while(self.lock(), patience, is_pointless);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if is_pointless(&mut state) {
            return Ok(None);
        }
        let waiting = state.waiting.pop_front();
        // Where there is no descriptor for a switch, the shape is forgotten rather than tried without end.
        let cancel = Cancel::new()?;
        state.making = Some(cancel.clone());
        Ok(waiting.map(|waiting| (waiting, cancel)))
    }

    /// Says that the making has ended, and puts back what a grading has ended, unless that happens all the time.
    pub(super) fn end_making(&self, cancelled: Option<Waiting>) {
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

impl Waiting {
    fn is_of(&self, prepared: &Prepared, mode: Mode, shape: &Shape) -> bool {
        self.mode == mode && self.shape.key == shape.key && self.prepared.folder == prepared.folder
    }
}
