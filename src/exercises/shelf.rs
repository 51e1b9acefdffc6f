//! All exercises of the configured folders, and how far the preparing of each has come.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::{Availability, Card, Exercise, Rule, State};
use crate::bank::Text;
use crate::error::{Error, Kind, Refusal, Result};
use crate::grader::{Broken, Package, Registry, is_cache};

/// After how long a caller may try again while a package is being prepared.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The exercises, as they lie in their folders now ([`Exercises::refresh`]). Clones share them.
#[derive(Debug, Clone)]
pub struct Exercises(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    folders: Vec<PathBuf>,
    kept: RwLock<Arc<Kept>>,
    availability: RwLock<BTreeMap<String, Availability>>,
    /// The folders when they were last looked at.
    seen: Mutex<u64>,
    /// Preparing and grading is done elsewhere.
    left_to_others: AtomicBool,
}

/// What was read from the folders at one time.
#[derive(Debug)]
struct Kept {
    registry: Registry,
    /// Rendered once.
    statements: BTreeMap<String, Text>,
    /// The folders as they were.
    stamp: u64,
}

impl Exercises {
    /// Reads the packages of `folders`; none of them is ready yet. Packages with mistakes are logged, and listed as
    /// unavailable.
    #[must_use]
    pub fn read(folders: &[PathBuf]) -> Self {
        let kept = Kept::read(folders);
        let exercises = Self(Arc::new(Shelf {
            folders: folders.to_vec(),
            seen: Mutex::new(kept.stamp),
            kept: RwLock::new(Arc::new(kept)),
            availability: RwLock::default(),
            left_to_others: AtomicBool::new(false),
        }));
        exercises.list();
        exercises
    }

    /// Reads the folders again if something in them has changed and nothing has since the last look, as while an author saves
    /// one file after the other. Says whether there is something to prepare.
    pub fn refresh(&self) -> bool {
        let stamp = stamp(&self.0.folders);
        let seen = std::mem::replace(&mut *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner), stamp);
        if stamp != seen || stamp == self.kept().stamp {
            return false;
        }
        let kept = Arc::new(Kept::read(&self.0.folders));
        *self.0.kept.write().unwrap_or_else(PoisonError::into_inner) = kept;
        self.list();
        true
    }

    /// Lists what was read. What can be graded already goes on being graded as it was until it is prepared anew.
    fn list(&self) {
        let kept = self.kept();
        let waiting = || {
            let others = self.0.left_to_others.load(Ordering::Relaxed);
            if others { Availability::ready() } else { Availability::preparing() }
        };
        let mut all = self.0.availability.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *all);
        for broken in &kept.registry.broken {
            all.insert(name_of(broken), Availability::unavailable(mistakes(broken.mistakes.len())));
        }
        for package in kept.registry.iter() {
            let slug = package.slug.to_string();
            let was_ready = before.get(&slug).filter(|was| was.state == State::Ready).cloned();
            all.insert(slug, was_ready.unwrap_or_else(waiting));
        }
    }

    fn kept(&self) -> Arc<Kept> {
        Arc::clone(&self.0.kept.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All that could be read.
    #[must_use]
    pub fn slugs(&self) -> Vec<String> {
        self.kept().registry.iter().map(|package| package.slug.to_string()).collect()
    }

    /// One package.
    #[must_use]
    pub fn package(&self, slug: &str) -> Option<Package> {
        self.kept().registry.get(slug).cloned()
    }

    /// For people.
    #[must_use]
    pub fn title(&self, slug: &str) -> Option<String> {
        self.kept().registry.get(slug).map(|package| package.title.clone())
    }

    /// Says how far the preparing of an exercise has come.
    pub fn set(&self, slug: &str, availability: Availability) {
        let mut all = self.0.availability.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(slug.to_owned(), availability);
    }

    /// Takes submissions to everything that could be read: for a server that leaves preparing and grading to others.
    pub fn leave_to_others(&self) {
        self.0.left_to_others.store(true, Ordering::Relaxed);
        self.list();
    }

    /// Slugs of what can be graded here.
    #[must_use]
    pub fn ready(&self) -> Vec<String> {
        let all = self.0.availability.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(_, is)| is.state == State::Ready).map(|(slug, _)| slug.clone()).collect()
    }

    fn availability(&self, slug: &str) -> Option<Availability> {
        self.0.availability.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }

    /// Whether submissions to an exercise are taken now.
    ///
    /// # Errors
    /// 404 when there is none, 503 while it is prepared, 409 when it is unavailable.
    pub fn check_open(&self, slug: &str) -> Result<()> {
        let Availability { state, reason } = self.availability(slug).ok_or_else(none)?;
        let reason = reason.unwrap_or_default();
        match state {
            State::Ready => Ok(()),
            State::Preparing => {
                let refusal = Refusal::new(Kind::Unavailable, "exercise_preparing", reason);
                Err(refusal.retry_after(AGAIN_AFTER).into())
            }
            State::Unavailable => Err(Refusal::conflict("exercise_unavailable", reason).into()),
        }
    }

    /// All of them by slug, those that can't be used too.
    #[must_use]
    pub fn cards(&self) -> Vec<Card> {
        let all = self.0.availability.read().unwrap_or_else(PoisonError::into_inner).clone();
        all.into_iter().map(|(slug, availability)| self.card(slug, availability)).collect()
    }

    fn card(&self, slug: String, availability: Availability) -> Card {
        let Some(package) = self.package(&slug) else {
            let title = slug.clone();
            let (kind, summary) = (String::new(), String::new());
            return Card { slug, title, kind, difficulty: 0, topics: Vec::new(), summary, availability };
        };
        Card {
            slug,
            title: package.title.clone(),
            kind: word(&package.kind),
            difficulty: package.difficulty,
            topics: package.topics.clone(),
            summary: package.summary.clone(),
            availability,
        }
    }

    /// One exercise with everything that a candidate needs.
    ///
    /// # Errors
    /// 404 when there is none, 409 when its package has mistakes.
    pub fn exercise(&self, slug: &str) -> Result<Exercise> {
        let package = self.readable(slug)?;
        let availability = self.availability(slug).ok_or_else(none)?;
        let kept = self.kept();
        let statement = kept.statements.get(slug);
        let mut public_tests = starter(&package)?;
        public_tests.retain(|path, _| path.starts_with("tests/"));
        Ok(Exercise {
            card: self.card(slug.to_owned(), availability),
            statement: package.statement.clone(),
            statement_html: statement.map(|text| text.html().to_owned()).unwrap_or_default(),
            limits: serde_json::to_value(&package.limits).unwrap_or_default(),
            dependencies: serde_json::to_value(&package.dependencies).unwrap_or_default(),
            gates: package
                .gates
                .iter()
                .map(|gate| Rule { name: gate.name.clone(), title: gate.title.clone() })
                .collect(),
            questions: serde_json::to_value(
                package.questions.iter().map(|question| &question.asked).collect::<Vec<_>>(),
            )
            .unwrap_or_default(),
            allow_unsafe: package.allow_unsafe,
            public_tests,
        })
    }

    /// The files that a candidate starts from, text by path.
    ///
    /// # Errors
    /// As [`Exercises::exercise`].
    pub fn starter(&self, slug: &str) -> Result<BTreeMap<String, String>> {
        starter(&self.readable(slug)?)
    }

    fn readable(&self, slug: &str) -> Result<Package> {
        match (self.package(slug), self.availability(slug)) {
            (Some(package), _) => Ok(package),
            (None, Some(Availability { reason, .. })) => {
                Err(Refusal::conflict("exercise_unavailable", reason.unwrap_or_default()).into())
            }
            (None, None) => Err(none().into()),
        }
    }
}

impl Kept {
    fn read(folders: &[PathBuf]) -> Self {
        // Before it is read: what changes meanwhile is noticed afterwards.
        let stamp = stamp(folders);
        let registry = Registry::read(folders);
        for mistake in registry.broken.iter().flat_map(|broken| &broken.mistakes) {
            tracing::warn!("left out of the exercises: {mistake}");
        }
        let text = |package: &Package| (package.slug.to_string(), Text::new(below_title(&package.statement)));
        let statements = registry.iter().map(text).collect();
        Self { registry, statements, stamp }
    }
}

/// Tells one state of folders from another: names, sizes and times of all files but what cargo has made of them.
fn stamp(folders: &[PathBuf]) -> u64 {
    let mut hash = DefaultHasher::new();
    let mut waiting = folders.to_vec();
    while let Some(folder) = waiting.pop() {
        let mut entries: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let Ok(kept) = entry.metadata() else { continue };
            if kept.is_dir() {
                waiting.extend(Some(entry.path()).filter(|folder| !is_cache(folder)));
            } else {
                (entry.path(), kept.len(), kept.mtime(), kept.mtime_nsec()).hash(&mut hash);
            }
        }
    }
    hash.finish()
}

fn starter(package: &Package) -> Result<BTreeMap<String, String>> {
    package.starter().map_err(|error| match error.kind() {
        // Its folder is gone, which is about to be noticed.
        io::ErrorKind::NotFound => none().into(),
        _ => Error::internal("read a starter", error),
    })
}

fn none() -> Refusal {
    Refusal::not_found("exercise")
}

fn name_of(broken: &Broken) -> String {
    broken.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The mistakes themselves may quote what candidates must not see.
fn mistakes(count: usize) -> String {
    format!("its package has {count} mistake(s): the server's log and `quorate check` name them")
}

/// An enum's name in JSON.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A statement without its first heading: the page has the title already.
fn below_title(statement: &str) -> &str {
    match statement.split_once('\n') {
        Some((first, rest)) if first.starts_with("# ") => rest,
        _ => statement,
    }
}
