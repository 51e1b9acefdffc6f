//! What works and should be written otherwise: ways in which hidden tests can be lied to, or read.

use proc_macro2::Span;
use syn::UseTree;
use syn::visit::Visit;

use super::mutants::{self, Callers, Returned};
use crate::grader::context::GradingContext;
use crate::grader::deadline::longest;
use crate::grader::engine::Grader;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::kinds;
use crate::grader::package::{HandedIn, Package};
use crate::grader::prepared::Prepared;
use crate::grader::report::Mode;
use crate::grader::seed::Seed;
use crate::grader::tree::text_files;
use crate::grader::unpack;
use crate::quantity::{duration, millis};
use crate::sandbox::Cancel;

/// Every piece of advice on a package.
pub(super) fn on(grader: &Grader, prepared: &Prepared) -> Result<Vec<String>, Error> {
    let package = &prepared.package;
    let mut advice = orphans(package);
    // Where tests are handed in, ours are nowhere near.
    if package.kind.handed_in() == HandedIn::Tests {
        return Ok(advice);
    }
    advice.extend(too_long(prepared));
    advice.extend(macros(package)?);
    let globs = globs(package)?;
    // Behind a glob no type is pinned: one warning is enough.
    if globs.is_empty() && !package.allow_unsafe {
        advice.extend(unpinned(grader, prepared)?);
    }
    advice.extend(globs);
    advice.extend(surroundings(package)?);
    Ok(advice)
}

/// Spans whose parent is not there. That happens in real incidents, so it is no mistake, but it may be an oversight.
fn orphans(package: &Package) -> Vec<String> {
    let traces = package.incident.iter().flat_map(|incident| &incident.traces);
    let advice = |(line, parent): (usize, &str)| {
        format!("line {line} of the spans: its parent `{parent}` isn't there; the page shows it without one")
    };
    traces.flat_map(crate::incident::Trace::orphans).map(advice).collect()
}

/// A whole grading has a limit too, which is reached before all others are.
fn too_long(prepared: &Prepared) -> Option<String> {
    let (longest, limit) = (longest(prepared), prepared.package.limits.grading_wall);
    (longest > limit).then(|| {
        format!(
            "its limits allow a grading of {}, and one ends after {} (`grading_wall`): allow less, or more in all",
            duration(millis(longest)),
            duration(millis(limit))
        )
    })
}

/// A macro of the candidate's expands in the tests, where they can be read.
fn macros(package: &Package) -> Result<Option<String>, Error> {
    let folder = package.folder.join("starter/src");
    let sources = text_files(&folder).map_err(Error::file("read", &folder))?;
    let offers = sources.iter().find(|(_, text)| text.contains("macro_export"));
    Ok(offers.map(|(path, _)| {
        format!(
            "starter/src/{path}: a macro that the hidden tests call expands beside them, and can read them: \
             ask for a function, or keep nothing secret in hidden/"
        )
    }))
}

/// What `cargo test` has around a test and the grader has not.
const SURROUNDINGS: [(&str, &str); 6] = [
    ("CARGO_BIN_EXE_", "there is no program of the candidate's to start"),
    ("CARGO_TARGET_TMPDIR", "there is no target folder: write to the working directory"),
    ("current_exe", "there is no /proc to ask for it"),
    ("thread::current().name()", "a hidden test's thread does not bear its name"),
    ("assert_snapshot!(", "a snapshot in a file is not there, nor can one be written: give it inline"),
    ("expect_file!", "a snapshot in a file is not there, nor can one be written: give it inline"),
];

/// Tests that pass by `cargo test` and would not here.
fn surroundings(package: &Package) -> Result<Vec<String>, Error> {
    let folder = package.folder.join("hidden");
    let mut advice = Vec::new();
    for (path, text) in text_files(&folder).map_err(Error::file("read", &folder))? {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let found = SURROUNDINGS.iter().filter(|(word, _)| line.contains(word));
            let inline = |word: &str| word.starts_with("assert_snapshot") && line.contains("@\"");
            let found = found.filter(|(word, _)| !inline(word));
            advice.extend(found.map(|(word, why)| format!("hidden/{path}:{}: `{word}`: {why}", number + 1)));
        }
    }
    Ok(advice)
}

/// A glob brings in whatever a candidate calls `Option` or `std`; then tests compare the candidate's types, not ours.
fn globs(package: &Package) -> Result<Vec<String>, Error> {
    let folder = package.folder.join("hidden");
    let mut advice = Vec::new();
    for (path, text) in text_files(&folder).map_err(Error::file("read", &folder))? {
        // What does not parse does not compile: that is said elsewhere.
        let Ok(file) = syn::parse_file(&text) else { continue };
        let mut globs = Globs { name: package.crate_name(), lines: Vec::new() };
        globs.visit_file(&file);
        let line = |line| {
            let name = &globs.name;
            format!(
                "hidden/{path}:{line}: `use {name}::*` also imports what a candidate names like something of std; import by name"
            )
        };
        advice.extend(globs.lines.iter().map(line));
    }
    Ok(advice)
}

/// Glob imports from a crate.
struct Globs {
    name: String,
    lines: Vec<usize>,
}

impl<'a> Visit<'a> for Globs {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.look(&item.tree, false);
    }
}

impl Globs {
    fn look(&mut self, tree: &UseTree, inside: bool) {
        match tree {
            UseTree::Path(part) => self.look(&part.tree, inside || part.ident == self.name),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.look(tree, inside)),
            UseTree::Glob(glob) if inside => {
                let [star]: [Span; 1] = glob.star_token.spans;
                self.lines.push(star.start().line);
            }
            UseTree::Glob(_) | UseTree::Name(_) | UseTree::Rename(_) => {}
        }
    }
}

/// Functions of which the hidden tests take whatever type they return, found by trying.
fn unpinned(grader: &Grader, prepared: &Prepared) -> Result<Vec<String>, Error> {
    let package = &prepared.package;
    let Ok(solution) = unpack::from_folder(&package.folder.join("solution")) else { return Ok(Vec::new()) };
    let solution = solution.over(package.starter().map_err(Error::file("read", &package.folder))?);
    let mut advice = Vec::new();
    for mutant in mutants::of(&solution) {
        let fits = |returned: Returned| -> Result<bool, Error> {
            let links = |callers| links(grader, prepared, &mutant.apply(&solution, returned, callers));
            Ok(links(Callers::Mutated)?
                .map_or_else(|| links(Callers::Original), |known| Ok(Some(known)))?
                .unwrap_or(false))
        };
        // A type without any ability fits where nobody looks at the value.
        if fits(Returned::EqualToAll)? && !fits(Returned::Useless)? {
            advice.push(format!(
                "the hidden tests take any type that `{}` returns, also one that is equal to everything: \
                 name the type where they call it",
                mutant.function
            ));
        }
    }
    Ok(advice)
}

/// Whether the hidden tests compile with a library of these files; `None`: they are no library.
fn links(grader: &Grader, prepared: &Prepared, files: &SubmittedFiles) -> Result<Option<bool>, Error> {
    let (dir, cancel) = (grader.mem_dir()?, Cancel::new()?);
    let seed = Seed::of(&prepared.record, files, 0);
    let context = GradingContext { grader, prepared, mode: Mode::Graded, dir: &dir, seed, cancel: &cancel };
    kinds::links(&context, files)
}
