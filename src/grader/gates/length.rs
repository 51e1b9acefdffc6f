//! How long functions are.
//!
//! Tokens are looked at, not syntax, so that what stands in a macro is seen too.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use super::source::{Finding, Source};

/// Every function of more than `most` lines, from `fn` to its closing brace.
pub(super) fn findings(sources: &[Source<'_>], most: u32) -> Vec<Finding> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    sources.iter().flat_map(|source| in_source(source, most)).collect()
}

fn in_source(source: &Source<'_>, most: usize) -> Vec<Finding> {
    let mut functions = Vec::new();
    collect(&source.tokens, &mut functions);
    let long = |Function { name, from, to }: Function| {
        let lines = to.end().line.saturating_sub(from.start().line) + 1;
        (lines > most)
            .then(|| Finding::at(source, from, format!("`{name}` has {lines} lines, at most {most} are allowed")))
    };
    functions.into_iter().filter_map(long).collect()
}

struct Function {
    name: String,
    from: Span,
    to: Span,
}

/// A function is `fn`, a name, and the first block in braces before the next semicolon.
fn collect(tokens: &TokenStream, found: &mut Vec<Function>) {
    let mut open: Option<(String, Span)> = None;
    let mut keyword = None;
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => {
                if let Some(from) = keyword.take() {
                    open = Some((ident.to_string(), from));
                }
                keyword = (ident == "fn").then(|| ident.span());
            }
            TokenTree::Group(group) => {
                if group.delimiter() == Delimiter::Brace
                    && let Some((name, from)) = open.take()
                {
                    found.push(Function { name, from, to: group.span_close() });
                }
                collect(&group.stream(), found);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => open = None,
            // `fn $name() {}` in a macro.
            TokenTree::Punct(punct) if punct.as_char() == '$' => {}
            TokenTree::Punct(_) | TokenTree::Literal(_) => keyword = None,
        }
    }
}
