//! Sources as gates look at them, and what they find there.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Item};

/// A place where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(in crate::grader) struct Finding {
    /// The candidate's file, by its path in the crate.
    pub(in crate::grader) file: String,
    /// Counted from 1; 0 where there is no line to name.
    pub(in crate::grader) line: usize,
    /// What is there that should not be, for the candidate to read.
    pub(in crate::grader) what: String,
}

/// A source, parsed, without the items that are there for the candidate's own tests alone.
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

/// Parses every source, given by path, and leaves out the items for tests.
///
/// # Errors
/// Which source cannot be read as Rust, and why.
pub(super) fn parsed(files: &BTreeMap<String, String>) -> Result<Vec<Source<'_>>, String> {
    files.iter().map(|(path, text)| source(path, text)).collect()
}

fn source<'s>(path: &'s str, text: &str) -> Result<Source<'s>, String> {
    let mut items = syn::parse_file(text).map_err(|error| format!("{path}: {error}"))?;
    leave_out_tests(&mut items.items);
    Ok(Source { path, tokens: items.to_token_stream(), items })
}

/// What is `#[cfg(test)]` is not compiled into what is graded. Only items are left out, and none in a macro, which could take
/// the attribute away.
fn leave_out_tests(items: &mut Vec<Item>) {
    items.retain(|item| !attributes(item).iter().any(is_for_tests));
    for item in items {
        if let Item::Mod(module) = item
            && let Some((_, items)) = &mut module.content
        {
            leave_out_tests(items);
        }
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
