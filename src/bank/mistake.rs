//! What is wrong with a file of the bank.

use std::fmt;
use std::path::PathBuf;

/// One mistake in one file, said so that its author can mend it. Prints as `path:line: message`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file that holds the mistake.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and the remedy.
    pub message: String,
}

impl Mistake {
    /// A mistake that concerns a whole file or folder.
    pub fn whole_file(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self { path: path.into(), line: 1, message: message.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}
