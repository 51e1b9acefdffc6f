//! What a gate finds in sources. Runs in a jail, as a program of its own: a parser is no place for a candidate's text to meet
//! the server.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};

use super::{api, forbid, length};
use crate::grader::package::Rule;

/// What is to be inspected.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(in crate::grader) struct Request {
    /// Each gate's rule.
    pub(in crate::grader) rules: Vec<Rule>,
    /// The sources that were handed in, by path.
    pub(in crate::grader) files: BTreeMap<String, String>,
    /// Those of the starter.
    pub(in crate::grader) starter: BTreeMap<String, String>,
}

/// A place where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(in crate::grader) struct Finding {
    /// The file.
    pub(in crate::grader) file: String,
    /// Counted from 1; 0 where there is no line to name.
    pub(in crate::grader) line: usize,
    /// What is there.
    pub(in crate::grader) what: String,
}

/// A source, parsed.
pub(super) struct Source<'s> {
    pub(super) path: &'s str,
    pub(super) tokens: TokenStream,
    pub(super) items: syn::File,
}

impl Finding {
    pub(super) fn at(source: &Source<'_>, span: Span, what: impl Into<String>) -> Self {
        Self { file: source.path.to_owned(), line: span.start().line, what: what.into() }
    }
}

/// The findings of each rule, in the order of the rules.
///
/// # Errors
/// Which source cannot be read as Rust, and why.
pub(super) fn inspect(request: &Request) -> Result<Vec<Vec<Finding>>, String> {
    let sources = parsed(&request.files)?;
    let starter = parsed(&request.starter)?;
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

fn parsed(files: &BTreeMap<String, String>) -> Result<Vec<Source<'_>>, String> {
    files.iter().map(|(path, text)| source(path, text)).collect()
}

fn source<'s>(path: &'s str, text: &str) -> Result<Source<'s>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{path}: {error}");
    let tokens = text.parse::<TokenStream>().map_err(|error| failed(&error))?;
    let items = syn::parse_file(text).map_err(|error| failed(&error))?;
    Ok(Source { path, tokens, items })
}
