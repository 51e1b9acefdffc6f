//! Opens the sandbox and the workshop in it. Fails closed: a control that does not hold is named, and nothing is graded.

use std::sync::Arc;

use super::{Bench, Crew, Failure, GRACE, Probed, Sandbox, Status, Worker, name};
use crate::clock::Clock;
use crate::config::Config;
use crate::exercises::{Availability, Exercises};
use crate::grader::Grader;
use crate::sandbox::{self, Control, Jailer};
use crate::submissions::queue::Queue;

/// What a process that grades is made of.
#[derive(Clone)]
pub struct Parts {
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

impl Parts {
    /// Tries every control of the sandbox and begins to work, `at_once` gradings at a time.
    ///
    /// # Errors
    /// When a control does not hold, by its name, or there is no toolchain. Submissions are not taken then.
    pub async fn start(self, at_once: usize) -> Result<Worker, Failure> {
        self.status.set(Probed { state: Sandbox::Probing, ..Probed::default() });
        let parts = self.clone();
        let opened = tokio::task::spawn_blocking(move || parts.bench()).await?;
        match opened {
            Ok(bench) => {
                let Self { queue, exercises, .. } = self;
                Ok(Crew { queue, exercises, grader: Arc::new(bench), name: name(), at_once, grace: GRACE }.start())
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

    fn bench(&self) -> Result<Bench, Failure> {
        let jailer = self.jailer()?;
        let waived: Vec<String> = jailer.report().waived().map(|control| control.to_string()).collect();
        let workshop = Grader::open(jailer, self.config.data_dir.clone(), self.clock.clone())?;
        Ok(Bench::new(workshop, self.exercises.clone(), waived))
    }

    fn jailer(&self) -> Result<Jailer, Failure> {
        let control = |name: &String| Control::from_name(name).ok_or_else(|| format!("there is no control {name:?}"));
        let waived_controls = self.config.accept_missing.iter().map(control).collect::<Result<_, _>>()?;
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

fn probed(report: &sandbox::ControlReport, state: Sandbox) -> Probed {
    Probed {
        state,
        missing: report.missing.iter().map(|(control, what)| (control.to_string(), what.clone())).collect(),
        accepted: report.waived_controls.iter().map(ToString::to_string).collect(),
        reason: None,
    }
}
