//! What happens to a submission, one numbered event after the other: `queued`, `stage`, `test`, `finished`.
//!
//! A submission that is graded a second time, because the first worker died, goes through its stages again; the numbers
//! go on. `finished` comes once and is the last.

pub(super) mod store;
mod stream;

use serde_json::{Value, json};

pub use stream::{EventStream, Update};

use crate::db::text_enum;

text_enum! {
    /// What kind of thing happened.
    pub enum EventKind {
        /// It was handed in and waits.
        Queued = "queued",
        /// A stage of its grading began.
        Stage = "stage",
        /// A test of the submission ended.
        Test = "test",
        /// There is a verdict.
        Finished = "finished",
    }
}

/// Something that happened to a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The number of the event in its submission, counted from 1.
    pub seq: i32,
    /// What kind of thing.
    pub kind: EventKind,
    /// What there is to know of it, as JSON; each kind has its own fields.
    pub data: Value,
}

/// What a grader tells while it grades.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A stage of the grading began.
    Stage {
        /// The name of the stage, such as `build`.
        name: String,
    },
    /// A test of the submission ended.
    Test {
        /// The title of the test, for people.
        title: String,
        /// How it ended, such as `passed`.
        verdict: String,
        /// How many tests have ended, this one included.
        done: usize,
        /// How many tests the grading runs in all.
        of: usize,
    },
}

impl Progress {
    pub(super) fn event(&self) -> (EventKind, Value) {
        match self {
            Self::Stage { name } => (EventKind::Stage, json!({ "name": name })),
            Self::Test { title, verdict, done, of } => {
                (EventKind::Test, json!({ "title": title, "verdict": verdict, "done": done, "of": of }))
            }
        }
    }
}
