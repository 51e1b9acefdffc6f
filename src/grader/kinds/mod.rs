//! How each kind of exercise is prepared and graded.
//!
//! All kinds share what stands in the other files of the grader: policy, sandbox, timing, scoring, the report. They differ in
//! what is built and what is run against what, which is what [`Stages`] is about. A kind whose test driver is another process
//! than the candidate's code is one more implementation of it, with an isolation of its own.

mod sources;
mod stages;
mod write_tests;

use super::package::{HandedIn, Kind};

pub(super) use sources::links;
pub(super) use stages::Stages;

/// The stages of a kind.
pub(super) fn stages(kind: Kind) -> &'static dyn Stages {
    match kind.handed_in() {
        HandedIn::Sources => &sources::Sources,
        HandedIn::Tests => &write_tests::WriteTests,
    }
}
