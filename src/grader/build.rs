//! Stage *build*: the candidate's library, by cargo, in a jail in which no hidden test exists.
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
use super::toolchain::{read_only, tool_environment};
use super::tools;
use super::tree;
use crate::sandbox::{Command, End, MemDir, Mount, Outcome};

/// Bytes of the library that comes out, and of its interface.
pub(super) const MAX_LIBRARY_BYTES: u64 = 64 << 20;

/// How a build ended, and what the compiler said on the way.
pub(super) struct Built {
    /// `None`: the library lies in `out/` of the grading's folder. Otherwise why there is none.
    pub(super) failure: Option<String>,
    /// What the compiler said about the candidate's files.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// CPU time and memory of cargo and the compiler together.
    pub(super) usage: crate::sandbox::Usage,
}

/// Builds the library of all `sources` of a crate into `out/` of the grading's folder.
pub(super) fn build(context: &GradingContext<'_>, sources: &BTreeMap<String, String>) -> Result<Built, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    lay_out(prepared, sources, dir)?;
    let mut mounts = grader.toolchain.compile_mounts();
    mounts.extend(prepared.build_mounts());
    mounts.extend([
        read_only(dir.path("crate"), "/crate"),
        Mount::Overlay { lower: prepared.path("target"), upper: None, to: "/target".into() },
        Mount::Scratch { from: dir.path("out"), to: "/out".into() },
    ]);
    let outcome = context.run(&mounts, &cargo(prepared), &tools::limits(prepared))?;
    let diagnostics = diagnostics::of_candidate(&outcome.stdout);
    ours(prepared, &outcome)?;
    let failure = failure(&outcome)?.or_else(|| library_problem(prepared, dir));
    Ok(Built { failure, diagnostics, usage: outcome.usage })
}

/// Puts the server's manifest and the candidate's sources where the jail finds them.
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

fn cargo(prepared: &Prepared) -> Command {
    let arguments = ["rustc", "--lib", "--offline", "--frozen", "--message-format=json-diagnostic-rendered-ansi", "--"];
    let mut args: Vec<String> = arguments.map(str::to_owned).to_vec();
    args.push(format!("--emit=metadata=/{},link=/{}", interface_path(prepared), library_path(prepared)));
    if !prepared.package.allow_unsafe {
        args.push("-Funsafe_code".to_owned());
    }
    tools::command("cargo", args, tool_environment(), "/crate")
}

/// Of what can fail in this jail, only the compiling of the candidate's own crate is theirs. Whatever else fails (a dependency
/// that cargo wants to compile anew, cargo itself) means that what was prepared is of no use any more.
fn ours(prepared: &Prepared, outcome: &Outcome) -> Result<(), Error> {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let failed = matches!(outcome.end, End::Exited(code) if code != 0);
    let own = format!("could not compile `{}`", prepared.package.starter_package("name"));
    if failed && !said.contains(&own) {
        return Err(Error::Stale { slug: prepared.package.slug.to_string(), detail: said.into_owned() });
    }
    Ok(())
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
