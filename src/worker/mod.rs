//! Grades what was handed in: claim, heartbeat, grade, finish; and reaps the leases of those that fell silent.
//!
//! The same worker runs inside `serve` and as `quorate worker`, any number of them on one database. Each grading runs in a
//! thread of its own, which knows neither the database nor the web: it is given files and tells what happens through a
//! channel. A thread can't be stopped; one whose lease is lost or handed back is left to end, and nobody listens to it.
//!
//! A submission with which a worker was lost is graded alone: it may be why, and would take others with it. The same holds for
//! every submission while the machine is doubted (see `fitness`).

mod builder;
mod fitness;
mod grading;
mod identity;
mod memory;
mod prepare;
mod run;
mod sandboxed;
mod spare_time;
mod status;

use std::sync::Arc;
use std::time::Duration;

pub use builder::WorkerBuilder;
pub use run::Worker;
pub use sandboxed::SandboxedGrader;
pub use status::{Probed, Sandbox, Status};

use crate::clock::Clock;
use crate::exercises::Exercises;
use crate::submissions::events::Progress;
use crate::submissions::queue::{GradingJob, Queue};
use crate::submissions::{Graded, Mode};

/// How long gradings may go on after a worker of ours was told to stop.
pub const GRACE: Duration = Duration::from_secs(10);
/// How often the folders of exercises are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often in the length of a lease a worker says that it is alive, and looks for those that are not.
const HEARTBEATS_PER_LEASE: u32 = 4;

/// Any failure of ours, for the log.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What grades. Called from threads that may block.
pub trait SubmissionGrader: Send + Sync + 'static {
    /// Makes an exercise ready to be graded.
    ///
    /// # Errors
    /// When it can't be graded here; the text is for its author and the operator.
    fn prepare(&self, exercise: &str) -> Result<(), Failure>;

    /// Removes what earlier versions of exercises have left; once all are prepared.
    fn sweep(&self) {}

    /// Does what makes later gradings quicker while nothing is graded, or waits; at most for about this long.
    fn use_spare_time(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Grades the files of one submission.
    ///
    /// # Errors
    /// Whatever keeps this server from grading, such as a sandbox that fails or a machine without memory. It's graded again then.
    /// What a candidate hands in is never an error: it gets a verdict.
    fn grade(&self, job: &GradingJob, mode: Mode, tell: &mut dyn FnMut(Progress)) -> Result<Graded, Failure>;
}

/// Everything that work needs.
#[derive(Clone)]
pub struct WorkerConfig {
    /// Where work comes from.
    pub queue: Queue,
    /// What can be graded here.
    pub exercises: Exercises,
    /// Grades the submissions that are claimed.
    pub grader: Arc<dyn SubmissionGrader>,
    /// What time it is.
    pub clock: Clock,
    /// Where this worker says that it grades nothing for a while.
    pub status: Status,
    /// Tells this worker from others in the database and in the log.
    pub name: String,
    /// How many submissions are graded at once.
    pub at_once: usize,
    /// How long gradings may go on after the worker was told to stop; then they are handed back.
    pub grace: Duration,
}
