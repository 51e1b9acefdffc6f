//! The real grader, as the worker sees it: packages by slug, prepared once, and reports in the form that is stored.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{Failure, Grade};
use crate::exercises::Exercises;
use crate::grader::{self, Event, Grader, Prepared, unpack};
use crate::submissions::events::Progress;
use crate::submissions::queue::{Graded, Job};
use crate::submissions::{Mode, Verdict};

/// A workshop and what was prepared in it.
pub struct Bench {
    workshop: Grader,
    exercises: Exercises,
    prepared: RwLock<BTreeMap<String, Arc<Prepared>>>,
    /// Controls of the sandbox that the operator does without, for every report to say so.
    accepted_missing: Vec<String>,
}

impl Bench {
    /// A bench with nothing on it yet.
    #[must_use]
    pub const fn new(workshop: Grader, exercises: Exercises, accepted_missing: Vec<String>) -> Self {
        Self { workshop, exercises, prepared: RwLock::new(BTreeMap::new()), accepted_missing }
    }

    fn prepared(&self, slug: &str) -> Option<Arc<Prepared>> {
        self.prepared.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }
}

impl Grade for Bench {
    fn prepare(&self, exercise: &str) -> Result<(), Failure> {
        let package = self.exercises.package(exercise).ok_or("there is no such package")?;
        let prepared = self.workshop.prepare(&package)?;
        let mut all = self.prepared.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(exercise.to_owned(), Arc::new(prepared));
        Ok(())
    }

    fn sweep(&self) {
        match self.workshop.sweep() {
            Ok(removed) if removed.is_empty() => {}
            Ok(removed) => tracing::info!("removed {} prepared packages that were not used for long", removed.len()),
            // They take room and do no harm.
            Err(error) => tracing::warn!(%error, "old prepared packages stay"),
        }
    }

    fn grade(&self, job: &Job, mode: Mode, tell: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
        let prepared = self.prepared(&job.exercise).ok_or("the exercise is not prepared")?;
        let mode = match mode {
            Mode::Graded => grader::Mode::Graded,
            Mode::Public => grader::Mode::Public,
        };
        let report = match unpack::from_pairs(job.files.clone()) {
            Ok(files) => self.workshop.grade(&prepared, &files, mode, &mut |event| tell(progress(event)))?,
            // The rules were stricter here than at the door, as after an update.
            Err(refusals) => self.workshop.refuse(&prepared, mode, &refusals),
        };
        stored(&report, &self.accepted_missing)
    }
}

fn progress(event: Event) -> Progress {
    match event {
        Event::Stage { name } => Progress::Stage { name: name.as_str().to_owned() },
        Event::Test { title, verdict, done, of, .. } => {
            Progress::Test { title, verdict: verdict.as_str().to_owned(), done, of }
        }
    }
}

/// A report in the form that is stored. The words and fields are the same: see `shared words` below.
fn stored(report: &grader::Report, accepted_missing: &[String]) -> Result<Graded, Failure> {
    let verdict: Verdict = report.verdict.as_str().parse()?;
    let mut stored: crate::submissions::Report = serde_json::from_value(serde_json::to_value(report)?)?;
    stored.accepted_missing = accepted_missing.to_vec();
    Ok(Graded { verdict, score: report.score, max_score: report.max_score, report: stored })
}
