//! What a candidate is asked to do, as the word in `grader.toml` has it. How a kind is prepared and graded is in
//! `grader/kinds`.

/// What a candidate is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Write `src/` so that the hidden tests pass.
    Implement,
    /// Change `src/` so that a flaw is gone and all else stays as it was: `hidden/behaviour.rs` passes before and after,
    /// `hidden/flaw.rs` only after.
    Refactor,
    /// Find out what happened, answer questions about it, and change `src/` so that it does not happen again.
    Debug,
    /// Write tests that pass on right implementations and fail on wrong ones.
    WriteTests,
}

/// What is handed in and graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grader) enum HandedIn {
    /// `src/`, measured by hidden tests.
    Sources,
    /// `tests/`, measured by hidden implementations.
    Tests,
}

impl HandedIn {
    /// The folder that is graded.
    pub(in crate::grader) const fn folder(self) -> &'static str {
        match self {
            Self::Sources => "src/",
            Self::Tests => "tests/",
        }
    }
}

impl Kind {
    /// Every kind, in the order in which people are told of them.
    pub(super) const ALL: [Self; 4] = [Self::Implement, Self::Refactor, Self::Debug, Self::WriteTests];

    pub(in crate::grader) const fn handed_in(self) -> HandedIn {
        match self {
            Self::Implement | Self::Refactor | Self::Debug => HandedIn::Sources,
            Self::WriteTests => HandedIn::Tests,
        }
    }

    /// The word for it in `grader.toml` and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Implement => "implement",
            Self::Refactor => "refactor",
            Self::Debug => "debug",
            Self::WriteTests => "write_tests",
        }
    }
}
