//! Stage *build*: the candidate's library, in a jail in which no hidden test exists.
//!
//! Rustc is called with the arguments that cargo called it with when the package was prepared, which gives the same library as cargo
//! would and saves the time in which cargo finds out that nothing else has changed.
//!
//! The compiler writes two files into `out/` of the grading's folder: the library's interface, as soon as the source is checked, and the
//! library. Stage *link* begins with the first.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::GradingContext;
use super::diagnostics;
use super::error::Error;
use super::files::SubmittedFiles;
use super::machine::{self, LinkerOutput, ToolEnd};
use super::prepared::Prepared;
use super::report::Diagnostic;
use super::rustc::Rustc;
use super::toolchain::read_only;
use super::tools;
use super::tree;
use crate::sandbox::{End, MemDir, Mount, Outcome};

/// Bytes of the library that comes out, and of its interface.
pub(super) const MAX_LIBRARY_BYTES: u64 = 64 << 20;

/// How a build ended, and what the compiler said on the way.
pub(super) struct Built {
    /// `None`: the library lies in `out/` of the grading's folder. Otherwise why there is none.
    pub(super) failure: Option<String>,
    /// What the compiler said about the candidate's files.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// CPU time and memory of the compiler.
    pub(super) usage: crate::sandbox::Usage,
}

/// Builds the library of all `sources` of a crate into `out/` of the grading's folder.
pub(super) fn build(context: &GradingContext<'_>, sources: &BTreeMap<String, String>) -> Result<Built, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    lay_out(prepared, sources, dir)?;
    let mut mounts = grader.toolchain.compile_mounts();
    mounts.extend([
        read_only(dir.path("crate"), "/crate"),
        read_only(prepared.path("target"), "/target"),
        Mount::Scratch { from: dir.path("out"), to: "/out".into() },
    ]);
    let outcome = context.run(&mounts, &library(prepared).in_folder("/crate"), &tools::limits(prepared))?;
    let diagnostics = diagnostics::of_compiler(&outcome.stderr);
    check_libraries(prepared, &outcome)?;
    let failure = failure(&outcome)?.or_else(|| library_problem(prepared, dir));
    Ok(Built { failure, diagnostics, usage: outcome.usage })
}

/// Puts the candidate's sources where the jail finds them, and the server's manifest, which a source may include.
fn lay_out(prepared: &Prepared, sources: &BTreeMap<String, String>, dir: &MemDir) -> Result<(), Error> {
    let in_tree = |name: &str| Error::file("write to the sandbox", Path::new(name));
    for name in ["crate/Cargo.toml", "crate/Cargo.lock"] {
        let path = prepared.path(name);
        let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
        dir.write(name, &bytes).map_err(in_tree(name))?;
    }
    for (path, text) in sources {
        dir.write(format!("crate/{path}"), text.as_bytes()).map_err(in_tree(path))?;
    }
    dir.make_folder("out").map_err(in_tree("out"))
}

/// The sources that are compiled: the candidate's, and those of the starter that they do not replace.
pub(super) fn sources(prepared: &Prepared, files: &SubmittedFiles) -> Result<BTreeMap<String, String>, Error> {
    let starter = prepared.path("starter");
    let mut sources = tree::text_files(&starter).map_err(Error::file("read", &starter))?;
    sources.retain(|path, _| path.starts_with("src/") && !replaced(path, files));
    let own = files.iter().filter(|(path, _)| path.starts_with("src/"));
    sources.extend(own.map(|(path, text)| (path.to_owned(), text.to_owned())));
    Ok(sources)
}

/// Sources that a candidate leaves out are the starter's, unless the module lies elsewhere now: `a.rs` is `a/mod.rs`.
fn replaced(path: &str, files: &SubmittedFiles) -> bool {
    let twin = match path.strip_suffix("/mod.rs") {
        Some(module) => format!("{module}.rs"),
        None => format!("{}/mod.rs", path.trim_end_matches(".rs")),
    };
    files.get(path).is_some() || files.get(&twin).is_some()
}

fn library(prepared: &Prepared) -> Rustc {
    let package = &prepared.package;
    let unsafe_code = (!package.allow_unsafe).then_some("-Funsafe_code");
    Rustc::library(package, &prepared.record)
        // Objects lie beside the library until it is complete.
        .flags(["--error-format=json", "--json=diagnostic-rendered-ansi", "--out-dir=/out"])
        .flags([format!("--emit=metadata=/{},link=/{}", interface_path(prepared), library_path(prepared))])
        .flags(unsafe_code)
}

/// Tells a library of ours that is lost, or is of another compiler, from an error of the candidate's. The package is prepared anew then.
///
/// # Errors
/// [`Error::Stale`] when the compiler failed for such a library.
pub(super) fn check_libraries(prepared: &Prepared, outcome: &Outcome) -> Result<(), Error> {
    if outcome.end == End::Exited(0) {
        return Ok(());
    }
    let lost = prepared.lost_library().or_else(|| diagnostics::of_lost_library(&outcome.stderr));
    lost.map_or(Ok(()), |detail| Err(Error::Stale { slug: prepared.package.slug.to_string(), detail }))
}

/// Why a compiler's run did not end well because of its source, in one sentence.
///
/// # Errors
/// [`Error::Machine`] when the source isn't why.
pub(super) fn failure(outcome: &Outcome) -> Result<Option<String>, Error> {
    let sentence = match machine::check("compile", outcome, LinkerOutput::Source)? {
        ToolEnd::Succeeded => return Ok(None),
        ToolEnd::Refused => "it does not compile",
        ToolEnd::Crashed => "it makes the compiler crash",
        ToolEnd::TooLong => "compiling it takes too long",
        ToolEnd::TooMuchMemory => "compiling it takes too much memory",
        ToolEnd::TooMuchOutput => "the compiler has too much to say about it",
        ToolEnd::TooMuchDisk => "the compiler writes too much for it",
    };
    Ok(Some(sentence.to_owned()))
}

/// Where the compiler writes what is to be known to use the library.
pub(super) fn interface_path(prepared: &Prepared) -> String {
    format!("out/lib{}.rmeta", prepared.package.crate_name())
}

/// Where the compiler writes the library.
pub(super) fn library_path(prepared: &Prepared) -> String {
    format!("out/{}", prepared.library_name())
}

/// What leaves the jail are regular files of bearable size, or it is nothing.
fn library_problem(prepared: &Prepared, dir: &MemDir) -> Option<String> {
    let library = dir.collect(library_path(prepared), MAX_LIBRARY_BYTES);
    library.err().map(|error| format!("it compiles to no library that can be used ({error})"))
}
