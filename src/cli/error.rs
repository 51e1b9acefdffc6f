//! How commands that grade, check or hand in end: their exit codes, and the error that ends one early.

use std::process::ExitCode;

/// The exit codes of commands that grade, check or hand in.
pub(super) mod exit {
    /// The submission was graded and accepted, or everything that was checked holds.
    pub(crate) const GOOD: u8 = 0;
    /// The submission was graded and not accepted, or something that was checked doesn't hold.
    pub(crate) const BAD: u8 = 1;
    /// The command was used wrongly, or the submission breaks a rule.
    pub(crate) const USAGE: u8 = 2;
    /// The command itself, the network or the server failed, so nothing is known of the submission.
    pub(crate) const INTERNAL: u8 = 3;
    /// A signal ended the command before its outcome was known.
    pub(crate) const INTERRUPTED: u8 = 130;
}

/// Why a command ends early: a message for standard error, and the exit code.
pub(super) struct CliError {
    message: String,
    code: u8,
}

impl CliError {
    /// An error for a mistake of the caller.
    pub(super) fn usage(message: impl ToString) -> Self {
        Self { message: message.to_string(), code: exit::USAGE }
    }

    /// An error for a failure of this program or this machine.
    pub(super) fn internal(error: impl ToString) -> Self {
        Self { message: error.to_string(), code: exit::INTERNAL }
    }
}

impl CliError {
    /// Whether what failed isn't the caller's doing, so that it may go well another time.
    pub(super) const fn is_internal(&self) -> bool {
        self.code == exit::INTERNAL
    }
}

impl std::fmt::Display for CliError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Ends a command: with its exit code, or by printing its error.
pub(super) fn exit_code(outcome: Result<u8, CliError>) -> ExitCode {
    ExitCode::from(outcome.unwrap_or_else(|error| {
        eprintln!("{error}");
        error.code
    }))
}
