//! Kinds in which `src/` is handed in and hidden tests measure it: the library is built where no test exists, and linked with
//! the tests where none of its code runs.

use std::collections::BTreeSet;
use std::thread::{self, Scope, ScopedJoinHandle};

use super::stages::Stages;
use crate::grader::build::{self, build, sources};
use crate::grader::context::GradingContext;
use crate::grader::engine::Grader;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::grading::{Begun, Grading, counted, is_counted};
use crate::grader::link::{self, IncrementalCache, Linked, link, offer_library};
use crate::grader::prepared::{Prepared, TestName};
use crate::grader::report::{Event, Isolation, Mode, StageName, Verdict};
use crate::grader::run::{self, TestRun};
use crate::grader::score::{score, title};
use crate::grader::seed::Seed;
use crate::grader::shapes::{self, CacheFor};
use crate::grader::tools::TOOL_DISK_BYTES;
use crate::grader::type_fingerprint::type_fingerprint;
use crate::grader::{diagnosis, gates, tree};
use crate::sandbox::Cancel;

/// The stages of kinds `implement`, `refactor` and `debug`.
pub(super) struct Sources;

impl Stages for Sources {
    fn isolation(&self) -> Isolation {
        Isolation::InProcess
    }

    fn scored_paths(&self) -> &'static [&'static str] {
        &[]
    }

    fn prepare(&self, grader: &Grader, prepared: &mut Prepared) -> Result<(), Error> {
        let (from, to) = (prepared.package.folder.join("hidden"), prepared.path(Prepared::sources(Mode::Graded)));
        tree::copy(&from, &to).map_err(Error::file("copy", &from))?;
        discover_tests(grader, prepared)
    }

    /// Gates and a diagnosis are there where the package has them.
    fn grade(&self, grading: &mut Grading<'_>, files: &SubmittedFiles) -> Result<(), Error> {
        let context = grading.context;
        if grading.is_refused(files)? {
            return Ok(());
        }
        if let Some(failure) = compile(grading, files)? {
            grading.end(Verdict::CompileError, failure);
            return Ok(());
        }
        run::lay_out(&context, files)?;
        let ended = grading.stage(StageName::Run, run_tests)?;
        ended.iter().filter_map(|(_, run)| run.as_ref()).for_each(|run| grading.report.usage.add(run.usage));
        let mut others = Vec::new();
        let package = &context.prepared.package;
        if !package.gates.is_empty() {
            let sources = build::sources(context.prepared, files)?;
            others.extend(grading.stage(StageName::Gates, |_| gates::check(&context, &sources))?);
        }
        if context.mode == Mode::Graded {
            others.extend(diagnosis::score(files, package));
        }
        let score = grading.stage(StageName::Score, |_| Ok(score(package, context.mode, &ended, others)))?;
        if score.verdict == Verdict::Accepted {
            context.prepared.times.note(score.tests.iter().map(|test| (test.name.clone(), test.duration_ms)));
        }
        grading.take(score);
        Ok(())
    }
}

/// Whether tests and library fit, without running anything; `None`: the library does not compile.
pub(in crate::grader) fn links(context: &GradingContext<'_>, files: &SubmittedFiles) -> Result<Option<bool>, Error> {
    let mut progress = |_| {};
    let mut grading = Grading::new(*context, Isolation::InProcess, &mut progress);
    let failure = compile(&mut grading, files)?;
    let compiles = grading.report.diagnostics.iter().all(|diagnostic| diagnostic.level != "error");
    Ok(compiles.then_some(failure.is_none()))
}

/// Builds the library and links the tests with it. The tests are compiled while the library's code is still being made:
/// its interface is known before. Gives the reason why there are no tests to run, if there are none.
fn compile(grading: &mut Grading<'_>, files: &SubmittedFiles) -> Result<Option<String>, Error> {
    let context = grading.context;
    let (built, in_vain) = (context.cancel.below()?, context.cancel.below()?);
    let sources = build::sources(context.prepared, files)?;
    let (cache, new_shape) = match shapes::cache_for(context.prepared, context.mode, &sources) {
        CacheFor::Found(folder) => (IncrementalCache::Use(folder), None),
        CacheFor::NewShape(shape) => (IncrementalCache::None, Some(shape)),
        CacheFor::Nothing => (IncrementalCache::None, None),
    };
    let link = (GradingContext { cancel: &in_vain, ..context }, cache);
    thread::scope(|scope| {
        let building = grading.begin(StageName::Build);
        let (span, over) = (building.span.clone(), &built);
        let build = scope.spawn(move || {
            let _over = Pulled(over);
            span.in_scope(|| build::build(&context, &sources))
        });
        let early = match link::offer_interface(&context, &built) {
            Ok(true) => Some(start_link(grading, scope, &link)),
            other => other.map(|_| None)?,
        };
        let outcome = joined(build);
        grading.finish_stage(&building);
        if !outcome.as_ref().is_ok_and(|built| built.failure.is_none()) {
            in_vain.cancel();
        }
        let outcome = outcome?;
        grading.report.usage.add(outcome.usage);
        grading.report.diagnostics = outcome.diagnostics;
        if outcome.failure.is_some() {
            return Ok(outcome.failure);
        }
        link::offer_library(&context).inspect_err(|_| in_vain.cancel())?;
        let (linking, link) = early.unwrap_or_else(|| start_link(grading, scope, &link));
        let linked = joined(link)?;
        grading.finish_stage(&linking);
        linked.usage.iter().for_each(|used| grading.report.usage.add(*used));
        if let Some(shape) = new_shape.filter(|_| linked.failure.is_none()) {
            context.grader.shapes.add(context.prepared, context.mode, shape);
        }
        Ok(linked.failure)
    })
}

fn start_link<'s, 'e>(
    grading: &mut Grading<'_>,
    scope: &'s Scope<'s, 'e>,
    (context, cache): &'e (GradingContext<'e>, IncrementalCache),
) -> (Begun, ScopedJoinHandle<'s, Result<Linked, Error>>) {
    let begun = grading.begin(StageName::Link);
    let span = begun.span.clone();
    (begun, scope.spawn(move || span.in_scope(|| link::link(context, cache))))
}

/// Runs every test that is not ignored, and tells of each.
fn run_tests<'g>(grading: &mut Grading<'g>) -> Result<Vec<(&'g TestName, Option<TestRun>)>, Error> {
    let context = grading.context;
    let GradingContext { grader, prepared, mode, .. } = context;
    let jail = run::jail(&context, prepared.tests(mode))?;
    let tests: Vec<&TestName> = counted(prepared, mode).collect();
    let of = tests.len();
    let ordered = prepared.times.longest_first(&tests, |test| test.full());
    let mut done = 0;
    let runs = grader.in_parallel(
        &ordered,
        |(_, test)| run::run(&context, &jail, test),
        |(_, test), run| {
            done += 1;
            let rule = prepared.package.rule(&test.full());
            let title = rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| title(&test.path));
            (grading.progress)(Event::Test { title, verdict: run.verdict, done, of, took: run.usage.wall });
        },
    )?;
    let mut placed: Vec<_> = ordered.iter().map(|(place, _)| *place).zip(runs).collect();
    placed.sort_by_key(|(place, _)| *place);
    let mut runs = placed.into_iter().map(|(_, run)| run);
    let ended = |test| (test, if is_counted(prepared, test) { runs.next() } else { None });
    Ok(prepared.tests(mode).iter().map(ended).collect())
}

/// Pulls a switch at the end of a scope, in whatever way that ends.
struct Pulled<'c>(&'c Cancel);

impl Drop for Pulled<'_> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What a thread came to; a panic of its goes on in this one.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Builds the solution with both kinds of tests, to learn their names. (That the starter compiles is for `check` to prove:
/// there is ready-made material whose signatures are left to the candidate.)
fn discover_tests(grader: &Grader, prepared: &mut Prepared) -> Result<(), Error> {
    let solved = if prepared.package.folder.join("solution").is_dir() { "solution" } else { "starter" };
    let solution = prepared.submission(solved)?;
    let sources = sources(prepared, &solution)?;
    prepared.record.type_fingerprint = type_fingerprint(sources.values().map(String::as_str));
    let dir = grader.mem_dir()?;
    let cancel = Cancel::new()?;
    let seed = Seed::of(&prepared.record, &solution, 0);
    let context = GradingContext { grader, prepared, mode: Mode::Graded, dir: &dir, seed, cancel: &cancel };
    let built = build(&context, &sources)?;
    if let Some(reason) = built.failure {
        let rendered: String = built.diagnostics.iter().map(|diagnostic| diagnostic.rendered.as_str()).collect();
        return Err(Error::prepare(&prepared.package, &format!("the {solved}: {reason}"), rendered.as_bytes()));
    }
    offer_library(&context)?;
    let hidden = linked_tests(&context)?;
    let public = linked_tests(&GradingContext { mode: Mode::Public, ..context })?;
    prepared.record.hidden = hidden;
    prepared.record.public = public;
    check_rules(prepared)
}

fn linked_tests(context: &GradingContext<'_>) -> Result<Vec<TestName>, Error> {
    let GradingContext { prepared, mode, dir, .. } = *context;
    let sources = Prepared::sources(mode);
    let linked = link(context, &IncrementalCache::Make)?;
    let cache = prepared.incremental_cache(mode);
    dir.copy_out(link::made(mode), &cache, TOOL_DISK_BYTES)
        .map_err(Error::file("copy the compiler's cache to", &cache))?;
    if linked.failure.is_some() {
        return Err(Error::prepare(
            &prepared.package,
            &format!("the {sources} tests do not compile with the solution"),
            &rendered(&linked.errors),
        ));
    }
    let mut tests = Vec::new();
    for file in tree::test_files(&prepared.path(sources)) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        tests.extend(run::list(context, &stem)?);
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
    Err(Error::prepare(&prepared.package, &reason, known.as_bytes()))
}
