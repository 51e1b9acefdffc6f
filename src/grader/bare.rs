//! What grading is measured against: the same crate and the same tests on the bare machine, outside of any sandbox.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::engine::Grader;
use super::error::Error;
use super::files::SubmittedFiles;
use super::prepared::Prepared;
use super::rustc::Rustc;
use super::toolchain::run_trusted;
use super::tree;
use crate::sandbox::End;

/// A crate with hidden tests in a plain folder.
pub(crate) struct Bare<'w> {
    grader: &'w Grader,
    prepared: &'w Prepared,
    folder: TempDir,
}

impl<'w> Bare<'w> {
    /// Lays out a package's hidden tests as a crate's own, and fetches its dependencies.
    ///
    /// # Errors
    /// When it cannot be written, or the dependencies cannot be had.
    pub(crate) fn new(grader: &'w Grader, prepared: &'w Prepared) -> Result<Self, Error> {
        let package = &prepared.package;
        let folder = tempfile::tempdir().map_err(Error::file("make a folder in", Path::new("the temporary folder")))?;
        let bare = Self { grader, prepared, folder };
        let mut manifest = package.starter_manifest.clone();
        manifest.insert("workspace".into(), toml::Value::Table(toml::Table::new()));
        bare.write("Cargo.toml", &manifest.to_string())?;
        let hidden = package.folder.join("hidden");
        tree::copy(&hidden, &bare.path("tests")).map_err(Error::file("copy", &hidden))?;
        bare.write("src/lib.rs", "")?;
        bare.cargo("fetch", &[])?;
        Ok(bare)
    }

    /// Puts sources into the crate.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn put(&self, files: &SubmittedFiles) -> Result<(), Error> {
        files.iter().filter(|(path, _)| path.starts_with("src/")).try_for_each(|(path, text)| self.write(path, text))
    }

    /// Forgets all that was built.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn forget(&self) -> Result<(), Error> {
        let target = self.path("target");
        if target.exists() {
            std::fs::remove_dir_all(&target).map_err(Error::file("remove", &target))?;
        }
        Ok(())
    }

    /// How long `cargo test --offline` takes.
    ///
    /// # Errors
    /// When it does not pass.
    pub(crate) fn test(&self) -> Result<Duration, Error> {
        self.cargo("test", &["--offline"])
    }

    /// How long the compiler and the linker alone take for the library and then for the tests, all at once: what no grader that
    /// compiles with them can be faster than. `None` where a crate has dependencies.
    ///
    /// # Errors
    /// When it does not compile.
    pub(crate) fn floor(&self) -> Result<Option<Duration>, Error> {
        let package = &self.prepared.package;
        if !package.dependencies.is_empty() || !package.test_dependencies.is_empty() {
            return Ok(None);
        }
        let at = |path: &str| self.path(path).to_string_lossy().into_owned();
        let name = package.crate_name();
        let library = format!("-o{}", at(&format!("lib{name}.rlib")));
        let rustc =
            |source: String, name: &str| Rustc::new(source, name, package.edition()).flags(["--cap-lints=allow"]);
        let began = Instant::now();
        self.run("rustc", &rustc(at("src/lib.rs"), &name).flags(["--crate-type=lib", &library]).into_args())?;
        let tests = tree::test_files(&self.path("tests"));
        let compile_test = |test: &PathBuf| {
            let stem = test.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let flags = [
                "--test".to_owned(),
                format!("-o{}", test.with_extension("").display()),
                format!("--extern={name}={}", at(&format!("lib{name}.rlib"))),
            ];
            self.run("rustc", &rustc(test.to_string_lossy().into_owned(), &stem).flags(flags).into_args())
        };
        self.grader.in_parallel(&tests, compile_test, |_, ()| {})?;
        Ok(Some(began.elapsed()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.path(name);
        tree::write(&path, text.as_bytes()).map_err(Error::file("write", &path))
    }

    fn cargo(&self, command: &str, flags: &[&str]) -> Result<Duration, Error> {
        let manifest = self.path("Cargo.toml").to_string_lossy().into_owned();
        let arguments = [&[command, "--quiet", "--manifest-path", &manifest], flags].concat();
        let began = Instant::now();
        self.run("cargo", &arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())?;
        Ok(began.elapsed())
    }

    /// Runs a tool of the path, as people do.
    fn run(&self, tool: &str, arguments: &[String]) -> Result<(), Error> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let outcome = run_trusted(&self.grader.jailer, Path::new(tool), &arguments)?;
        if outcome.end == End::Exited(0) {
            return Ok(());
        }
        let said = [outcome.stdout, outcome.stderr].concat();
        Err(Error::Unexpected { what: "a bare tool", detail: String::from_utf8_lossy(&said).into_owned() })
    }
}
