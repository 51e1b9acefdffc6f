//! Kind *write tests*: what is handed in are tests, and what they are measured by are implementations.
//!
//! The tests are compiled once, against the interface of the starter's crate, in a jail in which no implementation exists; and
//! linked once, with all implementations. Each function of the interface is a jump into the implementation that the runner has
//! chosen before any test runs ([`variants`]). So an implementation costs a run of the tests and no build, and nothing that
//! tests can see tells one from another but how it behaves.

mod compile;
mod lint;
mod measure;
mod variants;

use std::time::Duration;

use super::stages::Stages;
use crate::grader::context::GradingContext;
use crate::grader::engine::Grader;
use crate::grader::error::Error;
use crate::grader::files::SubmittedFiles;
use crate::grader::grading::Grading;
use crate::grader::prepared::Prepared;
use crate::grader::report::{Event, Isolation, Mode, StageName, Verdict};
use crate::grader::score::score;
use crate::grader::seed::Seed;
use crate::sandbox::Cancel;

use measure::measure;

/// The stages of kind `write_tests`.
pub(super) struct WriteTests;

impl Stages for WriteTests {
    fn isolation(&self) -> Isolation {
        Isolation::InProcess
    }

    /// The interface, which the tests are compiled against.
    fn scored_paths(&self) -> &'static [&'static str] {
        &["starter/src"]
    }

    fn prepare(&self, grader: &Grader, prepared: &mut Prepared) -> Result<(), Error> {
        variants::prepare(grader, prepared)?;
        try_solution(grader, prepared)
    }

    fn grade(&self, grading: &mut Grading<'_>, files: &SubmittedFiles) -> Result<(), Error> {
        let context = grading.context;
        if grading.is_refused(files)? {
            return Ok(());
        }
        let built = grading.stage(StageName::Build, |_| compile::compile(&context, files))?;
        grading.report.usage.add(built.usage);
        grading.report.diagnostics = built.diagnostics;
        if let Some(failure) = built.failure {
            grading.end(Verdict::CompileError, failure);
            return Ok(());
        }
        if let Some(failure) = grading.stage(StageName::Link, |_| compile::link(&context, files))? {
            grading.end(Verdict::CompileError, failure);
            return Ok(());
        }
        let of = context.prepared.record.variants.len();
        let measured = grading.stage(StageName::Run, |grading| {
            let mut done = 0;
            measure(&context, files, |report| {
                done += 1;
                let (title, verdict) = (report.title.clone(), report.verdict);
                let took = Duration::from_millis(report.duration_ms);
                (grading.progress)(Event::Test { title, verdict, done, of: of.max(done), took });
            })
        })?;
        measured.usage.iter().for_each(|used| grading.report.usage.add(*used));
        if let Some(failure) = measured.failure {
            grading.end(Verdict::WrongAnswer, failure);
            return Ok(());
        }
        let score = score(&context.prepared.package, context.mode, &[], measured.reports);
        grading.take(score);
        Ok(())
    }
}

/// Whether the solution's tests link with all implementations: what an interface lacks shows here.
fn try_solution(grader: &Grader, prepared: &Prepared) -> Result<(), Error> {
    if !prepared.package.folder.join("solution").is_dir() {
        return Ok(());
    }
    let solution = prepared.submission("solution")?;
    let (dir, cancel) = (grader.mem_dir()?, Cancel::new()?);
    let seed = Seed::of(&prepared.record, &solution, 0);
    let context = GradingContext { grader, prepared, mode: Mode::Graded, dir: &dir, seed, cancel: &cancel };
    let built = compile::compile(&context, &solution)?;
    let failure = match built.failure {
        None => compile::link(&context, &solution)?,
        failure => failure,
    };
    let Some(reason) = failure else { return Ok(()) };
    let rendered: String = built.diagnostics.iter().map(|diagnostic| diagnostic.rendered.as_str()).collect();
    Err(Error::prepare(&prepared.package, &format!("the solution: {reason}"), rendered.as_bytes()))
}
