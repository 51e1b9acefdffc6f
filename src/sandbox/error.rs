//! What can go wrong that is nobody's fault but ours: a program's own failures are an `Outcome`.

use std::io;

use super::probe::Report;

/// Why something could not be run. Reads after "failed to run a program in the sandbox: ".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The jailer could not be started.
    #[error("starting the jailer: {0}")]
    Start(#[source] io::Error),
    /// The jailer is gone; the next call starts another.
    #[error("the jailer is gone")]
    JailerGone,
    /// Controls that nobody accepted to be absent do not hold.
    #[error("these controls do not hold here: {}{}", .0.missing_names(), .0.remedy())]
    Controls(Box<Report>),
    /// A step of making a jail or starting the program failed.
    #[error("{step}: {source}")]
    Setup {
        /// What was being done.
        step: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A control group could not be made or read.
    #[error("control group {path}: {source}")]
    Group {
        /// Which file.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Talking to the jail or reading from the program failed.
    #[error("talking to the jail: {0}")]
    Io(#[from] io::Error),
    /// The jail's processes could not be started or killed in time: the machine is in trouble.
    #[error("the jail does not answer")]
    Stuck,
    /// The caller took it back.
    #[error("cancelled")]
    Cancelled,
}

impl From<nix::Error> for Error {
    fn from(error: nix::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<super::wire::Refusal> for Error {
    fn from(refusal: super::wire::Refusal) -> Self {
        Self::Setup { source: refusal.error(), step: refusal.step }
    }
}
