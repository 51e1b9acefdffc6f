//! What goes wrong on our side. A candidate's failure is never an error: it is a [`super::Report`].
//!
//! A message is complete, its cause included; so there is no `source()`, which would say the cause again.

use std::path::{Path, PathBuf};

use super::package::{Mistake, Package};

/// Ours: logged, retried, and never costs an attempt.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sandbox failed or refused to start.
    #[error("failed to run a program in the sandbox: {0}")]
    Sandbox(crate::sandbox::Error),
    /// A file of ours could not be read or written.
    #[error("failed to {doing} {}: {cause}", path.display())]
    File {
        /// To be read after "failed to".
        doing: &'static str,
        /// The file that it happened to.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// There is no Rust toolchain that could grade.
    #[error("failed to find a Rust toolchain: {0}")]
    Toolchain(String),
    /// A package has mistakes that can be seen without a compiler.
    #[error("failed to read the package:\n{}", lines(.0))]
    Package(Vec<Mistake>),
    /// A package that reads well cannot be prepared.
    #[error("failed to prepare {slug}: {reason}")]
    Prepare {
        /// The slug of the package that it is about.
        slug: String,
        /// What its author must know.
        reason: String,
    },
    /// What was prepared of a package cannot be built on any more, as when its files are lost or of another compiler.
    #[error("failed to build on what was prepared of {slug}: {detail}")]
    Stale {
        /// The slug of the package that it is about.
        slug: String,
        /// What the program printed or answered.
        detail: String,
    },
    /// The compiler or the linker was killed or refused what it needs, and no limit of the run was why.
    #[error("failed to {doing}, because of a fault of this machine: {detail}")]
    Machine {
        /// What was being done, to be read after "failed to".
        doing: &'static str,
        /// What the tool said of it.
        detail: String,
    },
    /// A program of ours did what it must not.
    #[error("failed to understand {what}: {detail}")]
    Unexpected {
        /// What was looked at, to be read after "failed to understand".
        what: &'static str,
        /// What was wrong with it.
        detail: String,
    },
}

impl Error {
    /// Makes an error of an [`std::io::Error`] at `path`, for `map_err`.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |cause| Self::File { doing, path, cause }
    }

    /// A package that cannot be prepared for a `reason`; `details` is what a tool printed about it.
    pub(super) fn prepare(package: &Package, reason: &str, details: &[u8]) -> Self {
        let details = String::from_utf8_lossy(details);
        Self::Prepare { slug: package.slug.to_string(), reason: format!("{reason}\n{}", details.trim()) }
    }
}

impl From<crate::sandbox::Error> for Error {
    fn from(error: crate::sandbox::Error) -> Self {
        Self::Sandbox(error)
    }
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
