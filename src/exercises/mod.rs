//! Exercises as candidates see them: what is asked, what to start from, and whether it can be graded here and now.
//!
//! They are made of the packages that the grader reads. What a candidate must not see (hidden tests, the solution, why a
//! package does not compile) never comes here; authors find it in the log and by `quorate check`.

pub(crate) mod api;
pub(crate) mod incident;
pub(crate) mod pages;
mod service;
mod snapshot;
pub(crate) mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

pub(crate) use service::Exercises;

use crate::db::text_enum;
use crate::grader::Limits;
use crate::incident::{FOLDER, Incident};

text_enum! {
    /// Whether submissions are taken.
    #[schema(as = ExerciseState)]
    pub enum State {
        /// They are taken, and graded when their turn comes.
        Ready = "ready",
        /// They are taken, and wait until the package has been prepared.
        Preparing = "preparing",
        /// They are refused until somebody has mended the package.
        Unavailable = "unavailable",
    }
}

/// Whether submissions are taken, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Availability {
    /// Whether submissions are taken.
    pub state: State,
    /// Why they wait or are refused; null when they are graded at once.
    pub reason: Option<String>,
}

impl Availability {
    /// Submissions are taken, and graded when their turn comes.
    #[must_use]
    pub const fn ready() -> Self {
        Self { state: State::Ready, reason: None }
    }

    /// Submissions are taken, and wait until the package has been prepared.
    #[must_use]
    pub fn preparing() -> Self {
        Self {
            state: State::Preparing,
            reason: Some("it is being prepared: submissions are taken, and graded as soon as it is ready".to_owned()),
        }
    }

    /// Submissions are refused, for a reason that candidates may read.
    #[must_use]
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self { state: State::Unavailable, reason: Some(reason.into()) }
    }
}

/// An exercise in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExerciseSummary {
    /// Its name in addresses.
    pub slug: String,
    /// The exercise's name on pages.
    pub title: String,
    /// What is asked for: `implement`, `refactor`, `write_tests` or `debug`.
    pub kind: String,
    /// How hard it is, from 1 to 5.
    pub difficulty: u32,
    /// Slugs of topics; the first is its home.
    pub topics: Vec<String>,
    /// What it is about, in one line.
    pub summary: String,
    /// Whether submissions are taken.
    pub availability: Availability,
}

/// A rule for the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourceRule)]
pub struct Rule {
    /// Its name; in reports it is the test `gate::<name>`.
    pub name: String,
    /// What must hold of the source, for people.
    pub title: String,
}

/// An exercise with everything that a candidate needs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Exercise {
    /// What a list shows too.
    #[serde(flatten)]
    pub summary: ExerciseSummary,
    /// What is asked, as Markdown.
    pub statement: String,
    /// The same as safe HTML.
    pub statement_html: String,
    /// What a submission may use up: durations in `_ms`, sizes in `_bytes`.
    #[schema(value_type = Object)]
    pub limits: Limits,
    /// Crates that may be used beside std.
    #[schema(value_type = Vec<Object>)]
    pub dependencies: Value,
    /// Rules for the source, checked without running it: each with its `name` and `title`.
    pub gates: Vec<Rule>,
    /// Questions of a diagnosis, to be answered in `diagnosis.toml`, without their keys.
    #[schema(value_type = Vec<Object>)]
    pub questions: Value,
    /// Whether `unsafe` is taken.
    pub allow_unsafe: bool,
    /// The public tests, text by path; `?mode=public` runs them.
    pub public_tests: BTreeMap<String, String>,
    /// The files that a candidate starts from, text by path. They have an address of their own.
    #[serde(skip)]
    pub starter: BTreeMap<String, String>,
}

/// What was recorded of an exercise's incident, and what people wrote about it.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    /// The exercise's name on pages.
    pub(crate) title: String,
    /// The metrics, traces and log lines of the incident.
    pub(crate) incident: Arc<Incident>,
    /// What people wrote, as safe HTML, by the names of the files.
    pub(crate) notes: Arc<BTreeMap<String, String>>,
}

impl Exercise {
    /// Whether a candidate hands in tests.
    #[must_use]
    pub fn writes_tests(&self) -> bool {
        self.summary.kind == "write_tests"
    }

    /// Whether a file of the starter is there to be read, not to be handed in.
    #[must_use]
    pub fn is_given(&self, path: &str) -> bool {
        path.starts_with(FOLDER) || (self.writes_tests() && path.starts_with("src/"))
    }

    /// The files of the starter that a candidate works on.
    #[must_use]
    pub fn work(&self) -> BTreeMap<String, String> {
        let is_work = |path: &str| !self.is_given(path) && (self.writes_tests() || !path.starts_with("tests/"));
        self.starter.iter().filter(|(path, _)| is_work(path)).map(|(path, text)| (path.clone(), text.clone())).collect()
    }

    /// Files that were handed in, with the starter's manifest if they came without one.
    #[must_use]
    pub fn with_manifest(&self, files: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let manifest = self.work().into_iter().filter(|(path, _)| path == "Cargo.toml");
        manifest.chain(files).collect()
    }
}
