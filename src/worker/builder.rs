//! Opens the sandbox and the grader in it. Fails closed: a control that does not hold is named, and nothing is graded.

use std::sync::Arc;

use super::grading::abandoned;
use super::identity::Identity;
use super::memory;
use super::{Failure, GRACE, Probed, Sandbox, SandboxedGrader, Status, Worker, WorkerConfig};
use crate::clock::Clock;
use crate::config::Config;
use crate::exercises::{Availability, Exercises};
use crate::grader::Grader;
use crate::jobs::Setback;
use crate::sandbox::{self, Control, Jailer};
use crate::submissions::queue::Queue;

/// What a process that grades is made of.
#[derive(Clone)]
pub struct WorkerBuilder {
    /// As set by the operator.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// Where work comes from.
    pub queue: Queue,
    /// What can be graded.
    pub exercises: Exercises,
    /// What others are told of it.
    pub status: Status,
}

impl WorkerBuilder {
    /// Tries every control of the sandbox and begins to work, `at_once` gradings at a time.
    ///
    /// # Errors
    /// A message that names the control that doesn't hold, or says that there is no toolchain or that the data directory can't be
    /// used. No submissions are taken then.
    pub async fn start(self, at_once: usize) -> Result<Worker, Failure> {
        self.status.set(Probed { state: Sandbox::Probing, ..Probed::default() });
        let (identity, grader) = self.open().await.inspect_err(|error| self.refuse(error))?;
        let Self { clock, queue, exercises, status, .. } = self;
        memory::warn_if_short(at_once, grader.most_memory_bytes());
        take_back(&queue, &identity).await;
        let Identity { name, lock } = identity;
        let grader = Arc::new(grader);
        let config = WorkerConfig { queue, exercises, grader, clock, status, name, at_once, grace: GRACE };
        Ok(config.start().holding(lock))
    }

    /// Everything that can go wrong before there is a worker.
    async fn open(&self) -> Result<(Identity, SandboxedGrader), Failure> {
        let identity = Identity::of(&self.config.data_dir)
            .map_err(|error| format!("the worker's id in the data directory: {error}"))?;
        let builder = self.clone();
        let grader = tokio::task::spawn_blocking(move || builder.grader()).await??;
        Ok((identity, grader))
    }

    fn refuse(&self, error: &Failure) {
        let mut probed = self.status.get();
        probed.state = Sandbox::Refused;
        probed.reason = Some(error.to_string());
        self.status.set(probed);
        for slug in self.exercises.slugs() {
            let reason = "this server can't grade at the moment: its operator finds the reason at /readyz";
            self.exercises.set(&slug, Availability::unavailable(reason));
        }
    }

    fn grader(&self) -> Result<SandboxedGrader, Failure> {
        let jailer = self.jailer()?;
        let waived: Vec<String> = jailer.report().waived().map(|control| control.to_string()).collect();
        let grader = Grader::open(jailer, self.config.data_dir.clone(), self.clock.clone())?;
        Ok(SandboxedGrader::new(grader, self.exercises.clone(), waived))
    }

    fn jailer(&self) -> Result<Jailer, Failure> {
        let waived_controls = Control::from_names(&self.config.waived_controls)?;
        let settings = sandbox::Settings { executable: std::env::current_exe()?, waived_controls };
        let started = Jailer::start(&settings);
        match &started {
            Ok(jailer) => self.status.set(probed(jailer.report(), Sandbox::Holds)),
            Err(sandbox::Error::Controls(report)) => self.status.set(probed(report, Sandbox::Refused)),
            Err(_) => {}
        }
        Ok(started?)
    }
}

/// Takes back at once what this worker's former self was grading when it died, rather than when its leases run out.
async fn take_back(queue: &Queue, identity: &Identity) {
    if identity.lock.is_none() {
        return;
    }
    match queue.take_back(&identity.name).await {
        Ok(ended) => {
            for (submission, setback) in ended {
                tracing::warn!(%submission, ?setback, "this worker died while it was grading");
                if matches!(setback, Setback::Abandoned { .. }) {
                    abandoned(submission);
                }
            }
        }
        Err(error) => tracing::warn!(%error, "what this worker's former self held waits for its leases to run out"),
    }
}

fn probed(report: &sandbox::ControlReport, state: Sandbox) -> Probed {
    Probed {
        state,
        missing: report.missing.iter().map(|(control, what)| (control.to_string(), what.clone())).collect(),
        accepted: report.waived_controls.iter().map(ToString::to_string).collect(),
        reason: None,
    }
}
