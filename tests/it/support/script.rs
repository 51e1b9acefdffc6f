//! A grader that does what the files say, so that what is around it can be tested without a compiler.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use quorate::jobs::LeasePolicy;
use quorate::submissions::events::Progress;
use quorate::submissions::queue::GradingJob;
use quorate::submissions::{Graded, Mode, Report, Verdict};
use quorate::worker::{Failure, SubmissionGrader, Worker, WorkerConfig};

use super::TestApp;

/// Grades by the first line of `src/lib.rs`: `// accept`, `// reject`, `// fail` (our side), `// panic`, `// hold` (until
/// it is let go, then accepted).
#[derive(Default)]
pub struct Script {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Script {
    /// Lets go of what is held, and of what will come.
    pub fn let_go(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn hold(&self) {
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
    }
}

impl SubmissionGrader for Script {
    fn prepare(&self, exercise: &str) -> Result<(), Failure> {
        if exercise == "runner-zoo" { Err("SECRET: the hidden tests do not compile".into()) } else { Ok(()) }
    }

    fn grade(&self, job: &GradingJob, _: Mode, tell: &mut dyn FnMut(Progress)) -> Result<Graded, Failure> {
        tell(Progress::Stage { name: "build".into() });
        let line = job.files["src/lib.rs"].lines().next().unwrap_or_default().trim_start_matches("// ");
        match line {
            "fail" => return Err("the machine is on fire".into()),
            "panic" => panic!("the machine is on fire"),
            "hold" => self.hold(),
            _ => {}
        }
        tell(Progress::Test { title: "Adds".into(), verdict: "passed".into(), done: 1, of: 1 });
        Ok(result(line != "reject"))
    }
}

/// 3 points of 3, or none.
pub fn result(accepted: bool) -> Graded {
    let (verdict, score) = if accepted { (Verdict::Accepted, 3) } else { (Verdict::WrongAnswer, 0) };
    let report = Report { reason: (!accepted).then(|| "SECRET-REASON".to_owned()), ..Report::default() };
    Graded { verdict, score, max_score: 3, report }
}

/// A queue that loses no time.
pub fn policy() -> LeasePolicy {
    LeasePolicy { retry_after: Duration::ZERO, ..LeasePolicy::default() }
}

/// A worker that grades by script, without a grace when it is told to stop.
pub fn worker(app: &TestApp) -> (Arc<Script>, Worker) {
    worker_with(app, policy())
}

/// The same, with a patience of the test's own.
pub fn worker_with(app: &TestApp, policy: LeasePolicy) -> (Arc<Script>, Worker) {
    let script = Arc::new(Script::default());
    let config = WorkerConfig {
        queue: app.submissions.queue(policy),
        exercises: app.exercises.clone(),
        grader: script.clone(),
        clock: app.clock.clone(),
        status: app.grading.clone(),
        name: "test".to_owned(),
        at_once: 1,
        grace: Duration::ZERO,
    };
    (script, config.start())
}
