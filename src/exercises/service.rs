//! The exercises of the configured folders, as everybody in this process sees them now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::snapshot::{Contents, Snapshot, stamp};
use super::{Availability, Exercise, ExerciseSummary, Recorded, State};
use crate::error::{Refusal, Result};
use crate::grader::Package;
use crate::incident::FOLDER;

/// The exercises. Clones share them.
#[derive(Debug, Clone)]
pub struct Exercises {
    folders: Arc<[PathBuf]>,
    now: Arc<RwLock<Arc<Snapshot>>>,
    /// The exercises that somebody asked for while they were not prepared, in the order in which they were asked for.
    asked_for: Arc<Mutex<Vec<String>>>,
}

impl Exercises {
    /// Reads the packages of `folders`; none of them is ready yet. Packages with mistakes are logged, and listed as
    /// unavailable.
    #[must_use]
    pub fn read(folders: &[PathBuf]) -> Self {
        let snapshot = Snapshot::read(folders, None);
        Self { folders: folders.into(), now: Arc::new(RwLock::new(Arc::new(snapshot))), asked_for: Arc::default() }
    }

    fn now(&self) -> Arc<Snapshot> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another snapshot in place of this one. `change` sees the one that it replaces.
    fn replace(&self, change: impl FnOnce(&Snapshot) -> Snapshot) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        *now = Arc::new(change(&now));
    }

    /// A watch on the folders, which begins with what was read last.
    #[must_use]
    pub fn watch(&self) -> FolderWatch {
        FolderWatch { exercises: self.clone(), seen: self.now().stamp }
    }

    /// Counts every exercise that could be read as ready, for a server that leaves preparing and grading to others.
    pub fn assume_ready(&self) {
        self.replace(|before| {
            let mut after = Snapshot { assume_ready: true, ..before.clone() };
            for entry in after.entries.values_mut().filter(|entry| entry.availability.state == State::Preparing) {
                entry.availability = Availability::ready();
            }
            after
        });
    }

    /// Says how far the preparing of an exercise has come.
    pub fn set(&self, slug: &str, availability: Availability) {
        self.replace(|before| {
            let mut after = before.clone();
            if let Some(entry) = after.entries.get_mut(slug) {
                entry.availability = availability;
            }
            after
        });
    }

    /// Slugs of the exercises whose packages lie in their folders as they were read, to be prepared.
    #[must_use]
    pub fn slugs(&self) -> Vec<String> {
        let now = self.now();
        now.entries.iter().filter(|(_, entry)| entry.is_current).map(|(slug, _)| slug.clone()).collect()
    }

    /// Notes that somebody asks for an exercise, so that it's prepared before the others.
    fn ask_for(&self, slug: &str) {
        let mut asked_for = self.asked_for.lock().unwrap_or_else(PoisonError::into_inner);
        if !asked_for.iter().any(|asked| asked == slug) {
            asked_for.push(slug.to_owned());
        }
    }

    /// Takes the one of some exercises that is to be prepared next: the one that was asked for first, else the first by name.
    #[must_use]
    pub fn take_next(&self, waiting: &mut BTreeSet<String>) -> Option<String> {
        let mut asked_for = self.asked_for.lock().unwrap_or_else(PoisonError::into_inner);
        let next = asked_for.iter().position(|asked| waiting.contains(asked)).map(|at| asked_for.remove(at));
        match next {
            Some(slug) => waiting.take(&slug),
            None => waiting.pop_first(),
        }
    }

    /// Slugs of the exercises that can be graded here.
    #[must_use]
    pub fn ready(&self) -> Vec<String> {
        let now = self.now();
        let ready = now.entries.iter().filter(|(_, entry)| entry.availability.state == State::Ready);
        ready.map(|(slug, _)| slug.clone()).collect()
    }

    /// Slugs of the exercises that can be graded here, or will be once they have been prepared.
    #[must_use]
    pub fn ready_or_preparing(&self) -> Vec<String> {
        let now = self.now();
        let open = now.entries.iter().filter(|(_, entry)| entry.availability.state != State::Unavailable);
        open.map(|(slug, _)| slug.clone()).collect()
    }

    fn contents(&self, slug: &str) -> Option<Arc<Contents>> {
        self.now().entries.get(slug)?.contents.clone()
    }

    /// The package of an exercise; the last good version where it has mistakes now.
    #[must_use]
    pub fn package(&self, slug: &str) -> Option<Arc<Package>> {
        self.contents(slug).map(|contents| Arc::clone(&contents.package))
    }

    /// The name of an exercise on pages.
    #[must_use]
    pub fn title(&self, slug: &str) -> Option<String> {
        self.contents(slug).map(|contents| contents.package.title.clone())
    }

    /// Checks that submissions to an exercise are taken now. They are while it is being prepared, and then wait.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such exercise, 409 `exercise_unavailable` when it can't be graded.
    pub fn check_open(&self, slug: &str) -> Result<()> {
        let now = self.now();
        let Availability { state, reason } = &now.entries.get(slug).ok_or_else(not_found)?.availability;
        match state {
            State::Ready => Ok(()),
            State::Preparing => {
                self.ask_for(slug);
                Ok(())
            }
            State::Unavailable => Err(unavailable(reason.as_deref()).into()),
        }
    }

    /// Whether submissions to an exercise wait until it has been prepared.
    #[must_use]
    pub fn is_preparing(&self, slug: &str) -> bool {
        self.now().entries.get(slug).is_some_and(|entry| entry.availability.state == State::Preparing)
    }

    /// All exercises by slug, with those that can't be used.
    #[must_use]
    pub fn summaries(&self) -> Vec<ExerciseSummary> {
        self.now().entries.iter().map(|(slug, entry)| entry.summary(slug)).collect()
    }

    /// One exercise with everything that a candidate needs.
    ///
    /// # Errors
    /// 404 `not_found` when there is none, 409 `exercise_unavailable` when its package never could be read.
    pub fn exercise(&self, slug: &str) -> Result<Exercise> {
        let now = self.now();
        let entry = now.entries.get(slug).ok_or_else(not_found)?;
        if entry.availability.state == State::Preparing {
            self.ask_for(slug);
        }
        match &entry.contents {
            Some(contents) => Ok(contents.exercise(slug, entry.availability.clone())),
            None => Err(unavailable(entry.availability.reason.as_deref()).into()),
        }
    }

    /// The files that a candidate starts from, text by path.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such exercise, 409 `exercise_unavailable` when its package never could be read.
    pub fn starter(&self, slug: &str) -> Result<BTreeMap<String, String>> {
        Ok(self.exercise(slug)?.starter)
    }
}

impl Exercises {
    /// What was recorded of an exercise's incident.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such exercise, or when it is about no incident.
    pub(crate) fn incident(&self, slug: &str) -> Result<Recorded> {
        let contents = self.contents(slug).ok_or_else(not_found)?;
        Ok(contents.recorded.clone().ok_or_else(|| Refusal::not_found("incident of this exercise"))?)
    }

    /// One of the files that an incident was recorded in, such as `metrics.csv`.
    ///
    /// # Errors
    /// 404 `not_found` when there is no such file.
    pub(crate) fn incident_file(&self, slug: &str, name: &str) -> Result<String> {
        let path = format!("{FOLDER}{name}");
        let is_recorded = self.incident(slug)?.incident.has_file(&path);
        let text =
            self.contents(slug).filter(|_| is_recorded).and_then(|contents| contents.starter.get(&path).cloned());
        Ok(text.ok_or_else(|| Refusal::not_found("file of this incident"))?)
    }
}

/// Looks at the folders now and then, and reads them again when something in them has changed.
#[derive(Debug)]
pub struct FolderWatch {
    exercises: Exercises,
    /// The folders when they were last looked at.
    seen: u64,
}

impl FolderWatch {
    /// Reads the folders again if something in them has changed and nothing has since the last look, as while an author saves
    /// one file after the other. Says whether there is something to prepare.
    pub fn look(&mut self) -> bool {
        let stamp = stamp(&self.exercises.folders);
        let seen = std::mem::replace(&mut self.seen, stamp);
        if stamp != seen || stamp == self.exercises.now().stamp {
            return false;
        }
        // Read outside of the lock: this is the only one that reads folders anew.
        let after = Snapshot::read(&self.exercises.folders, Some(&self.exercises.now()));
        self.exercises.replace(|_| after);
        true
    }
}

fn not_found() -> Refusal {
    Refusal::not_found("exercise")
}

fn unavailable(reason: Option<&str>) -> Refusal {
    Refusal::conflict("exercise_unavailable", reason.unwrap_or("it can't be graded here").to_owned())
}
