//! Makes a package ready to be graded, once: everything that does not depend on a candidate is done here.
//!
//! Sources of dependencies are fetched by a plain cargo, with the network; everything is *compiled* in jails of the same
//! layout as those of a grading, so that cargo finds its own work again, and so that build scripts of dependencies are
//! confined too. Two processes that prepare the same package wait for each other by a lock file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::cargo_output::{arguments_of_rustc, library_flags, values};
use super::engine::Grader;
use super::error::Error;
use super::kinds;
use super::manifest::{cargo_config, server_manifest};
use super::package::Package;
use super::prepared::{Prepared, Record};
use super::rustc::Rustc;
use super::sweep;
use super::toolchain::{read_only, run_trusted, tool_environment};
use super::tools::{self, TOOL_DISK_BYTES, run_to_prepare};
use super::tree;
use super::type_fingerprint::identifiers;
use crate::sandbox::{End, Mount};

/// Raised when the way packages are prepared or graded changes what comes out.
const LAYOUT: &str = "quorate prepared 11";
const RUNNER: &str = include_str!("runner/quorate_runner.rs");
/// Standard macros, which every candidate knows.
const STANDARD_WORDS: [&str; 10] =
    ["assert", "assert_eq", "assert_ne", "panic", "matches", "vec", "format", "unreachable", "todo", "unimplemented"];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The bounds of the prepared packages of every grader.
const BOUNDS: sweep::Bounds = sweep::Bounds {
    max_age: Duration::from_secs(30 * DAY.as_secs()),
    min_age: DAY,
    max_count: usize::MAX,
    max_bytes: 10 << 30,
};

impl Grader {
    /// Removes prepared packages that nobody has used for long, and returns their folders.
    ///
    /// # Errors
    /// When one cannot be looked at or removed.
    pub fn sweep(&self) -> Result<Vec<PathBuf>, Error> {
        let parent = self.data_dir.join("prepared");
        sweep::sweep(&parent, &BOUNDS).map_err(Error::file("remove old prepared packages from", &parent))
    }

    /// Makes a package ready to be graded. Does everything once; when nothing has changed, it reads a few small files.
    ///
    /// # Errors
    /// When the package cannot be graded: the reason is its author's to read.
    pub fn prepare(&self, package: &Package) -> Result<Prepared, Error> {
        let prepared = find_or_make(self, package, |_| true)?;
        sweep::touch(&prepared.folder).map_err(Error::file("write to", &prepared.folder))?;
        Ok(prepared)
    }
}

/// Prepares a package anew, unless somebody else has done so meanwhile: what was `stale` is of no use any more.
pub(super) fn prepare_anew(grader: &Grader, stale: &Prepared) -> Result<Prepared, Error> {
    find_or_make(grader, &stale.package, |record| record.made != stale.record.made)
}

/// Finds a prepared package with a record that is `usable`, or makes one.
fn find_or_make(grader: &Grader, package: &Package, usable: impl Fn(&Record) -> bool) -> Result<Prepared, Error> {
    let key = key(grader, package).map_err(Error::file("read", &package.folder))?;
    let parent = grader.data_dir.join("prepared");
    let folder = parent.join(format!("{}-{key}", package.slug));
    let found = || Record::read(&folder).filter(&usable);
    if let Some(record) = found() {
        return Ok(Prepared::new(package, folder, record));
    }
    fs::create_dir_all(&parent).map_err(Error::file("make", &parent))?;
    let lock = parent.join(format!("{}.lock", package.slug));
    let lock = File::create(&lock).and_then(|file| file.lock().map(|()| file)).map_err(Error::file("lock", &lock))?;
    let record = found().map_or_else(|| make(grader, package, &parent, &folder), Ok)?;
    drop(lock);
    Ok(Prepared::new(package, folder, record))
}

/// Everything in a package that preparing looks at, and with what it is prepared.
fn key(grader: &Grader, package: &Package) -> std::io::Result<String> {
    let mut hash = score_hash(grader, package)?;
    for name in ["starter", "solution", "README.md"] {
        tree::hash(&package.folder.join(name), &mut hash)?;
    }
    Ok(tree::hex(hash, 16))
}

/// Everything in a package that can change a score, but the versions of its dependencies.
fn score_hash(grader: &Grader, package: &Package) -> std::io::Result<Sha256> {
    let mut hash = Sha256::new();
    for text in [LAYOUT, RUNNER, &grader.toolchain.version] {
        tree::hash_bytes(text.as_bytes(), &mut hash);
    }
    for name in ["grader.toml", "hidden", "starter/Cargo.toml", "starter/Cargo.lock"] {
        tree::hash(&package.folder.join(name), &mut hash)?;
    }
    for path in kinds::stages(package.kind).scored_paths() {
        tree::hash(&package.folder.join(path), &mut hash)?;
    }
    Ok(hash)
}

/// Prepares in a folder beside the final one and renames it when it is complete.
fn make(grader: &Grader, package: &Package, parent: &Path, folder: &Path) -> Result<Record, Error> {
    let prefix = format!(".unfinished-{}-", package.slug);
    remove_unfinished(parent, &prefix);
    let unfinished =
        tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).map_err(Error::file("make a folder in", parent))?;
    let mut prepared = Prepared::new(package, unfinished.path().to_owned(), Record::default());
    tracing::info_span!("prepare", package = %package.slug).in_scope(|| fill(grader, &mut prepared))?;
    prepared.write_record()?;
    sweep::set_aside(folder).map_err(Error::file("set aside", folder))?;
    fs::rename(unfinished.path(), folder).map_err(Error::file("move into place", folder))?;
    Ok(prepared.record)
}

/// What a process that was killed has left; whoever holds the lock is alone with this prefix.
fn remove_unfinished(parent: &Path, prefix: &str) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_unfinished(&entry.file_name().to_string_lossy(), prefix)) {
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// The random end of such a name has no hyphen, so that `a-b` is not taken for the `b` of `a`.
fn is_unfinished(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|random| !random.contains('-'))
}

fn fill(grader: &Grader, prepared: &mut Prepared) -> Result<(), Error> {
    copy_sources(grader, prepared)?;
    vendor(grader, prepared)?;
    prepared.record.version = version(grader, prepared)?;
    prepared.record.made = format!("{:032x}", rand::random::<u128>());
    prepared.record.seed_key = seed_key(grader, &prepared.package)?;
    prepared.record.known_words = known_words(&prepared.package);
    compile_dependencies(grader, prepared)?;
    compile_runner(grader, prepared)?;
    kinds::stages(prepared.package.kind).prepare(grader, prepared)
}

fn copy_sources(grader: &Grader, prepared: &Prepared) -> Result<(), Error> {
    let package = &prepared.package.folder;
    for (from, to) in [("starter/tests", "public"), ("starter/src", "starter/src")] {
        let (from, to) = (package.join(from), prepared.path(to));
        fs::create_dir_all(&to).map_err(Error::file("make", &to))?;
        if from.is_dir() {
            tree::copy(&from, &to).map_err(Error::file("copy", &from))?;
        }
    }
    let files = [
        ("crate/Cargo.toml", server_manifest(&prepared.package)),
        ("crate/src/lib.rs", String::new()),
        ("cargo/config.toml", cargo_config(&grader.toolchain)),
        ("runner/quorate_runner.rs", RUNNER.to_owned()),
    ];
    for (name, text) in files {
        tree::write(&prepared.path(name), text.as_bytes()).map_err(Error::file("write", &prepared.folder))?;
    }
    for path in &prepared.package.data {
        let (from, to) = (prepared.package.data_source(path), prepared.path("data").join(path));
        let copied = if from.is_dir() {
            tree::copy(&from, &to)
        } else {
            fs::read(&from).and_then(|bytes| tree::write(&to, &bytes))
        };
        copied.map_err(Error::file("copy", &from))?;
    }
    let starter_manifest = package.join("starter/Cargo.toml");
    fs::copy(&starter_manifest, prepared.path("starter/Cargo.toml")).map_err(Error::file("copy", &starter_manifest))?;
    let lock = package.join("starter/Cargo.lock");
    if lock.is_file() {
        fs::copy(&lock, prepared.path("crate/Cargo.lock")).map_err(Error::file("copy", &lock))?;
    }
    fs::create_dir_all(prepared.path("target")).map_err(Error::file("make a folder in", &prepared.folder))
}

/// Settles the versions of dependencies and fetches their sources: the only step with a network, and only if there are any.
fn vendor(grader: &Grader, prepared: &Prepared) -> Result<(), Error> {
    let package = &prepared.package;
    let std_only = package.dependencies.is_empty() && package.test_dependencies.is_empty();
    let manifest = prepared.path("crate/Cargo.toml").to_string_lossy().into_owned();
    let vendor = prepared.path("vendor").to_string_lossy().into_owned();
    let arguments = if std_only {
        vec!["generate-lockfile", "--offline", "--quiet", "--manifest-path", &manifest]
    } else {
        vec!["vendor", "--quiet", "--versioned-dirs", "--manifest-path", &manifest, &vendor]
    };
    let output = run_trusted(&grader.jailer, &grader.toolchain.host_tool("cargo"), &arguments)?;
    if output.end == End::Exited(0) {
        return Ok(());
    }
    Err(Error::prepare(package, "its dependencies cannot be fetched", &output.stderr))
}

fn version(grader: &Grader, prepared: &Prepared) -> Result<String, Error> {
    let lock = prepared.path("crate/Cargo.lock");
    let mut hash = score_hash(grader, &prepared.package).map_err(Error::file("read", &prepared.package.folder))?;
    tree::hash(&lock, &mut hash).map_err(Error::file("read", &lock))?;
    Ok(tree::hex(hash, 16))
}

/// All of a hash over what is hidden; the version of the package is another one, since that is told.
fn seed_key(grader: &Grader, package: &Package) -> Result<String, Error> {
    let mut hash = score_hash(grader, package).map_err(Error::file("read", &package.folder))?;
    tree::hash_bytes(b"seed key", &mut hash);
    Ok(tree::hex(hash, 64))
}

fn known_words(package: &Package) -> BTreeSet<String> {
    let starter = package.starter().unwrap_or_default();
    let sources = starter.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(_, text)| text);
    let known = sources.flat_map(|text| identifiers(text)).map(str::to_owned);
    known.chain(STANDARD_WORDS.map(str::to_owned)).collect()
}

/// Compiles the dependencies with an empty crate in the place of the candidate's, and removes all trace of that crate, so
/// that cargo can never take it for the candidate's.
fn compile_dependencies(grader: &Grader, prepared: &mut Prepared) -> Result<(), Error> {
    let building = prepared.path("building");
    fs::create_dir_all(&building).map_err(Error::file("make", &building))?;
    let mut mounts = grader.toolchain.link_mounts();
    mounts.extend(prepared.cargo_mounts());
    mounts.extend([
        read_only(prepared.path("crate"), "/crate"),
        Mount::Scratch { from: building.clone(), to: "/target".into() },
    ]);
    let arguments = ["build", "--lib", "--offline", "--frozen", "--verbose", "--color=never"].map(str::to_owned);
    let cargo = tools::command("cargo", arguments.to_vec(), tool_environment(), "/crate");
    let outcome = run_to_prepare(grader, prepared, &mounts, &cargo)?;
    if outcome.end != End::Exited(0) {
        return Err(Error::prepare(&prepared.package, "its dependencies do not compile", &outcome.stderr));
    }
    let name = prepared.package.crate_name();
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let arguments = arguments_of_rustc(&said, &name);
    if library_flags(&arguments).is_empty() {
        return Err(Error::prepare(
            &prepared.package,
            "cargo doesn't say how it compiles the library",
            said.as_bytes(),
        ));
    }
    let externs = values(&arguments, "--extern");
    prepared.record.externs = externs.iter().map(|value| linkable(value, &building)).collect();
    prepared.record.search = values(&arguments, "-L");
    prepared.record.library_flags = library_flags(&arguments);
    let package_name = prepared.package.starter_package("name").to_owned();
    let target = prepared.path("target");
    // What a jail has written belongs to its own user; what a later jail builds on is ours.
    tree::copy_but(&building, &target, |path| is_of(path, &name, &package_name))
        .and_then(|()| fs::remove_dir_all(&building))
        .map_err(Error::file("copy compiled dependencies to", &target))
}

/// Whether a file of a target folder belongs to the crate itself.
fn is_of(path: &Path, crate_name: &str, package_name: &str) -> bool {
    let starts = |part: &std::ffi::OsStr| {
        let part = part.to_string_lossy();
        let hashed = |name: &str| {
            part.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '.']) && rest.matches('-').count() <= 1)
        };
        hashed(crate_name) || hashed(&format!("lib{crate_name}")) || hashed(package_name)
    };
    path.iter().any(starts)
}

/// Cargo compiles libraries against metadata alone; a test binary needs the code too.
fn linkable(value: &str, target: &Path) -> String {
    let whole = value.replace(".rmeta", ".rlib");
    let path = whole.split_once('=').map_or(whole.as_str(), |(_, path)| path);
    let on_disk = target.join(path.trim_start_matches("/target/"));
    if on_disk.exists() { whole } else { value.to_owned() }
}

fn compile_runner(grader: &Grader, prepared: &Prepared) -> Result<(), Error> {
    let dir = grader.mem_dir()?;
    let folder = Path::new("out");
    dir.make_folder(folder).map_err(Error::file("write to the sandbox", folder))?;
    let mut mounts = grader.toolchain.compile_mounts();
    mounts.extend([
        read_only(prepared.path("runner"), "/crate"),
        Mount::Scratch { from: dir.path("out"), to: "/out".into() },
    ]);
    let rustc = Rustc::new("quorate_runner.rs", "quorate_runner", "2024")
        .flags(["--crate-type=rlib", "-Copt-level=1", "-o/out/libquorate_runner.rlib"])
        .unstable();
    let outcome = run_to_prepare(grader, prepared, &mounts, &rustc.in_folder("/crate"))?;
    if outcome.end != End::Exited(0) {
        return Err(Error::prepare(
            &prepared.package,
            "the test runner does not compile with this toolchain",
            &outcome.stderr,
        ));
    }
    let library = "libquorate_runner.rlib";
    let copy = dir.collect(folder.join(library), TOOL_DISK_BYTES);
    let path = prepared.path("runner").join(library);
    copy.and_then(|bytes| fs::write(&path, bytes)).map_err(Error::file("copy the test runner to", &path))
}
