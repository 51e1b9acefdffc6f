//! Makes a package ready to be graded, once: everything that does not depend on a candidate is done here.
//!
//! Sources of dependencies are fetched by a plain cargo, with the network; everything is *compiled* in jails of the same
//! layout as those of a grading, so that cargo finds its own work again, and so that build scripts of dependencies are
//! confined too. Two processes that prepare the same package wait for each other by a lock file.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Workshop;
use super::build::{TOOL_DISK_BYTES, build, limits, sources};
use super::error::Error;
use super::files::SubmittedFiles;
use super::job::Job;
use super::link::{Notes, link, offer_library};
use super::manifest::{cargo_config, server_manifest};
use super::package::{self, Kind, Package};
use super::prepared::{Prepared, Record, TestName};
use super::report::Mode;
use super::run;
use super::shape::{identifiers, shape};
use super::sweep;
use super::toolchain::{Toolchain, read_only, run_trusted, tool_environment};
use super::tree;
use super::unpack;
use super::write_tests::{self, variants};
use crate::sandbox::{Cancel, Command, End, Mount, Outcome, Profile};

/// Raised when the way packages are prepared or graded changes what comes out.
const LAYOUT: &str = "quorate prepared 5";
const RUNNER: &str = include_str!("runner/quorate_runner.rs");
/// Standard macros, which every candidate knows.
const STANDARD_WORDS: [&str; 10] =
    ["assert", "assert_eq", "assert_ne", "panic", "matches", "vec", "format", "unreachable", "todo", "unimplemented"];

/// Prepares a package, or finds it prepared.
pub(super) fn prepare(shop: &Workshop, package: &Package) -> Result<Prepared, Error> {
    let prepared = find_or_make(shop, package)?;
    sweep::touch(&prepared.folder).map_err(Error::file("write to", &prepared.folder))?;
    Ok(prepared)
}

fn find_or_make(shop: &Workshop, package: &Package) -> Result<Prepared, Error> {
    let key = key(shop, package).map_err(Error::file("read", &package.folder))?;
    let parent = shop.data_dir.join("prepared");
    let folder = parent.join(format!("{}-{key}", package.slug));
    if let Some(record) = Record::read(&folder) {
        return Ok(Prepared { package: package.clone(), folder, record });
    }
    fs::create_dir_all(&parent).map_err(Error::file("make", &parent))?;
    let lock = parent.join(format!("{}.lock", package.slug));
    let lock = File::create(&lock).and_then(|file| file.lock().map(|()| file)).map_err(Error::file("lock", &lock))?;
    let record = Record::read(&folder).map_or_else(|| make(shop, package, &parent, &folder), Ok)?;
    drop(lock);
    Ok(Prepared { package: package.clone(), folder, record })
}

/// Everything in a package that preparing looks at, and with what it is prepared.
fn key(shop: &Workshop, package: &Package) -> std::io::Result<String> {
    let mut hash = score_hash(shop, package)?;
    for name in ["starter", "solution", "README.md"] {
        tree::hash(&package.folder.join(name), &mut hash)?;
    }
    Ok(tree::hex(hash, 16))
}

/// Everything in a package that can change a score, but the versions of its dependencies.
fn score_hash(shop: &Workshop, package: &Package) -> std::io::Result<Sha256> {
    let mut hash = Sha256::new();
    for text in [LAYOUT, RUNNER, &shop.toolchain.version] {
        tree::hash_bytes(text.as_bytes(), &mut hash);
    }
    for name in ["grader.toml", "hidden", "starter/Cargo.toml", "starter/Cargo.lock"] {
        tree::hash(&package.folder.join(name), &mut hash)?;
    }
    if package.kind == Kind::WriteTests {
        tree::hash(&package.folder.join("starter/src"), &mut hash)?;
    }
    Ok(hash)
}

/// Prepares in a folder beside the final one and renames it when it is complete.
fn make(shop: &Workshop, package: &Package, parent: &Path, folder: &Path) -> Result<Record, Error> {
    let prefix = format!(".unfinished-{}-", package.slug);
    remove_unfinished(parent, &prefix);
    let unfinished =
        tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).map_err(Error::file("make a folder in", parent))?;
    let mut prepared =
        Prepared { package: package.clone(), folder: unfinished.path().to_owned(), record: Record::default() };
    tracing::info_span!("prepare", package = %package.slug).in_scope(|| fill(shop, &mut prepared))?;
    prepared.write_record()?;
    let _ = fs::remove_dir_all(folder);
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

fn fill(shop: &Workshop, prepared: &mut Prepared) -> Result<(), Error> {
    copy_sources(shop, prepared)?;
    vendor(shop, prepared)?;
    prepared.record.version = version(shop, prepared)?;
    prepared.record.known_words = known_words(&prepared.package);
    compile_dependencies(shop, prepared)?;
    compile_runner(shop, prepared)?;
    if prepared.package.kind == Kind::WriteTests {
        variants::prepare(shop, prepared)?;
        return try_solution(shop, prepared);
    }
    discover_tests(shop, prepared)
}

fn copy_sources(shop: &Workshop, prepared: &Prepared) -> Result<(), Error> {
    let package = &prepared.package.folder;
    // Of a package in which tests are handed in, only compiled implementations are kept.
    let hidden = if prepared.package.kind == Kind::WriteTests { "no-hidden-tests" } else { "hidden" };
    for (from, to) in [(hidden, "hidden"), ("starter/tests", "public"), ("starter/src", "starter/src")] {
        let (from, to) = (package.join(from), prepared.path(to));
        fs::create_dir_all(&to).map_err(Error::file("make", &to))?;
        if from.is_dir() {
            tree::copy(&from, &to).map_err(Error::file("copy", &from))?;
        }
    }
    let files = [
        ("crate/Cargo.toml", server_manifest(&prepared.package)),
        ("crate/src/lib.rs", String::new()),
        ("cargo/config.toml", cargo_config(&shop.toolchain)),
        ("runner/quorate_runner.rs", RUNNER.to_owned()),
    ];
    for (name, text) in files {
        tree::write(&prepared.path(name), text.as_bytes()).map_err(Error::file("write", &prepared.folder))?;
    }
    let lock = package.join("starter/Cargo.lock");
    if lock.is_file() {
        fs::copy(&lock, prepared.path("crate/Cargo.lock")).map_err(Error::file("copy", &lock))?;
    }
    fs::create_dir_all(prepared.path("target")).map_err(Error::file("make a folder in", &prepared.folder))
}

/// Settles the versions of dependencies and fetches their sources: the only step with a network, and only if there are any.
fn vendor(shop: &Workshop, prepared: &Prepared) -> Result<(), Error> {
    let package = &prepared.package;
    let std_only = package.dependencies.is_empty() && package.test_dependencies.is_empty();
    let manifest = prepared.path("crate/Cargo.toml").to_string_lossy().into_owned();
    let vendor = prepared.path("vendor").to_string_lossy().into_owned();
    let arguments = if std_only {
        vec!["generate-lockfile", "--offline", "--quiet", "--manifest-path", &manifest]
    } else {
        vec!["vendor", "--quiet", "--versioned-dirs", "--manifest-path", &manifest, &vendor]
    };
    let output = run_trusted(&shop.jailer, &shop.toolchain.host_tool("cargo"), &arguments)?;
    if output.end == End::Exited(0) {
        return Ok(());
    }
    Err(failed(package, "its dependencies cannot be fetched", &output.stderr))
}

fn version(shop: &Workshop, prepared: &Prepared) -> Result<String, Error> {
    let lock = prepared.path("crate/Cargo.lock");
    let mut hash = score_hash(shop, &prepared.package).map_err(Error::file("read", &prepared.package.folder))?;
    tree::hash(&lock, &mut hash).map_err(Error::file("read", &lock))?;
    Ok(tree::hex(hash, 16))
}

fn known_words(package: &Package) -> BTreeSet<String> {
    let starter = package.starter().unwrap_or_default();
    let sources = starter.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(_, text)| text);
    let known = sources.flat_map(|text| identifiers(text)).map(str::to_owned);
    known.chain(STANDARD_WORDS.map(str::to_owned)).collect()
}

/// Compiles the dependencies with an empty crate in the place of the candidate's, and removes all trace of that crate, so
/// that cargo can never take it for the candidate's.
fn compile_dependencies(shop: &Workshop, prepared: &mut Prepared) -> Result<(), Error> {
    let building = made(&prepared.path("building"))?;
    let mut mounts = shop.toolchain.link_mounts();
    mounts.extend(prepared.build_mounts());
    mounts.extend([
        read_only(prepared.path("crate"), "/crate"),
        Mount::Scratch { from: building.clone(), to: "/target".into() },
    ]);
    let arguments = ["build", "--lib", "--offline", "--frozen", "--verbose", "--color=never"];
    let outcome = run_tool(shop, prepared, &mounts, "cargo", &arguments, tool_environment())?;
    if outcome.end != End::Exited(0) {
        return Err(failed(&prepared.package, "its dependencies do not compile", &outcome.stderr));
    }
    let name = prepared.package.crate_name();
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let (externs, search) = own_flags(&said, &name);
    prepared.record.externs = externs.iter().map(|value| linkable(value, &building)).collect();
    prepared.record.search = search;
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

/// The `--extern` and `-L` values with which cargo compiled crate `name`, from what `cargo --verbose` prints.
fn own_flags(said: &str, name: &str) -> (Vec<String>, Vec<String>) {
    let marker = format!("--crate-name {name} ");
    let line = said.lines().find(|line| line.contains("Running `") && line.contains(&marker)).unwrap_or_default();
    let arguments: Vec<&str> =
        line.trim_end_matches('`').split(' ').map(|argument| argument.trim_matches('\'')).collect();
    let values = |flag: &str| {
        let pairs = arguments.iter().zip(arguments.iter().skip(1));
        pairs.filter(|(key, _)| **key == flag).map(|(_, value)| (*value).to_owned()).collect()
    };
    (values("--extern"), values("-L"))
}

/// Cargo compiles libraries against metadata alone; a test binary needs the code too.
fn linkable(value: &str, target: &Path) -> String {
    let whole = value.replace(".rmeta", ".rlib");
    let path = whole.split_once('=').map_or(whole.as_str(), |(_, path)| path);
    let on_disk = target.join(path.trim_start_matches("/target/"));
    if on_disk.exists() { whole } else { value.to_owned() }
}

fn compile_runner(shop: &Workshop, prepared: &Prepared) -> Result<(), Error> {
    let tree = shop.tree()?;
    let folder = Path::new("out");
    tree.make_folder(folder).map_err(Error::file("write to the sandbox", folder))?;
    let mut mounts = shop.toolchain.compile_mounts();
    mounts.extend([
        read_only(prepared.path("runner"), "/crate"),
        Mount::Scratch { from: tree.path("out"), to: "/out".into() },
    ]);
    let mut env = tool_environment();
    env.push(("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned()));
    let arguments =
        ["quorate_runner.rs", "--crate-type=rlib", "--edition=2024", "-Copt-level=1", "-o/out/libquorate_runner.rlib"];
    let outcome = run_tool(shop, prepared, &mounts, "rustc", &arguments, env)?;
    if outcome.end != End::Exited(0) {
        return Err(failed(&prepared.package, "the test runner does not compile with this toolchain", &outcome.stderr));
    }
    let library = "libquorate_runner.rlib";
    let copy = tree.collect(folder.join(library), TOOL_DISK_BYTES);
    let path = prepared.path("runner").join(library);
    copy.and_then(|bytes| fs::write(&path, bytes)).map_err(Error::file("copy the test runner to", &path))
}

/// Builds the solution with both kinds of tests, to learn their names. (That the starter compiles is for `check` to prove:
/// there is ready-made material whose signatures are left to the candidate.)
fn discover_tests(shop: &Workshop, prepared: &mut Prepared) -> Result<(), Error> {
    let folder = &prepared.package.folder;
    let solved = if folder.join("solution").is_dir() { "solution" } else { "starter" };
    let solution = submission(&prepared.package, &folder.join(solved))?;
    prepared.record.shape = shape(sources(prepared, &solution)?.values().map(String::as_str));
    let tree = shop.tree()?;
    let cancel = Cancel::new()?;
    let job = Job { shop, prepared, mode: Mode::Graded, tree: &tree, cancel: &cancel };
    let built = build(&job, &solution)?;
    if let Some(reason) = built.failure {
        let rendered: String = built.diagnostics.iter().map(|diagnostic| diagnostic.rendered.as_str()).collect();
        return Err(failed(&prepared.package, &format!("the {solved}: {reason}"), rendered.as_bytes()));
    }
    offer_library(&job)?;
    let hidden = linked_tests(&job)?;
    let public = linked_tests(&Job { mode: Mode::Public, ..job })?;
    prepared.record.hidden = hidden;
    prepared.record.public = public;
    check_rules(prepared)
}

/// Whether the solution's tests link with all implementations: what an interface lacks shows here.
fn try_solution(shop: &Workshop, prepared: &Prepared) -> Result<(), Error> {
    let folder = prepared.package.folder.join("solution");
    if !folder.is_dir() {
        return Ok(());
    }
    let solution = submission(&prepared.package, &folder)?;
    let (tree, cancel) = (shop.tree()?, Cancel::new()?);
    let job = Job { shop, prepared, mode: Mode::Graded, tree: &tree, cancel: &cancel };
    let built = write_tests::compile(&job, &solution)?;
    let failure = match built.failure {
        None => write_tests::link(&job, &solution)?,
        failure => failure,
    };
    let Some(reason) = failure else { return Ok(()) };
    let rendered: String = built.diagnostics.iter().map(|diagnostic| diagnostic.rendered.as_str()).collect();
    Err(failed(&prepared.package, &format!("the solution: {reason}"), rendered.as_bytes()))
}

/// A submission of the author's own.
fn submission(package: &Package, folder: &Path) -> Result<SubmittedFiles, Error> {
    unpack::from_folder(folder).map_err(|refusal| {
        failed(package, &format!("{} breaks a rule", folder.display()), refusal.to_string().as_bytes())
    })
}

fn linked_tests(job: &Job<'_>) -> Result<Vec<TestName>, Error> {
    let Job { prepared, mode, .. } = *job;
    let sources = Prepared::sources(mode);
    let noting = made(&prepared.path("noting"))?;
    let linked = link(job, Notes::Make(&noting))?;
    // Ours, as all that a later jail builds on.
    let notes = prepared.notes(mode);
    tree::copy_but(&noting, &notes, |_| false)
        .and_then(|()| fs::remove_dir_all(&noting))
        .map_err(Error::file("copy the compiler's notes to", &notes))?;
    if linked.failure.is_some() {
        return Err(failed(
            &prepared.package,
            &format!("the {sources} tests do not compile with the solution"),
            &rendered(&linked.errors),
        ));
    }
    let mut tests = Vec::new();
    for file in package::test_files(&prepared.path(sources)) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        tests.extend(run::list(job, &stem)?);
    }
    // The author's order first, then the compiler's.
    let position =
        |test: &TestName| prepared.package.tests.iter().position(|rule| rule.name == test.full()).unwrap_or(usize::MAX);
    tests.sort_by_key(position);
    Ok(tests)
}

fn rendered(messages: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(messages);
    let rendered =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?.get("rendered")?.as_str().map(str::to_owned);
    text.lines().map(|line| rendered(line).unwrap_or_else(|| line.to_owned())).collect::<String>().into_bytes()
}

/// A rule for a test that does not exist is a slip of the author's that would cost candidates points.
fn check_rules(prepared: &Prepared) -> Result<(), Error> {
    let names: BTreeSet<String> = prepared.record.hidden.iter().map(TestName::full).collect();
    let lost: Vec<&str> =
        prepared.package.tests.iter().map(|rule| rule.name.as_str()).filter(|name| !names.contains(*name)).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let known = names.into_iter().collect::<Vec<_>>().join("\n");
    let reason = format!("grader.toml has a [[test]] for {}, which hidden/ has not; it has", lost.join(", "));
    Err(failed(&prepared.package, &reason, known.as_bytes()))
}

pub(super) fn run_tool(
    shop: &Workshop,
    prepared: &Prepared,
    mounts: &[Mount],
    tool: &str,
    arguments: &[&str],
    env: Vec<(String, String)>,
) -> Result<Outcome, Error> {
    let command = Command {
        program: Toolchain::tool(tool),
        args: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        env,
        cwd: "/crate".into(),
        profile: Profile::Tool,
        channel: None,
    };
    let mut limits = limits(prepared);
    limits.wall *= 10;
    limits.cpu *= 10;
    limits.disk_bytes *= 4;
    Ok(shop.jailer.run(mounts, &command, &limits)?)
}

fn made(folder: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
    Ok(folder.to_owned())
}

pub(super) fn failed(package: &Package, reason: &str, details: &[u8]) -> Error {
    let details = String::from_utf8_lossy(details);
    Error::Prepare { slug: package.slug.to_string(), reason: format!("{reason}\n{}", details.trim()) }
}
