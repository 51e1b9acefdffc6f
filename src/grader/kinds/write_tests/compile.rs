//! Compiles the tests that were handed in, and links them with all implementations.

use std::path::Path;

use super::variants;
use crate::grader::build::{self, Built};
use crate::grader::context::GradingContext;
use crate::grader::diagnostics;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::link::{LIBRARY, test_crate};
use crate::grader::machine::{self, LinkerOutput};
use crate::grader::rustc::Rustc;
use crate::grader::toolchain::read_only;
use crate::grader::tools;
use crate::sandbox::{Command, End, Jail, Mount, Outcome};

/// The test crates that were handed in.
pub(super) fn stems(files: &SubmittedFiles) -> Vec<String> {
    let stem = |(path, _): (&str, &str)| path.strip_prefix("tests/")?.strip_suffix(".rs").map(str::to_owned);
    files.iter().filter_map(stem).filter(|stem| !stem.contains('/')).collect()
}

/// Compiles the tests in `files` into objects in `tests/` of the grading's folder.
pub(super) fn compile(context: &GradingContext<'_>, files: &SubmittedFiles) -> Result<Built, Error> {
    let GradingContext { grader, prepared, dir, .. } = *context;
    let in_tree = |name: &str| Error::file("write to the sandbox", Path::new(name));
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("tests/")) {
        dir.write(format!("crate/{path}"), text.as_bytes()).map_err(in_tree(path))?;
    }
    dir.make_folder("tests").map_err(in_tree("tests"))?;
    let interface = prepared.path("variants").join(variants::INTERFACE);
    let library = std::fs::read(&interface).map_err(Error::file("read", &interface))?;
    dir.write(format!("{LIBRARY}/{}", prepared.library_name()), &library).map_err(in_tree(LIBRARY))?;
    let mut mounts = grader.toolchain.compile_mounts();
    mounts.extend(shared_mounts(context));
    mounts.push(read_only(dir.path("crate"), "/crate"));
    let jail = grader.jailer.jail(&mounts, &tools::limits(prepared))?;
    let outcomes = grader.in_parallel(&stems(files), |stem| compile_one(context, &jail, stem), |_, _| {})?;
    let mut built = Built { failure: None, diagnostics: Vec::new(), usage: crate::sandbox::Usage::default() };
    for outcome in outcomes {
        built.diagnostics.extend(diagnostics::of_compiler(&outcome.stderr));
        let failure = build::failure(&outcome)?;
        built.failure = built.failure.or(failure);
        built.usage.cpu += outcome.usage.cpu;
        built.usage.memory_peak_bytes = built.usage.memory_peak_bytes.max(outcome.usage.memory_peak_bytes);
    }
    Ok(built)
}

fn shared_mounts(context: &GradingContext<'_>) -> Vec<Mount> {
    let GradingContext { prepared, dir, .. } = *context;
    vec![
        read_only(prepared.path("target"), "/target"),
        read_only(prepared.path("runner"), "/runner"),
        read_only(dir.path(LIBRARY), "/library"),
        Mount::Scratch { from: dir.path("tests"), to: "/tests".into() },
    ]
}

fn compile_one(context: &GradingContext<'_>, jail: &Jail, stem: &str) -> Result<Outcome, Error> {
    let rustc = test_crate(context, stem).flags([
        "-Zno-link",
        "-Funsafe_code",
        // The leave that our runner needs is no leave for what is handed in.
        "-Zallow-features=custom_test_frameworks",
        "-Zshare-generics=no",
        "--json=diagnostic-rendered-ansi",
    ]);
    run_rustc(context, jail, &rustc.in_folder("/crate"))
}

/// Links every test crate of `files`, whose objects are there, with all implementations.
pub(super) fn link(context: &GradingContext<'_>, files: &SubmittedFiles) -> Result<Option<String>, Error> {
    let GradingContext { grader, prepared, .. } = *context;
    let mut mounts = grader.toolchain.link_mounts();
    mounts.extend(shared_mounts(context));
    mounts.push(read_only(prepared.path("variants"), "/variants"));
    let jail = grader.jailer.jail(&mounts, &tools::limits(prepared))?;
    let outcomes = grader.in_parallel(&stems(files), |stem| link_one(context, &jail, stem), |_, _| {})?;
    for outcome in outcomes {
        machine::check("link tests that were handed in", &outcome, LinkerOutput::of(&prepared.package))?;
        if matches!(outcome.end, End::Exited(code) if code != 0) {
            // What the linker says names symbols of implementations; with the solution it had nothing to say.
            tracing::info!(said = %String::from_utf8_lossy(&outcome.stderr), "tests that were handed in do not link");
            return Ok(Some(
                "it compiles and does not link: is there a main, or a library that is not here?".to_owned(),
            ));
        }
        if let Some(failure) = build::failure(&outcome)? {
            return Ok(Some(failure));
        }
    }
    Ok(None)
}

fn link_one(context: &GradingContext<'_>, jail: &Jail, stem: &str) -> Result<Outcome, Error> {
    let objects = (0..=context.prepared.record.variants.len()).map(|index| format!("-Clink-arg=/variants/v{index}.o"));
    let rustc = Rustc::link_only(format!("/tests/{stem}.rlink"))
        .flags(["-Cstrip=symbols".to_owned(), format!("-Clink-arg=/variants/{}", variants::STUBS)])
        .flags(objects)
        .flags(context.grader.toolchain.link_flags())
        .unstable();
    run_rustc(context, jail, &rustc.in_folder("/tests"))
}

fn run_rustc(context: &GradingContext<'_>, jail: &Jail, command: &Command) -> Result<Outcome, Error> {
    Ok(jail.run_until(command, &tools::limits(context.prepared), context.cancel)?)
}
