//! What is kept of a package between gradings, on disk and read-only: everything that does not depend on a candidate.
//!
//! ```text
//! <data dir>/prepared/<slug>-<hash>/
//!   record.json     test names, flags, version: written last; the folder is renamed into place when complete
//!   crate/          the server's Cargo.toml and Cargo.lock
//!   cargo/          cargo's configuration: sources come from vendor/
//!   vendor/         dependencies' sources; only when there are any
//!   target/         dependencies, compiled; mounted read-only wherever something is compiled
//!   runner/         our runner, compiled
//!   hidden/ public/ test sources, mounted only where tests are linked
//!   variants/       implementations, where tests are handed in, and the stubs that choose among them; likewise
//!   incremental/    the compiler's incremental cache for those tests, made with the solution; likewise
//!   shapes/         such caches for submissions of other shapes, added as they are handed in; likewise
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::files::{SubmittedFiles, told};
use super::package::{Package, Variant};
use super::report::Mode;
use super::test_times::TestTimes;
use super::toolchain::read_only;
use super::tree;
use super::unpack;
use crate::sandbox::Mount;

/// A package that can be graded.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The package as it was read when it was prepared.
    pub package: Package,
    pub(super) folder: PathBuf,
    pub(super) record: Record,
    /// How long its tests take, as far as this process knows.
    pub(super) times: TestTimes,
}

/// What was found out while preparing.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Record {
    /// Hash over everything that can change a score, the lock file included.
    pub(super) version: String,
    /// Another word each time that the package is prepared.
    pub(super) made: String,
    /// What nobody outside can know of the package, in hexadecimal: a part of every [seed](super::seed).
    pub(super) seed_key: String,
    /// The flags with which cargo compiles the library: features, the profile, what `cfg` is checked against.
    pub(super) library_flags: Vec<String>,
    /// `--extern` values of the dependencies, by their paths in a jail.
    pub(super) externs: Vec<String>,
    /// `-L` values: where the compiler looks for what dependencies link to.
    pub(super) search: Vec<String>,
    /// Every hidden test, in the author's order.
    pub(super) hidden: Vec<TestName>,
    /// Implementations that tests are measured by, where tests are handed in; they are counted from 1, as the starter's is 0.
    #[serde(default)]
    pub(super) variants: Vec<Variant>,
    /// Every public test, in the author's order.
    pub(super) public: Vec<TestName>,
    /// The [fingerprint](super::type_fingerprint) of the solution's types, for which the incremental cache was made.
    pub(super) type_fingerprint: String,
    /// Words that the candidate knows: the names in the code of the starter. (A word of the statement may be a variable of a hidden test.).
    pub(super) known_words: BTreeSet<String>,
}

/// A test as the compiler knows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct TestName {
    /// The stem of its file.
    pub(super) file: String,
    /// Its path in that file.
    pub(super) path: String,
    /// Whether the author has marked it `#[ignore]`.
    pub(super) ignored: bool,
}

impl TestName {
    /// Its name in `grader.toml` and in reports: `<file stem>::<path>`.
    pub(super) fn full(&self) -> String {
        format!("{}::{}", self.file, self.path)
    }
}

impl Prepared {
    /// A package with what was prepared of it in a folder.
    pub(super) fn new(package: &Package, folder: PathBuf, record: Record) -> Self {
        Self { package: package.clone(), folder, record, times: TestTimes::default() }
    }

    /// Where `name` lies on disk.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A hash over everything that can change a score.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.record.version
    }

    pub(super) fn tests(&self, mode: Mode) -> &[TestName] {
        match mode {
            Mode::Graded => &self.record.hidden,
            Mode::Public => &self.record.public,
        }
    }

    /// The folder of a mode's test sources.
    pub(super) const fn sources(mode: Mode) -> &'static str {
        match mode {
            Mode::Graded => "hidden",
            Mode::Public => "public",
        }
    }

    /// The folder of the compiler's incremental cache for a mode's tests.
    pub(super) fn incremental_cache(&self, mode: Mode) -> PathBuf {
        self.path("incremental").join(Self::sources(mode))
    }

    /// The file name of the candidate's library: `lib<crate>.rlib`.
    pub(super) fn library_name(&self) -> String {
        format!("lib{}.rlib", self.package.crate_name())
    }

    /// A submission of the author's own, from a folder of the package.
    pub(super) fn submission(&self, folder: &str) -> Result<SubmittedFiles, Error> {
        let folder = self.package.folder.join(folder);
        unpack::from_folder(&folder).map_err(|refusals| {
            let reason = format!("{} breaks a rule", folder.display());
            Error::prepare(&self.package, &reason, told(&refusals).as_bytes())
        })
    }

    /// The paths that a crate has, whatever is handed in: of the starter's sources, its manifest, and the package's data.
    pub(super) fn given_files(&self) -> Result<Vec<String>, Error> {
        let mut given = Vec::new();
        for folder in ["starter", "data"].map(|name| self.path(name)).into_iter().filter(|folder| folder.is_dir()) {
            let files = tree::files(&folder).map_err(Error::file("read", &folder))?;
            let relative = files.iter().filter_map(|file| file.strip_prefix(&folder).ok());
            given.extend(relative.map(|path| path.to_string_lossy().into_owned()));
        }
        Ok(given)
    }

    /// The path, in a jail, of a library of ours that isn't where it was put.
    pub(super) fn lost_library(&self) -> Option<String> {
        let externs = self.record.externs.iter().filter_map(|value| value.split_once('='));
        let mut paths = externs.map(|(_, path)| path.to_owned());
        paths.find(|path| !self.path(path.trim_start_matches('/')).exists())
    }

    /// Mounts that cargo needs of the package, but its target.
    pub(super) fn cargo_mounts(&self) -> Vec<Mount> {
        let mut mounts = vec![read_only(self.path("cargo"), "/cargo")];
        if self.path("vendor").is_dir() {
            mounts.push(read_only(self.path("vendor"), "/vendor"));
        }
        mounts
    }

    pub(super) fn write_record(&self) -> Result<(), Error> {
        let path = self.path("record.json");
        let text = serde_json::to_vec(&self.record).map_err(std::io::Error::from);
        text.and_then(|text| std::fs::write(&path, text)).map_err(Error::file("write", &path))
    }
}

impl Record {
    /// The record of a prepared folder; `None` where there is none.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join("record.json")).ok()?).ok()
    }
}
