//! Stage *build*: the candidate's library, by cargo, in a jail in which no hidden test exists.
//!
//! The compiler writes two files into `out/` of the tree: the library's interface, as soon as the source is checked, and the
//! library. Stage *link* begins with the first.

use std::collections::BTreeMap;
use std::path::Path;

use super::diagnostics;
use super::error::Error;
use super::files::SubmittedFiles;
use super::job::Job;
use super::package;
use super::prepared::Prepared;
use super::report::Diagnostic;
use super::toolchain::{Toolchain, read_only, tool_environment};
use crate::sandbox::{Command, End, Limit, Limits, Mount, Outcome, Profile, Tree};

/// Bytes that cargo may print.
pub(super) const TOOL_OUTPUT_BYTES: u64 = 4 << 20;
/// Bytes that a compiler may write in all.
pub(super) const TOOL_DISK_BYTES: u64 = 512 << 20;
/// Bytes of the library that comes out, and of its interface.
pub(super) const MAX_LIBRARY_BYTES: u64 = 64 << 20;
const TOOL_INODES: u64 = 16 << 10;
const TOOL_PROCESSES: u32 = 256;

/// How a build ended.
pub(super) struct Built {
    /// `None`: the library lies in `out/` of the tree. Otherwise why there is none.
    pub(super) failure: Option<String>,
    /// What the compiler said about the candidate's files.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What it used.
    pub(super) usage: crate::sandbox::Usage,
}

/// Builds the library of `files` into `out/` of the tree.
pub(super) fn build(job: &Job<'_>, files: &SubmittedFiles) -> Result<Built, Error> {
    let Job { shop, prepared, tree, .. } = *job;
    lay_out(prepared, files, tree)?;
    let mut mounts = shop.toolchain.compile_mounts();
    mounts.extend(prepared.build_mounts());
    mounts.extend([
        read_only(tree.path("crate"), "/crate"),
        Mount::Overlay { lower: prepared.path("target"), upper: None, to: "/target".into() },
        Mount::Scratch { from: tree.path("out"), to: "/out".into() },
    ]);
    let outcome = job.run(&mounts, &cargo(prepared), &limits(prepared))?;
    let diagnostics = diagnostics::of_candidate(&outcome.stdout);
    ours(&outcome, &diagnostics)?;
    let failure = failure(&outcome).or_else(|| library_problem(prepared, tree));
    Ok(Built { failure, diagnostics, usage: outcome.usage })
}

/// The limits of a compiler's run.
pub(super) fn limits(prepared: &Prepared) -> Limits {
    let limits = &prepared.package.limits;
    Limits {
        wall: limits.build_wall,
        cpu: limits.build_wall * 2,
        memory_bytes: limits.build_memory_bytes,
        processes: TOOL_PROCESSES,
        output_bytes: TOOL_OUTPUT_BYTES,
        disk_bytes: TOOL_DISK_BYTES,
        inodes: TOOL_INODES,
    }
}

/// Puts the server's manifest and the candidate's sources where the jail finds them.
fn lay_out(prepared: &Prepared, files: &SubmittedFiles, tree: &Tree) -> Result<(), Error> {
    let in_tree = |name: &str| Error::file("write to the sandbox", Path::new(name));
    for name in ["crate/Cargo.toml", "crate/Cargo.lock"] {
        let path = prepared.path(name);
        let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
        tree.write(name, &bytes).map_err(in_tree(name))?;
    }
    for (path, text) in sources(prepared, files)? {
        tree.write(format!("crate/{path}"), text.as_bytes()).map_err(in_tree(&path))?;
    }
    tree.make_folder("out").map_err(in_tree("out"))
}

/// The sources that are compiled: the candidate's, and those of the starter that they do not replace.
pub(super) fn sources(prepared: &Prepared, files: &SubmittedFiles) -> Result<BTreeMap<String, String>, Error> {
    let starter = prepared.path("starter");
    let mut sources = package::text_tree(&starter).map_err(Error::file("read", &starter))?;
    sources.retain(|path, _| !replaced(path, files));
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
    Command {
        program: Toolchain::tool("cargo"),
        args,
        env: tool_environment(),
        cwd: "/crate".into(),
        profile: Profile::Tool,
        channel: None,
    }
}

/// Cargo fails without the compiler's having found anything, and without its having been started in vain: that is no doing
/// of a candidate, of whom cargo sees nothing but sources.
fn ours(outcome: &Outcome, diagnostics: &[Diagnostic]) -> Result<(), Error> {
    let said = String::from_utf8_lossy(&outcome.stderr);
    let failed = matches!(outcome.end, End::Exited(code) if code != 0);
    if failed && diagnostics.is_empty() && !said.contains("could not compile") {
        return Err(Error::Unexpected {
            what: "cargo, which failed before it compiled anything",
            detail: said.into_owned(),
        });
    }
    Ok(())
}

/// Why a compiler's run did not end well, in one sentence.
pub(super) fn failure(outcome: &Outcome) -> Option<String> {
    let sentence = match outcome.end {
        End::Exited(0) => return None,
        End::Exited(_) => "it does not compile",
        End::Signalled(_) => "it makes the compiler crash",
        End::Limit(Limit::Wall | Limit::Cpu) => "compiling it takes too long",
        End::Limit(Limit::Memory) => "compiling it takes too much memory",
        End::Limit(Limit::Output) => "the compiler has too much to say about it",
        End::Limit(Limit::Disk) => "the compiler writes too much for it",
        End::Limit(Limit::Processes) => "compiling it takes too many processes",
    };
    Some(sentence.to_owned())
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
fn library_problem(prepared: &Prepared, tree: &Tree) -> Option<String> {
    let library = tree.collect(library_path(prepared), MAX_LIBRARY_BYTES);
    library.err().map(|error| format!("it compiles to no library that can be used ({error})"))
}
