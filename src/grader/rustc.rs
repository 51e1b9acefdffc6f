//! Command lines of rustc, for where we call it ourselves rather than have cargo do so.

use super::manifest::{OF_TESTS, crate_environment};
use super::package::Package;
use super::prepared::Record;
use super::toolchain::tool_environment;
use super::tools;
use crate::sandbox::Command;

/// One call of rustc, or of a program that takes the same arguments.
pub(super) struct Rustc {
    program: &'static str,
    args: Vec<String>,
    env: Vec<(String, String)>,
}

impl Rustc {
    /// Compiles the crate `name` in an edition from its root file.
    pub(super) fn new(source: impl Into<String>, name: &str, edition: &str) -> Self {
        let call = Self { program: "rustc", args: vec![source.into()], env: tool_environment() };
        call.flags([format!("--crate-name={}", name.replace('-', "_")), format!("--edition={edition}")])
    }

    /// Compiles the library of a package as cargo does: with the flags that cargo itself used when the package was prepared.
    pub(super) fn library(package: &Package, record: &Record) -> Self {
        Self::new("src/lib.rs", &package.crate_name(), package.edition())
            .flags(&record.library_flags)
            .dependencies(record)
            .manifest(package)
    }

    /// Links what was compiled before with `-Zno-link`.
    pub(super) fn link_only(file: String) -> Self {
        Self { program: "rustc", args: vec!["-Zlink-only".to_owned(), file], env: tool_environment() }
    }

    /// The same call of `clippy-driver`.
    pub(super) fn by_clippy(self) -> Self {
        Self { program: "clippy-driver", ..self }
    }

    pub(super) fn flags<F: Into<String>>(mut self, flags: impl IntoIterator<Item = F>) -> Self {
        self.args.extend(flags.into_iter().map(Into::into));
        self
    }

    /// The package's dependencies, by the names that the candidate's crate knows them by.
    pub(super) fn dependencies(self, record: &Record) -> Self {
        let externs = record.externs.iter().map(|value| format!("--extern={value}"));
        self.search(record).flags(externs)
    }

    /// The package's dependencies, those included that only tests know.
    pub(super) fn test_dependencies(self, record: &Record) -> Self {
        let externs = record.externs.iter().map(|value| format!("--extern={}", value.trim_start_matches(OF_TESTS)));
        self.search(record).flags(externs)
    }

    fn search(self, record: &Record) -> Self {
        self.flags(["-Ldependency=/target/debug/deps"]).flags(record.search.iter().map(|path| format!("-L{path}")))
    }

    /// What cargo tells the package's crate of its manifest, for `env!`.
    pub(super) fn manifest(mut self, package: &Package) -> Self {
        self.env.extend(crate_environment(package));
        self
    }

    /// The leave to use flags that a stable compiler does not have.
    pub(super) fn unstable(mut self) -> Self {
        self.env.push(("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned()));
        self
    }

    /// The call in a folder of a jail.
    pub(super) fn in_folder(self, folder: &str) -> Command {
        tools::command(self.program, self.args, self.env, folder)
    }

    /// The arguments alone, for a compiler outside of any jail.
    pub(super) fn into_args(self) -> Vec<String> {
        self.args
    }
}
