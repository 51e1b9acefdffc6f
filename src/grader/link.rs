//! Stage *link*: test binaries from test sources and the candidate's library, in a jail in which the sources exist and no
//! code of the candidate's runs. It calls rustc itself: quicker than cargo, and there is no freshness to be fooled about.
//!
//! The compiler needs the library's interface at first and its code only for the linker. So the stage can begin while the
//! library is still being compiled ([`offer_interface`]); the linker waits until it is complete ([`offer_library`]).

use std::path::Path;

use super::build::{MAX_LIBRARY_BYTES, interface_path, library_path, limits};
use super::diagnostics;
use super::error::Error;
use super::job::Job;
use super::manifest::{OF_TESTS, crate_environment};
use super::package::Package;
use super::prepared::Prepared;
use super::report::Mode;
use super::toolchain::{Toolchain, read_only, tool_environment};
use crate::sandbox::{Cancel, Command, End, Jail, Limits, Mount, Outcome, Profile, Usage};

/// The folder of the tree in which the compiler finds the library.
pub(super) const LIBRARY: &str = "library";
/// The file beside the library that says that it is complete.
const COMPLETE: &str = "complete";
/// Where the compiler's notes stand in the jail.
const NOTES: &str = "/notes";

/// Notes of the compiler's on the tests (`-Cincremental`), of when the package was prepared.
#[derive(Clone, Copy)]
pub(super) enum Notes<'n> {
    /// There are none that help.
    None,
    /// They are made now, in this folder.
    Make(&'n Path),
    /// Those of the package, read-only: what is noted now is thrown away.
    Use,
}

/// How a link ended.
pub(super) struct Linked {
    /// `None`: each binary lies in `tests/` of the tree. Otherwise why not, without a word of the sources.
    pub(super) failure: Option<String>,
    /// What the compiler printed, for the author alone.
    pub(super) errors: Vec<u8>,
    /// What each file used.
    pub(super) usage: Vec<Usage>,
}

/// Waits for the interface of the library that is being built and gives it to the compiler of the tests, as a library without
/// code. `false`: the build is over and there is none.
pub(super) fn offer_interface(job: &Job<'_>, over: &Cancel) -> Result<bool, Error> {
    let Job { prepared, tree, .. } = *job;
    let interface = interface_path(prepared);
    let at = |path: &str| Error::file("wait in the sandbox for", Path::new(path));
    if !tree.wait_for(&interface, over).map_err(at(&interface))? {
        return Ok(false);
    }
    // One that can't be read is the candidate's to answer for: stage build says so.
    let Ok(bytes) = tree.collect(&interface, MAX_LIBRARY_BYTES) else { return Ok(false) };
    let library = format!("{LIBRARY}/{}", prepared.library_name());
    let written = tree.write(&library, &without_code(&bytes));
    written.map_err(Error::file("write to the sandbox", Path::new(&library)))?;
    Ok(true)
}

/// Gives the library, which is complete, to the compiler of the tests. Whoever has opened the one without code keeps it.
pub(super) fn offer_library(job: &Job<'_>) -> Result<(), Error> {
    let Job { prepared, tree, .. } = *job;
    let library = Path::new(LIBRARY).join(prepared.library_name());
    let moved = tree.rename(library_path(prepared), &library);
    moved
        .and_then(|()| tree.write(Path::new(LIBRARY).join(COMPLETE), b""))
        .map_err(Error::file("write to the sandbox", &library))
}

/// A library that holds an interface alone: an archive (the format of `ar`) with the one member that rustc looks for.
pub(super) fn without_code(interface: &[u8]) -> Vec<u8> {
    let header = format!("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "lib.rmeta/", 0, 0, 0, 644, interface.len());
    let padding: &[u8] = if interface.len().is_multiple_of(2) { b"" } else { b"\n" };
    [b"!<arch>\n", header.as_bytes(), interface, padding].concat()
}

/// Links every test file of a mode of the job against the library that was offered into `tests/` of its tree, several at
/// once. Ends once the library is offered whole.
pub(super) fn link(job: &Job<'_>, notes: Notes<'_>) -> Result<Linked, Error> {
    let Job { shop, prepared, mode, tree, .. } = *job;
    tree.make_folder("tests").map_err(Error::file("write to the sandbox", Path::new("tests")))?;
    let jail = shop.jailer.jail(&mounts(job, notes), &limits(prepared))?;
    let stems = stems(&prepared.path(Prepared::sources(mode)));
    let outcomes = shop.in_parallel(&stems, |stem| link_one(job, &jail, stem, notes), |_, _| {})?;
    let mut linked = Linked { failure: None, errors: Vec::new(), usage: Vec::new() };
    for outcome in outcomes {
        linked.usage.push(outcome.usage);
        linked.failure = linked.failure.or_else(|| failure(prepared, mode, &outcome));
        linked.errors.extend(outcome.stderr);
    }
    Ok(linked)
}

/// The test crates in a folder of sources.
fn stems(folder: &Path) -> Vec<String> {
    let files = super::package::test_files(folder);
    files.iter().filter_map(|file| file.file_stem()).map(|stem| stem.to_string_lossy().into_owned()).collect()
}

fn mounts(job: &Job<'_>, notes: Notes<'_>) -> Vec<Mount> {
    let Job { shop, prepared, mode, tree, .. } = *job;
    let mut mounts = shop.toolchain.link_mounts();
    mounts.extend([
        read_only(prepared.path(Prepared::sources(mode)), "/crate/tests"),
        read_only(prepared.path("target"), "/target"),
        read_only(prepared.path("runner"), "/runner"),
        read_only(tree.path(LIBRARY), "/library"),
        Mount::this_program(&shop.jailer, Mount::WHEN),
        Mount::Scratch { from: tree.path("tests"), to: "/tests".into() },
    ]);
    match notes {
        Notes::None => {}
        Notes::Make(folder) => mounts.push(Mount::Scratch { from: folder.to_owned(), to: NOTES.into() }),
        Notes::Use => mounts.push(Mount::Overlay { lower: prepared.notes(mode), upper: None, to: NOTES.into() }),
    }
    mounts
}

/// How every test crate is compiled, whoever wrote it: with our runner, for the shortest way to a verdict.
pub(super) fn crate_flags(job: &Job<'_>, stem: &str) -> Vec<String> {
    let Prepared { package, record, .. } = job.prepared;
    let mut flags: Vec<String> = [
        "--test",
        "--error-format=json",
        "-Zcrate-attr=feature(custom_test_frameworks)",
        "-Zcrate-attr=test_runner(::quorate_runner::runner)",
        "-Copt-level=0",
        "-Cdebuginfo=0",
        "-Cstrip=symbols",
        "--extern=quorate_runner=/runner/libquorate_runner.rlib",
        "-Ldependency=/target/debug/deps",
        &format!("-o/tests/{stem}"),
        &format!("--crate-name={}", stem.replace('-', "_")),
        &format!("--edition={}", if package.edition().is_empty() { "2015" } else { package.edition() }),
        &format!("--extern={}=/library/{}", package.crate_name(), job.prepared.library_name()),
    ]
    .map(str::to_owned)
    .to_vec();
    flags.extend(record.search.iter().map(|path| format!("-L{path}")));
    flags.extend(record.externs.iter().map(|value| format!("--extern={}", value.trim_start_matches(OF_TESTS))));
    flags
}

fn link_one(job: &Job<'_>, jail: &Jail, stem: &str, notes: Notes<'_>) -> Result<Outcome, Error> {
    let Job { shop, prepared, .. } = *job;
    let package = &prepared.package;
    let mut args = crate_flags(job, stem);
    args.extend([
        format!("tests/{stem}.rs"),
        // Not all lints: a number that does not fit its type is an error of a test, and may be so by the candidate's doing.
        "-Awarnings".to_owned(),
        // Checks of the standard library that only unsafe code can fail: a tenth of what is compiled.
        "-Zub-checks=no".to_owned(),
    ]);
    args.extend(shop.toolchain.link_flags());
    if !matches!(notes, Notes::None) {
        args.push(format!("-Cincremental={NOTES}"));
    }
    // A later -Clinker goes before an earlier one.
    args.extend([
        format!("-Clinker={}", Mount::WHEN),
        format!("-Clink-arg=--when=/library/{COMPLETE}"),
        format!("-Clink-arg=--then={}", shop.toolchain.linker().display()),
    ]);
    let command = Command {
        program: Toolchain::tool("rustc"),
        args,
        env: environment(package),
        cwd: "/crate".into(),
        profile: Profile::Tool,
        channel: None,
    };
    // It may have to wait for a build that takes all the time it has.
    let limits = Limits { wall: package.limits.build_wall * 2, ..limits(prepared) };
    Ok(jail.run_until(&command, &limits, job.cancel)?)
}

/// What tests may ask of cargo with `env!`, and the leave to use `custom_test_frameworks` on a stable compiler.
pub(super) fn environment(package: &Package) -> Vec<(String, String)> {
    let mut environment = tool_environment();
    environment.extend(crate_environment(package));
    environment.push(("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned()));
    environment
}

/// Why a candidate's library does not link to the tests: to them it is an error of theirs, told without quoting ours.
fn failure(prepared: &Prepared, mode: Mode, outcome: &Outcome) -> Option<String> {
    let sentence = match outcome.end {
        End::Exited(0) => return None,
        End::Exited(_) if diagnostics::of_linker(&outcome.stderr) => {
            return Some("it compiles, and the linker cannot make a program of it".to_owned());
        }
        End::Exited(_) => "the tests do not fit the crate's public items",
        _ => return super::build::failure(outcome).map(|sentence| format!("with the tests, {sentence}")),
    };
    let about = diagnostics::of_hidden(&outcome.stderr, &prepared.record.known_words);
    let about = if about.is_empty() { String::new() } else { format!(": {}", about.join("; ")) };
    let tests = if mode == Mode::Public { "public" } else { "hidden" };
    let sentence = sentence.replace("the tests", &format!("the {tests} tests"));
    Some(format!("{sentence}{about}. Compare names, arguments and types with the starter's and the statement's"))
}
