//! Package + submitted files → [`Report`]: unpack, policy, build, link, run, score.
//!
//! What this module promises, and how:
//! - A test passes only when our runner says so where the candidate's code cannot speak (`run`).
//! - Hidden tests exist only in the jail that links them, where no code of the candidate's runs (`link`), and no type that
//!   can be serialised holds their text.
//! - What is compiled is the server's manifest, lock file, flags and toolchain; of the candidate only `src/` (`build`).
//! - A candidate's failure is data, a [`Report`]; ours is an [`Error`].
//!
//! There is no database and no web here, and nothing is async: the server calls it from a blocking thread.

mod bare;
mod build;
mod cargo_output;
mod check;
mod context;
mod deadline;
pub(crate) mod diagnosis;
mod diagnostics;
mod engine;
mod error;
mod files;
pub(crate) mod gates;
mod gathered;
mod grading;
mod kinds;
mod limits;
mod link;
mod machine;
mod manifest;
mod package;
mod pipeline;
mod policy;
mod prepare;
mod prepared;
mod report;
mod run;
mod rustc;
mod score;
mod seed;
mod shapes;
mod sweep;
mod test_times;
mod toolchain;
mod tools;
mod tree;
mod type_fingerprint;
mod units;
pub(crate) mod unpack;

pub(crate) use bare::Bare;
pub(crate) use check::{Check, Finding};
pub(crate) use engine::Grader;
pub(crate) use files::{Refusal, SubmittedFiles};
pub(crate) use limits::Limits;
pub(crate) use package::{Asked, Broken, Gate, Package, Registry};
pub(crate) use prepared::Prepared;
pub(crate) use report::{Diagnostic, Event, Isolation, Mode, Report, Stage, TestReport, TestVerdict, Usage, Verdict};
pub(crate) use tree::is_cache;
pub(crate) use units::{parse_duration, parse_size};
