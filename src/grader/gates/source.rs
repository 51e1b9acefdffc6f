//! Sources as gates look at them, and what they find there.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};

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

/// Every source, parsed.
///
/// # Errors
/// Which source cannot be read as Rust, and why.
pub(super) fn parsed(files: &BTreeMap<String, String>) -> Result<Vec<Source<'_>>, String> {
    files.iter().map(|(path, text)| source(path, text)).collect()
}

fn source<'s>(path: &'s str, text: &str) -> Result<Source<'s>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{path}: {error}");
    let tokens = text.parse::<TokenStream>().map_err(|error| failed(&error))?;
    let items = syn::parse_file(text).map_err(|error| failed(&error))?;
    Ok(Source { path, tokens, items })
}
