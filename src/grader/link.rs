//! Stage *link*: test binaries from test sources and the candidate's library, in a jail in which the sources exist and no
//! code of the candidate's runs. It calls rustc itself: quicker than cargo, and there is no freshness to be fooled about.

use std::path::Path;

use super::build::limits;
use super::diagnostics;
use super::error::Error;
use super::job::Job;
use super::prepared::Prepared;
use super::report::Mode;
use super::toolchain::{Toolchain, read_only, tool_environment};
use crate::sandbox::{Command, End, Jail, Mount, Outcome, Profile, Usage};

/// How a link ended.
pub(super) struct Linked {
    /// `None`: each binary lies in `tests/` of the tree. Otherwise why not, without a word of the sources.
    pub(super) failure: Option<String>,
    /// What the compiler printed, for the author alone.
    pub(super) errors: Vec<u8>,
    /// What each file used.
    pub(super) usage: Vec<Usage>,
}

/// Links every test file of a mode of the job against the library in `out/` of its tree into `tests/`, several at once.
pub(super) fn link(job: &Job<'_>) -> Result<Linked, Error> {
    let Job { shop, prepared, mode, tree, .. } = *job;
    tree.make_folder("tests").map_err(Error::file("write to the sandbox", Path::new("tests")))?;
    let jail = shop.jailer.jail(&mounts(job), &limits(prepared))?;
    let stems = stems(&prepared.path(Prepared::sources(mode)));
    let outcomes = shop.in_parallel(&stems, |stem| link_one(job, &jail, stem), |_, _| {})?;
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

fn mounts(job: &Job<'_>) -> Vec<Mount> {
    let Job { shop, prepared, mode, tree, .. } = *job;
    let mut mounts = shop.toolchain.link_mounts();
    mounts.extend([
        read_only(prepared.path(Prepared::sources(mode)), "/crate/tests"),
        read_only(prepared.path("target"), "/target"),
        read_only(prepared.path("runner"), "/runner"),
        read_only(tree.path("out"), "/out"),
        Mount::Scratch { from: tree.path("tests"), to: "/tests".into() },
    ]);
    mounts
}

fn link_one(job: &Job<'_>, jail: &Jail, stem: &str) -> Result<Outcome, Error> {
    let Job { shop, prepared, .. } = *job;
    let package = &prepared.package;
    let crate_name = package.crate_name();
    let mut args: Vec<String> = [
        "--test",
        &format!("tests/{stem}.rs"),
        "--crate-name",
        &stem.replace('-', "_"),
        "--edition",
        if package.edition().is_empty() { "2015" } else { package.edition() },
        &format!("-o/tests/{stem}"),
        "--cap-lints=allow",
        "--error-format=json",
        "-Zcrate-attr=feature(custom_test_frameworks)",
        "-Zcrate-attr=test_runner(::quorate_runner::runner)",
        "-Copt-level=0",
        "-Cdebuginfo=0",
        "-Cstrip=symbols",
        "--extern=quorate_runner=/runner/libquorate_runner.rlib",
        &format!("--extern={crate_name}=/out/{}", prepared.library_name()),
        "-Ldependency=/target/debug/deps",
    ]
    .map(str::to_owned)
    .to_vec();
    args.extend(prepared.record.search.iter().map(|path| format!("-L{path}")));
    args.extend(prepared.record.externs.iter().map(|value| format!("--extern={value}")));
    args.extend(shop.toolchain.link_flags());
    let command = Command {
        program: Toolchain::tool("rustc"),
        args,
        env: environment(package.starter_package("name")),
        cwd: "/crate".into(),
        profile: Profile::Tool,
        channel: None,
    };
    Ok(jail.run_until(&command, &limits(prepared), job.cancel)?)
}

/// What tests may ask of cargo with `env!`, and the leave to use `custom_test_frameworks` on a stable compiler.
fn environment(name: &str) -> Vec<(String, String)> {
    let cargo = [("RUSTC_BOOTSTRAP", "1"), ("CARGO_MANIFEST_DIR", "/crate"), ("CARGO_PKG_NAME", name)];
    let mut environment = tool_environment();
    environment.extend(cargo.map(|(key, value)| (key.to_owned(), value.to_owned())));
    environment
}

/// Why a candidate's library does not link to the tests: to them it is an error of theirs, told without quoting ours.
fn failure(prepared: &Prepared, mode: Mode, outcome: &Outcome) -> Option<String> {
    let sentence = match outcome.end {
        End::Exited(0) => return None,
        End::Exited(_) => "the tests do not fit the crate's public items",
        _ => return super::build::failure(outcome).map(|sentence| format!("with the tests, {sentence}")),
    };
    let about = diagnostics::of_hidden(&outcome.stderr, &prepared.record.known_words);
    let about = if about.is_empty() { String::new() } else { format!(": {}", about.join("; ")) };
    let tests = if mode == Mode::Public { "public" } else { "hidden" };
    let sentence = sentence.replace("the tests", &format!("the {tests} tests"));
    Some(format!("{sentence}{about}. Compare names, arguments and types with the starter's and the statement's"))
}
