//! What a gate finds in sources. Runs in a jail, as a program of its own: a parser is no place for a candidate's text to meet
//! the server.

use std::collections::BTreeMap;

use super::reach::of_crate;
use super::source::{Finding, parsed};
use super::{api, forbid, length};
use crate::grader::package::Rule;

/// What is to be inspected.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(in crate::grader) struct Request {
    /// The rule of each gate, in the package's order.
    pub(in crate::grader) rules: Vec<Rule>,
    /// The sources that were handed in, by path.
    pub(in crate::grader) files: BTreeMap<String, String>,
    /// The sources that the candidate began with, by path.
    pub(in crate::grader) starter: BTreeMap<String, String>,
}

/// The findings of each rule, in the order of the rules.
///
/// # Errors
/// Which source cannot be read as Rust, and why.
pub(super) fn inspect(request: &Request) -> Result<Vec<Vec<Finding>>, String> {
    let (files, starter) = (of_crate(&request.files), of_crate(&request.starter));
    let (sources, starter) = (parsed(&files)?, parsed(&starter)?);
    let findings = |rule: &Rule| {
        let mut found = match rule {
            Rule::Forbid { names, allow_in } => forbid::findings(&sources, &starter, names, allow_in),
            Rule::MaxFunctionLines(most) => length::findings(&sources, *most),
            Rule::PublicApi => api::findings(&starter, &sources),
            // The rest is the compiler's to find.
            Rule::Clippy(_) => forbid::in_conditions(&sources, "clippy"),
        };
        found.sort();
        found.dedup();
        found
    };
    Ok(request.rules.iter().map(findings).collect())
}
