//! What is wrong with a recorded file.

/// After so many mistakes, the rest of a file isn't read.
pub(super) const FILE_MAX_MISTAKES: usize = 20;

/// What is wrong in a line of a recorded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineMistake {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// What is wrong with it.
    pub(crate) message: String,
}

impl LineMistake {
    /// A mistake in a line.
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}
