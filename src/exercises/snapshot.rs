//! The exercises as they lay in their folders at one time, and how far the preparing of each has come.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Availability, Exercise, ExerciseSummary, Recorded, Rule, State};
use crate::bank::Markdown;
use crate::grader::{Broken, Package, Registry, is_cache};
use crate::incident::FOLDER;

/// All exercises. It never changes: another state is another snapshot.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) entries: BTreeMap<String, Entry>,
    /// What [`stamp`] said of the folders.
    pub(super) stamp: u64,
    /// Whether preparing and grading is done elsewhere, so that every exercise counts as ready here.
    pub(super) assume_ready: bool,
}

/// One exercise, as it was read and as far as it has been prepared.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) availability: Availability,
    /// What was read; `None` for a package that never was without mistakes.
    pub(super) contents: Option<Arc<Contents>>,
    /// Whether the folder holds what was read, and not something newer that has mistakes.
    pub(super) is_current: bool,
}

/// What was read of a package, once.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) package: Arc<Package>,
    pub(super) recorded: Option<Recorded>,
    statement_html: String,
    pub(super) starter: BTreeMap<String, String>,
}

impl Snapshot {
    /// Reads all packages. One that is known to `before` as ready goes on being graded as it was until it is prepared anew,
    /// and the last good version of one that has mistakes now stays.
    pub(super) fn read(folders: &[PathBuf], before: Option<&Self>) -> Self {
        // Before it is read: what changes meanwhile is noticed afterwards.
        let stamp = stamp(folders);
        let registry = Registry::read(folders);
        for mistake in registry.broken.iter().flat_map(|broken| &broken.mistakes) {
            tracing::warn!("left out of the exercises: {mistake}");
        }
        let assume_ready = before.is_some_and(|before| before.assume_ready);
        let known = |slug: &str| before.and_then(|before| before.entries.get(slug));
        let mut entries = BTreeMap::new();
        for broken in &registry.broken {
            let slug = name_of(broken);
            entries.insert(slug.clone(), Entry::broken(broken.mistakes.len(), known(&slug)));
        }
        for package in registry.iter() {
            let slug = package.slug.to_string();
            entries.insert(slug.clone(), Entry::read(package, known(&slug), assume_ready));
        }
        Self { entries, stamp, assume_ready }
    }
}

impl Entry {
    fn read(package: &Package, before: Option<&Self>, assume_ready: bool) -> Self {
        let contents = match Contents::read(package) {
            Ok(contents) => contents,
            Err(error) => {
                tracing::warn!("left out of the exercises: the starter of {}: {error}", package.slug);
                return Self::broken(1, before);
            }
        };
        let was_ready = before.is_some_and(|before| before.availability.state == State::Ready);
        let availability = if was_ready || assume_ready { Availability::ready() } else { Availability::preparing() };
        Self { availability, contents: Some(Arc::new(contents)), is_current: true }
    }

    /// A package with mistakes. Where there was a good version before, that stays, and goes on being graded as it was prepared.
    fn broken(mistakes: usize, before: Option<&Self>) -> Self {
        if let Some(good) = before.filter(|before| before.contents.is_some()) {
            return Self { is_current: false, ..good.clone() };
        }
        // The mistakes themselves may quote what candidates must not see.
        let reason = format!("its package has {mistakes} mistake(s): the server's log and `quorate check` name them");
        Self { availability: Availability::unavailable(reason), contents: None, is_current: false }
    }

    pub(super) fn summary(&self, slug: &str) -> ExerciseSummary {
        let availability = self.availability.clone();
        let slug = slug.to_owned();
        match &self.contents {
            Some(contents) => contents.summary(slug, availability),
            None => ExerciseSummary {
                title: slug.clone(),
                slug,
                kind: String::new(),
                difficulty: 0,
                topics: Vec::new(),
                summary: String::new(),
                availability,
            },
        }
    }
}

impl Contents {
    fn read(package: &Package) -> std::io::Result<Self> {
        let statement_html = Markdown::new(below_title(&package.statement)).html().to_owned();
        let starter = package.starter()?;
        let recorded = package.incident.as_ref().map(|incident| Recorded {
            title: package.title.clone(),
            incident: Arc::clone(incident),
            notes: Arc::new(notes(&starter)),
        });
        Ok(Self { package: Arc::new(package.clone()), recorded, statement_html, starter })
    }

    fn summary(&self, slug: String, availability: Availability) -> ExerciseSummary {
        let package = &self.package;
        ExerciseSummary {
            slug,
            title: package.title.clone(),
            kind: package.kind.as_str().to_owned(),
            difficulty: package.difficulty,
            topics: package.topics.clone(),
            summary: package.summary.clone(),
            availability,
        }
    }

    /// Everything that a candidate needs.
    pub(super) fn exercise(&self, slug: &str, availability: Availability) -> Exercise {
        let package = &self.package;
        let asked: Vec<_> = package.questions.iter().map(|question| &question.asked).collect();
        let rule = |gate: &crate::grader::Gate| Rule { name: gate.name.clone(), title: gate.title.clone() };
        let mut public_tests = self.starter.clone();
        public_tests.retain(|path, _| path.starts_with("tests/"));
        Exercise {
            summary: self.summary(slug.to_owned(), availability),
            statement: package.statement.clone(),
            statement_html: self.statement_html.clone(),
            limits: package.limits.clone(),
            dependencies: serde_json::to_value(&package.dependencies).unwrap_or_default(),
            gates: package.gates.iter().map(rule).collect(),
            questions: serde_json::to_value(asked).unwrap_or_default(),
            allow_unsafe: package.allow_unsafe,
            public_tests,
            starter: self.starter.clone(),
        }
    }
}

/// Tells one state of folders from another, by names, sizes and times of all files except those that cargo made.
pub(super) fn stamp(folders: &[PathBuf]) -> u64 {
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

fn name_of(broken: &Broken) -> String {
    broken.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What people wrote about an incident, as safe HTML, by the names of the files.
fn notes(starter: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let texts = starter.iter().filter_map(|(path, text)| Some((path.strip_prefix(FOLDER)?, text)));
    let texts = texts.filter(|(name, _)| name.ends_with(".md"));
    texts.map(|(name, text)| (name.to_owned(), Markdown::new(below_title(text)).html().to_owned())).collect()
}

/// A statement without its first heading: the page has the title already.
fn below_title(statement: &str) -> &str {
    match statement.split_once('\n') {
        Some((first, rest)) if first.starts_with("# ") => rest,
        _ => statement,
    }
}
