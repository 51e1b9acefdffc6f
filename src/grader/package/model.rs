//! [`Package`]: what the files of one exercise say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::gate::Gate;
use super::kind::Kind;
use super::question::Question;
use super::slug::Slug;
use super::variant::Variant;
use crate::grader::limits::Limits;
use crate::grader::tree;
use crate::incident::Incident;

/// A crate of the package registry that a candidate may use.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Dependency {
    /// The name used in code.
    pub name: String,
    /// The requirement, as in `Cargo.toml`.
    pub version: String,
    /// Features of it that are switched on.
    pub features: Vec<String>,
    /// Whether its default features are on.
    pub default_features: bool,
    /// The registry's name for it, where it differs.
    pub package: Option<String>,
}

/// What `grader.toml` says about one hidden test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRule {
    /// `<file stem in hidden/>::<path of the test>`.
    pub name: String,
    /// What a candidate reads instead of the name.
    pub title: Option<String>,
    /// Points that the test is worth.
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
    /// The package's name, which is its folder's.
    pub slug: Slug,
    /// The package's folder, by its absolute path.
    pub folder: PathBuf,
    /// The exercise's name for people.
    pub title: String,
    /// What a candidate is asked to do.
    pub kind: Kind,
    /// How hard it is, from 1 (easiest) to 5.
    pub difficulty: u32,
    /// The first is its home.
    pub topics: Vec<String>,
    /// What is to be done, in one line for lists.
    pub summary: String,
    /// The exercise's statement in Markdown: the text of `README.md`.
    pub statement: String,
    /// Whether tests marked `#[ignore]` are run, too.
    pub run_ignored: bool,
    /// The candidate may write `unsafe`. Verdicts can then be forged: see docs/grading.md.
    pub allow_unsafe: bool,
    /// Show candidates what hidden tests print and panic with.
    pub show_output: bool,
    /// Files and folders that tests read while they run, by their paths in the crate: `tests/data` lies in `hidden/data`, all
    /// others in `starter/`. The candidate's code can read them too.
    pub data: Vec<String>,
    /// What a candidate's crate may use besides std.
    pub dependencies: Vec<Dependency>,
    /// What only hidden tests are meant to use.
    pub test_dependencies: Vec<Dependency>,
    /// What one build and one test may use.
    pub limits: Limits,
    /// Rules for hidden tests, by name, in the author's order.
    pub tests: Vec<TestRule>,
    /// What candidates read of wrong implementations, by the names of their folders.
    pub wrong: Vec<TestRule>,
    /// Rules for the source, in the author's order.
    pub gates: Vec<Gate>,
    /// Questions of the diagnosis, in the author's order.
    pub questions: Vec<Question>,
    /// What was recorded of an incident, for kind `debug`; nothing where the author names no files.
    pub(crate) incident: Option<Arc<Incident>>,
    /// The manifest that a candidate begins with: `starter/Cargo.toml`.
    pub(in crate::grader) starter_manifest: toml::Table,
}

impl Package {
    /// The files that a candidate starts from, by path, as text.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn starter(&self) -> std::io::Result<BTreeMap<String, String>> {
        tree::text_files(&self.folder.join("starter"))
    }

    /// The name of the crate in code.
    #[must_use]
    pub fn crate_name(&self) -> String {
        let lib = self.starter_manifest.get("lib").and_then(|lib| lib.get("name"));
        lib.and_then(toml::Value::as_str).map_or_else(|| self.starter_package("name").replace('-', "_"), str::to_owned)
    }

    /// The edition of the crate: what cargo takes where a manifest names none.
    #[must_use]
    pub fn edition(&self) -> &str {
        match self.starter_package("edition") {
            "" => "2015",
            named => named,
        }
    }

    pub(in crate::grader) fn starter_package(&self, key: &str) -> &str {
        let package = self.starter_manifest.get("package").and_then(|package| package.get(key));
        package.and_then(toml::Value::as_str).unwrap_or_default()
    }

    /// Where data lies that the crate has at `path`.
    pub(in crate::grader) fn data_source(&self, path: &str) -> PathBuf {
        match path.strip_prefix("tests/") {
            Some(inside) => self.folder.join("hidden").join(inside),
            None => self.folder.join("starter").join(path),
        }
    }

    /// The implementations that tests are measured by: right ones first, each by name.
    pub(in crate::grader) fn variants(&self) -> Vec<Variant> {
        let of = |right: bool| {
            let folder = self.folder.join(if right { "hidden/right" } else { "hidden/wrong" });
            tree::folders(&folder).into_iter().map(move |name| Variant { name, right })
        };
        of(true).chain(of(false)).collect()
    }

    pub(in crate::grader) fn rule(&self, name: &str) -> Option<&TestRule> {
        self.tests.iter().find(|rule| rule.name == name)
    }
}
