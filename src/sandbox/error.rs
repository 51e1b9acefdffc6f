//! What can go wrong that is nobody's fault but ours: a program's own failures are an `Outcome`.
//!
//! A message is complete: it ends with what the system said. So there is no `source()`, which would say it again.

use std::io;

use super::control::ControlReport;
use super::wire::Refusal;

/// Why something could not be run. Reads after "failed to run a program in the sandbox: ".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The jailer could not be started.
    #[error("starting the jailer: {0}")]
    Start(io::Error),
    /// The jailer is gone; the next call starts another.
    #[error("the jailer is gone")]
    JailerGone,
    /// Controls that nobody accepted to be absent do not hold.
    #[error("these controls do not hold here: {}{}", .0.missing_names(), .0.remedy())]
    Controls(Box<ControlReport>),
    /// A step of making a jail or starting the program failed.
    #[error("{step}: {cause}")]
    Setup {
        /// What was being done when it failed.
        step: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A control group could not be made or read.
    #[error("control group {path}: {cause}")]
    Group {
        /// The file of the control group.
        path: String,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Talking to the jail or reading from the program failed.
    #[error("talking to the jail: {0}")]
    Io(io::Error),
    /// The jail's processes could not be started or killed in time: the machine is in trouble.
    #[error("the jail does not answer")]
    Stuck,
    /// The machine ran out of memory, and the kernel killed a process of the run, which was within its limit.
    #[error("the machine ran out of memory")]
    OutOfMemory,
    /// A process or thread of the run was refused by a limit above the run's own.
    #[error(
        "no more processes are to be had: a limit of this machine, or of a control group above that of the run, is lower than that of the run"
    )]
    OutOfProcesses,
    /// The caller took it back.
    #[error("cancelled")]
    Cancelled,
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<nix::Error> for Error {
    fn from(error: nix::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Setup { cause: refusal.error(), step: refusal.step }
    }
}
