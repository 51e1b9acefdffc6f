//! The real grader, as the worker sees it: packages by slug, prepared once, and reports in the form that is stored.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::{Failure, SubmissionGrader};
use crate::exercises::Exercises;
use crate::grader::{self, Event, Grader, Prepared, unpack};
use crate::submissions::events::Progress;
use crate::submissions::queue::GradingJob;
use crate::submissions::{Graded, Mode, Report};

/// A grader with the packages that it has prepared.
pub struct SandboxedGrader {
    grader: Grader,
    exercises: Exercises,
    prepared: RwLock<BTreeMap<String, Arc<Prepared>>>,
    /// Controls of the sandbox that the operator does without, for every report to say so.
    waived_controls: Vec<String>,
}

impl SandboxedGrader {
    /// A grader that has prepared nothing yet.
    #[must_use]
    pub const fn new(grader: Grader, exercises: Exercises, waived_controls: Vec<String>) -> Self {
        Self { grader, exercises, prepared: RwLock::new(BTreeMap::new()), waived_controls }
    }

    /// Bytes of memory that the most demanding of the exercises may need while one submission to it is graded.
    pub(super) fn most_memory_bytes(&self) -> u64 {
        let packages = self.exercises.slugs().into_iter().filter_map(|slug| self.exercises.package(&slug));
        packages.map(|package| self.grader.most_memory_bytes(&package.limits)).max().unwrap_or_default()
    }

    fn prepared(&self, slug: &str) -> Option<Arc<Prepared>> {
        self.prepared.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }
}

impl SubmissionGrader for SandboxedGrader {
    fn prepare(&self, exercise: &str) -> Result<(), Failure> {
        let package = self.exercises.package(exercise).ok_or("there is no such package")?;
        let prepared = self.grader.prepare(&package)?;
        let mut all = self.prepared.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(exercise.to_owned(), Arc::new(prepared));
        Ok(())
    }

    fn sweep(&self) {
        match self.grader.sweep() {
            Ok(removed) if removed.is_empty() => {}
            Ok(removed) => tracing::info!("removed {} prepared packages that were not used for long", removed.len()),
            // They take room and do no harm.
            Err(error) => tracing::warn!(%error, "old prepared packages stay"),
        }
    }

    fn use_spare_time(&self, time: Duration) {
        self.grader.cache_a_shape(time);
    }

    fn grade(&self, job: &GradingJob, mode: Mode, tell: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
        let prepared = self.prepared(&job.exercise).ok_or("the exercise is not prepared")?;
        let mode = match mode {
            Mode::Graded => grader::Mode::Graded,
            Mode::Public => grader::Mode::Public,
        };
        let report = match unpack::from_pairs(job.files.clone()) {
            Ok(files) => self.grader.grade(&prepared, &files, mode, &mut |event| tell(progress(event)))?,
            // The rules were stricter here than at the door, as after an update.
            Err(refusals) => self.grader.refuse(&prepared, mode, &refusals),
        };
        let (score, max_score, verdict) = (report.score, report.max_score, report.verdict.into());
        let report = Report { waived_controls: self.waived_controls.clone(), ..report.into() };
        Ok(Graded { verdict, score, max_score, report })
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
