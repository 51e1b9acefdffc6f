//! Stage *link*: test binaries from test sources and the candidate's library, in a jail in which the sources exist and no
//! code of the candidate's runs. It calls rustc itself: quicker than cargo, and there is no freshness to be fooled about.
//!
//! The compiler needs the library's interface at first and its code only for the linker. So the stage can begin while the
//! library is still being compiled ([`offer_interface`]); the linker waits until it is complete ([`offer_library`]).

use std::path::{Path, PathBuf};

use super::build::{self, MAX_LIBRARY_BYTES, interface_path, library_path};
use super::context::GradingContext;
use super::diagnostics;
use super::error::Error;
use super::machine::{self, LinkerOutput};
use super::prepared::Prepared;
use super::report::Mode;
use super::rustc::Rustc;
use super::toolchain::read_only;
use super::{tools, tree};
use crate::sandbox::{Cancel, End, Jail, Limits, Mount, Outcome, Usage, WAIT_THEN_EXEC, WALL_FACTOR_MAX};

/// The folder of the grading's in which the compiler finds the library.
pub(super) const LIBRARY: &str = "library";
/// The file beside the library that says that it is complete.
const COMPLETE: &str = "complete";
/// Where the compiler's incremental cache stands in the jail.
const CACHE: &str = "/incremental";

/// The compiler's incremental cache on the tests (`-Cincremental`).
pub(super) enum IncrementalCache {
    /// None: what is there was made for other types, and would only be in the way.
    None,
    /// It is made now, where [`made`] says.
    Make,
    /// This one, read-only: what the compiler adds is thrown away.
    Use(PathBuf),
}

/// What this stage does, to be read after "failed to".
const LINKING: &str = "compile and link the tests";

/// The folder of the grading's in which a cache for the tests of a mode is made.
pub(super) fn made(mode: Mode) -> String {
    format!("incremental/{}", Prepared::sources(mode))
}

/// How a link ended, for all test files together.
pub(super) struct Linked {
    /// `None`: each binary lies in `tests/` of the grading's folder. Otherwise why not, without a word of the sources.
    pub(super) failure: Option<String>,
    /// What the compiler printed, for the author alone.
    pub(super) errors: Vec<u8>,
    /// CPU time and memory of the compiler, file by file.
    pub(super) usage: Vec<Usage>,
}

/// Waits for the interface of the library that is being built and gives it to the compiler of the tests, as a library without
/// code. `false`: the build is over and there is none.
pub(super) fn offer_interface(context: &GradingContext<'_>, over: &Cancel) -> Result<bool, Error> {
    let GradingContext { prepared, dir, .. } = *context;
    let interface = interface_path(prepared);
    let at = |path: &str| Error::file("wait in the sandbox for", Path::new(path));
    if !dir.wait_for(&interface, over).map_err(at(&interface))? {
        return Ok(false);
    }
    // One that can't be read is the candidate's to answer for: stage build says so.
    let Ok(bytes) = dir.collect(&interface, MAX_LIBRARY_BYTES) else { return Ok(false) };
    let library = format!("{LIBRARY}/{}", prepared.library_name());
    let written = dir.write(&library, &without_code(&bytes));
    written.map_err(Error::file("write to the sandbox", Path::new(&library)))?;
    Ok(true)
}

/// Gives the library, which is complete, to the compiler of the tests. Whoever has opened the one without code keeps it.
pub(super) fn offer_library(context: &GradingContext<'_>) -> Result<(), Error> {
    let GradingContext { prepared, dir, .. } = *context;
    let library = Path::new(LIBRARY).join(prepared.library_name());
    let moved = dir.rename(library_path(prepared), &library);
    moved
        .and_then(|()| dir.write(Path::new(LIBRARY).join(COMPLETE), b""))
        .map_err(Error::file("write to the sandbox", &library))
}

/// A library that holds an interface alone: an archive (the format of `ar`) with the one member that rustc looks for.
pub(super) fn without_code(interface: &[u8]) -> Vec<u8> {
    let header = format!("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "lib.rmeta/", 0, 0, 0, 644, interface.len());
    let padding: &[u8] = if interface.len().is_multiple_of(2) { b"" } else { b"\n" };
    [b"!<arch>\n", header.as_bytes(), interface, padding].concat()
}

/// Links every test file of a mode of the context against the library that was offered into `tests/` of its tree, several at
/// once. Ends once the library is offered whole.
pub(super) fn link(context: &GradingContext<'_>, cache: &IncrementalCache) -> Result<Linked, Error> {
    let GradingContext { grader, prepared, mode, dir, .. } = *context;
    let made = matches!(cache, IncrementalCache::Make).then(|| made(mode));
    for folder in ["tests"].into_iter().chain(made.as_deref()) {
        dir.make_folder(folder).map_err(Error::file("write to the sandbox", Path::new(folder)))?;
    }
    let (jail, cache) = jail(context, cache)?;
    let stems = stems(&prepared.path(Prepared::sources(mode)));
    let outcomes = grader.in_parallel(&stems, |stem| link_one(context, &jail, stem, cache), |_, _| {})?;
    let mut linked = Linked { failure: None, errors: Vec::new(), usage: Vec::new() };
    for outcome in outcomes {
        linked.usage.push(outcome.usage);
        let failure = failure(prepared, mode, &outcome)?;
        linked.failure = linked.failure.or(failure);
        linked.errors.extend(outcome.stderr);
    }
    Ok(linked)
}

/// The jail in which tests are linked, with a cache if there is one. A cache may be gone by now, as when others needed the room.
fn jail<'c>(context: &GradingContext<'_>, cache: &'c IncrementalCache) -> Result<(Jail, &'c IncrementalCache), Error> {
    let GradingContext { grader, prepared, .. } = *context;
    let with = |cache| Ok((grader.jailer.jail(&mounts(context, cache), &tools::limits(prepared))?, cache));
    match with(cache) {
        Err(Error::Sandbox(error)) if matches!(cache, IncrementalCache::Use(_)) => {
            tracing::warn!(%error, "the tests are linked without the compiler's cache");
            with(&IncrementalCache::None)
        }
        other => other,
    }
}

/// The test crates in a folder of sources.
fn stems(folder: &Path) -> Vec<String> {
    let files = tree::test_files(folder);
    files.iter().filter_map(|file| file.file_stem()).map(|stem| stem.to_string_lossy().into_owned()).collect()
}

fn mounts(context: &GradingContext<'_>, cache: &IncrementalCache) -> Vec<Mount> {
    let GradingContext { grader, prepared, mode, dir, .. } = *context;
    let mut mounts = grader.toolchain.link_mounts();
    mounts.extend([
        read_only(prepared.path(Prepared::sources(mode)), "/crate/tests"),
        read_only(prepared.path("target"), "/target"),
        read_only(prepared.path("runner"), "/runner"),
        read_only(dir.path(LIBRARY), "/library"),
        grader.jailer.own_program(WAIT_THEN_EXEC),
        Mount::Scratch { from: dir.path("tests"), to: "/tests".into() },
    ]);
    match cache {
        IncrementalCache::None => {}
        IncrementalCache::Make => mounts.push(Mount::Scratch { from: dir.path(made(mode)), to: CACHE.into() }),
        IncrementalCache::Use(folder) => {
            mounts.push(Mount::Overlay { lower: folder.clone(), upper: None, to: CACHE.into() })
        }
    }
    mounts
}

/// How every test crate is compiled, whoever wrote it: with our runner, for the shortest way to a verdict.
pub(super) fn test_crate(context: &GradingContext<'_>, stem: &str) -> Rustc {
    let Prepared { package, record, .. } = context.prepared;
    Rustc::new(format!("tests/{stem}.rs"), stem, package.edition())
        .flags([
            "--test",
            "--error-format=json",
            "-Zcrate-attr=feature(custom_test_frameworks)",
            "-Zcrate-attr=test_runner(::quorate_runner::runner)",
            "-Copt-level=0",
            "-Cdebuginfo=0",
            "-Cstrip=symbols",
            "--extern=quorate_runner=/runner/libquorate_runner.rlib",
        ])
        .flags([
            format!("-o/tests/{stem}"),
            format!("--extern={}=/library/{}", package.crate_name(), context.prepared.library_name()),
        ])
        .test_dependencies(record)
        .manifest(package)
        .unstable()
}

/// Links one test file. What doesn't link with a cache is linked again without, whatever the reason: no cache has a say in a verdict.
/// A failure of the machine is none, and is left to whoever grades again.
fn link_one(context: &GradingContext<'_>, jail: &Jail, stem: &str, cache: &IncrementalCache) -> Result<Outcome, Error> {
    let outcome = compile_and_link(context, jail, stem, !matches!(cache, IncrementalCache::None))?;
    let is_verdict = outcome.end != End::Exited(0)
        && machine::check(LINKING, &outcome, LinkerOutput::of(&context.prepared.package)).is_ok();
    if !is_verdict || !matches!(cache, IncrementalCache::Use(_)) {
        return Ok(outcome);
    }
    let mut again = compile_and_link(context, jail, stem, false)?;
    again.usage.cpu += outcome.usage.cpu;
    again.usage.memory_peak_bytes = again.usage.memory_peak_bytes.max(outcome.usage.memory_peak_bytes);
    Ok(again)
}

fn compile_and_link(
    context: &GradingContext<'_>,
    jail: &Jail,
    stem: &str,
    is_incremental: bool,
) -> Result<Outcome, Error> {
    let GradingContext { grader, prepared, .. } = *context;
    let mut rustc = test_crate(context, stem)
        .flags([
            // Not all lints: a number that does not fit its type is an error of a test, and may be so by the candidate's doing.
            "-Awarnings",
            // Checks of the standard library that only unsafe code can fail: a tenth of what is compiled.
            "-Zub-checks=no",
        ])
        .flags(grader.toolchain.link_flags());
    if is_incremental {
        // With shared generics, what the tests have to generate depends on what the bodies of the candidate's functions have
        // generated already, so that another body makes the cache useless. Without a cache, sharing is quicker.
        rustc = rustc.flags([format!("-Cincremental={CACHE}"), "-Zshare-generics=no".to_owned()]);
    }
    // A later -Clinker goes before an earlier one.
    let rustc = rustc.flags([
        format!("-Clinker={WAIT_THEN_EXEC}"),
        format!("-Clink-arg=--wait-for=/library/{COMPLETE}"),
        format!("-Clink-arg=--then={}", grader.toolchain.linker().display()),
    ]);
    // It may have to wait for a build that takes all the time it can get.
    let wall = prepared.package.limits.build_wall * (WALL_FACTOR_MAX + 1);
    let limits = Limits { wall, ..tools::limits(prepared) };
    Ok(jail.run_until(&rustc.in_folder("/crate"), &limits, context.cancel)?)
}

/// Why a candidate's library does not link to the tests: to them it is an error of theirs, told without quoting ours.
fn failure(prepared: &Prepared, mode: Mode, outcome: &Outcome) -> Result<Option<String>, Error> {
    build::check_libraries(prepared, outcome)?;
    machine::check(LINKING, outcome, LinkerOutput::of(&prepared.package))?;
    let sentence = match outcome.end {
        End::Exited(0) => return Ok(None),
        End::Exited(_) if diagnostics::of_linker(&outcome.stderr) => {
            // It names symbols of the tests.
            tracing::info!(said = %String::from_utf8_lossy(&outcome.stderr), "what was handed in does not link");
            return Ok(Some("it compiles, and the linker cannot make a program of it".to_owned()));
        }
        End::Exited(_) => "the tests do not fit the crate's public items",
        _ => return Ok(build::failure(outcome)?.map(|sentence| format!("with the tests, {sentence}"))),
    };
    let about = diagnostics::of_hidden(&outcome.stderr, &prepared.record.known_words);
    let about = if about.is_empty() { String::new() } else { format!(": {}", about.join("; ")) };
    let tests = if mode == Mode::Public { "public" } else { "hidden" };
    let sentence = sentence.replace("the tests", &format!("the {tests} tests"));
    Ok(Some(format!("{sentence}{about}. Compare names, arguments and types with the starter's and the statement's")))
}
