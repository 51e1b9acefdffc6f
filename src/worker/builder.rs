//! Opens the sandbox and the grader in it. Fails closed: a control that does not hold is named, and nothing is graded.

use std::sync::Arc;

use super::identity::Identity;
use super::{Failure, GRACE, Probed, Sandbox, SandboxedGrader, Status, Worker, WorkerConfig};
use crate::clock::Clock;
use crate::config::Config;
use crate::exercises::{Availability, Exercises};
use crate::grader::Grader;
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
    /// When a control does not hold, by its name, or there is no toolchain. Submissions are not taken then.
    pub async fn start(self, at_once: usize) -> Result<Worker, Failure> {
        self.status.set(Probed { state: Sandbox::Probing, ..Probed::default() });
        let builder = self.clone();
        let opened = tokio::task::spawn_blocking(move || builder.grader()).await?;
        match opened {
            Ok(grader) => {
                let identity = Identity::of(&self.config.data_dir)?;
                let Self { queue, exercises, .. } = self;
                take_back(&queue, &identity).await;
                let (grader, name) = (Arc::new(grader), identity.name.clone());
                let config = WorkerConfig { queue, exercises, grader, name, at_once, grace: GRACE };
                Ok(config.start().with_identity(identity))
            }
            Err(error) => {
                self.refuse(&error);
                Err(error)
            }
        }
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

/// Gives back at once what this worker's former self was grading when it died, rather than when its leases run out.
async fn take_back(queue: &Queue, identity: &Identity) {
    if identity.lock.is_none() {
        return;
    }
    match queue.release_all(&identity.name).await {
        Ok(0) => {}
        Ok(count) => tracing::warn!(count, "this worker died while it was grading: that begins again now"),
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
