//! All exercises of the configured folders, and how far the preparing of each has come.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::{Availability, Card, Exercise, Rule, State};
use crate::bank::Text;
use crate::error::{Error, Kind, Refusal, Result};
use crate::grader::{Broken, Package, Registry};

/// After how long a caller may try again while a package is being prepared.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The exercises. Clones share them.
#[derive(Debug, Clone)]
pub struct Exercises(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    registry: Registry,
    availability: RwLock<BTreeMap<String, Availability>>,
    /// Rendered once.
    statements: BTreeMap<String, Text>,
}

impl Exercises {
    /// Reads the packages of `folders`; none of them is ready yet. Packages with mistakes are logged, and listed as
    /// unavailable.
    #[must_use]
    pub fn read(folders: &[PathBuf]) -> Self {
        let registry = Registry::read(folders);
        let mut availability = BTreeMap::new();
        for broken in &registry.broken {
            for mistake in &broken.mistakes {
                tracing::warn!("left out of the exercises: {mistake}");
            }
            availability.insert(name_of(broken), Availability::unavailable(mistakes(broken.mistakes.len())));
        }
        availability.extend(registry.iter().map(|package| (package.slug.to_string(), Availability::preparing())));
        let statements =
            registry.iter().map(|package| (package.slug.to_string(), Text::new(below_title(&package.statement))));
        let statements = statements.collect();
        Self(Arc::new(Shelf { registry, availability: RwLock::new(availability), statements }))
    }

    /// The packages, by slug.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.0.registry.iter()
    }

    /// One package.
    #[must_use]
    pub fn package(&self, slug: &str) -> Option<&Package> {
        self.0.registry.get(slug)
    }

    /// Says how far the preparing of an exercise has come.
    pub fn set(&self, slug: &str, availability: Availability) {
        let mut all = self.0.availability.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(slug.to_owned(), availability);
    }

    /// Takes submissions to everything that could be read: for a server that leaves preparing and grading to others.
    pub fn leave_to_others(&self) {
        for package in self.packages() {
            self.set(package.slug.as_str(), Availability::ready());
        }
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
        let statement = self.0.statements.get(slug);
        let mut public_tests = starter(package)?;
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
        starter(self.readable(slug)?)
    }

    fn readable(&self, slug: &str) -> Result<&Package> {
        match (self.package(slug), self.availability(slug)) {
            (Some(package), _) => Ok(package),
            (None, Some(Availability { reason, .. })) => {
                Err(Refusal::conflict("exercise_unavailable", reason.unwrap_or_default()).into())
            }
            (None, None) => Err(none().into()),
        }
    }
}

fn starter(package: &Package) -> Result<BTreeMap<String, String>> {
    package.starter().map_err(|error| Error::internal("read a starter", error))
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
