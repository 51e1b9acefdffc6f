//! An exercise package: one folder that an author writes and `cargo test` understands.
//!
//! Hidden tests, the solution and the samples are only ever *paths* here: nothing that can be serialised holds their text.

mod gate;
mod question;
mod read;
mod registry;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::prepared::Variant;

pub(crate) use gate::{Gate, Rule};
pub(crate) use question::{Asked, Question};
pub(crate) use read::Sample;
pub(super) use read::{BEHAVIOUR, FLAW, test_files, text_tree};
pub(crate) use registry::{Broken, Registry};
pub(crate) use table::Mistake;

/// What a candidate is asked to do. More kinds come with issues of their own; each is a variant here and an arm where the
/// pipeline asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Write `src/` so that the hidden tests pass.
    Implement,
    /// Change `src/` so that a flaw is gone and all else stays as it was: `hidden/behaviour.rs` passes before and after,
    /// `hidden/flaw.rs` only after.
    Refactor,
    /// Find out what happened, answer questions about it, and change `src/` so that it does not happen again.
    Debug,
    /// Write tests that pass on right implementations and fail on wrong ones.
    WriteTests,
}

impl Kind {
    /// The word for it in `grader.toml` and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Implement => "implement",
            Self::Refactor => "refactor",
            Self::Debug => "debug",
            Self::WriteTests => "write_tests",
        }
    }
}

/// A package's name in addresses and on the command line: lower case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// The slug, if `text` is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=64).contains(&text.len()) && text.chars().all(plain) && !text.starts_with('-');
        fits.then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A crate of the package registry that a candidate may use.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Dependency {
    /// The name used in code.
    pub name: String,
    /// The requirement, as in `Cargo.toml`.
    pub version: String,
    /// Features that are on.
    pub features: Vec<String>,
    /// Whether its default features are on.
    pub default_features: bool,
    /// The registry's name for it, where it differs.
    pub package: Option<String>,
}

/// Limits of one grading. The defaults stand here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Limits {
    /// Real time of the build, and again of the link.
    #[serde(rename = "build_wall_ms", serialize_with = "as_millis")]
    pub build_wall: Duration,
    /// Memory of the build, in bytes.
    pub build_memory_bytes: u64,
    /// Real time of one test.
    #[serde(rename = "test_wall_ms", serialize_with = "as_millis")]
    pub test_wall: Duration,
    /// CPU time of one test, all its threads together.
    #[serde(rename = "test_cpu_ms", serialize_with = "as_millis")]
    pub test_cpu: Duration,
    /// Memory of one test, in bytes.
    pub memory_bytes: u64,
    /// Threads of one test.
    pub processes: u32,
    /// Output of one test on each stream, in bytes.
    pub output_bytes: u64,
    /// What one test may write under `/tmp`, in bytes.
    pub disk_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            build_wall: Duration::from_secs(60),
            build_memory_bytes: 2 << 30,
            test_wall: Duration::from_secs(10),
            test_cpu: Duration::from_secs(5),
            memory_bytes: 512 << 20,
            processes: 64,
            output_bytes: 64 << 10,
            disk_bytes: 64 << 20,
        }
    }
}

fn as_millis<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(super::units::millis(*duration))
}

/// What `grader.toml` says about one hidden test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRule {
    /// `<file stem in hidden/>::<path of the test>`.
    pub name: String,
    /// What a candidate reads instead of the name.
    pub title: Option<String>,
    /// Points.
    pub score: u32,
    /// Shown when the test fails.
    pub hint: Option<String>,
    /// Tests of a group earn their points together or not at all.
    pub group: Option<String>,
    /// Real time, instead of the package's limit.
    pub wall: Option<Duration>,
    /// CPU time, instead of the package's limit.
    pub cpu: Option<Duration>,
}

/// A package as its files say, without any mistake that can be seen without a compiler.
#[derive(Debug, Clone)]
pub struct Package {
    /// The folder's name.
    pub slug: Slug,
    /// Where it lies.
    pub folder: PathBuf,
    /// For people.
    pub title: String,
    /// What is asked for.
    pub kind: Kind,
    /// 1 to 5.
    pub difficulty: u32,
    /// The first is its home.
    pub topics: Vec<String>,
    /// One line.
    pub summary: String,
    /// `README.md`: the statement, Markdown.
    pub statement: String,
    /// Run `#[ignore]`d tests too.
    pub run_ignored: bool,
    /// The candidate may write `unsafe`. Verdicts can then be forged: see docs/grading.md.
    pub allow_unsafe: bool,
    /// Show candidates what hidden tests print and panic with.
    pub show_output: bool,
    /// What a candidate's crate may use besides std.
    pub dependencies: Vec<Dependency>,
    /// What only hidden tests are meant to use.
    pub test_dependencies: Vec<Dependency>,
    /// Limits.
    pub limits: Limits,
    /// Rules for hidden tests, by name, in the author's order.
    pub tests: Vec<TestRule>,
    /// What candidates read of wrong implementations, by the names of their folders.
    pub wrong: Vec<TestRule>,
    /// Rules for the source, in the author's order.
    pub gates: Vec<Gate>,
    /// Questions of the diagnosis, in the author's order.
    pub questions: Vec<Question>,
    /// `starter/Cargo.toml`.
    pub(super) starter_manifest: toml::Table,
}

impl Package {
    /// Reads the package in `folder`.
    ///
    /// # Errors
    /// Every mistake that can be seen without a compiler, not only the first.
    pub fn read(folder: &Path) -> Result<Self, Vec<Mistake>> {
        read::package(folder)
    }

    /// The files that a candidate starts from, by path, as text.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn starter(&self) -> std::io::Result<BTreeMap<String, String>> {
        read::text_tree(&self.folder.join("starter"))
    }

    /// The name of the crate in code.
    #[must_use]
    pub fn crate_name(&self) -> String {
        let lib = self.starter_manifest.get("lib").and_then(|lib| lib.get("name"));
        lib.and_then(toml::Value::as_str).map_or_else(|| self.starter_package("name").replace('-', "_"), str::to_owned)
    }

    /// The edition of the crate.
    #[must_use]
    pub fn edition(&self) -> &str {
        self.starter_package("edition")
    }

    pub(super) fn starter_package(&self, key: &str) -> &str {
        let package = self.starter_manifest.get("package").and_then(|package| package.get(key));
        package.and_then(toml::Value::as_str).unwrap_or_default()
    }

    /// Samples, by name.
    ///
    /// # Errors
    /// Every mistake in an `expected.toml`.
    pub fn samples(&self) -> Result<Vec<Sample>, Vec<Mistake>> {
        read::samples(&self.folder.join("samples"))
    }

    /// The implementations that tests are measured by: right ones first, each by name.
    pub(super) fn variants(&self) -> Vec<Variant> {
        let of = |right: bool| {
            let folder = self.folder.join(if right { "hidden/right" } else { "hidden/wrong" });
            read::folders(&folder).into_iter().map(move |name| Variant { name, right })
        };
        of(true).chain(of(false)).collect()
    }

    pub(super) fn rule(&self, name: &str) -> Option<&TestRule> {
        self.tests.iter().find(|rule| rule.name == name)
    }
}
