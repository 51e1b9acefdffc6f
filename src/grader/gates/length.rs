//! How long functions are.
//!
//! Tokens are looked at, not syntax, so that what stands in a macro is seen too.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::Visit;

use super::source::{Finding, Source};

/// Every function of more than `most` lines, from `fn` to its closing brace.
pub(super) fn findings(sources: &[Source<'_>], most: u32) -> Vec<Finding> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    sources.iter().flat_map(|source| in_source(source, most)).collect()
}

fn in_source(source: &Source<'_>, most: usize) -> Vec<Finding> {
    let mut functions = Vec::new();
    collect(&source.tokens, &mut functions);
    let mut closures = Closures(Vec::new());
    closures.visit_file(&source.items);
    functions.extend(closures.0);
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

/// Closures that stand in no function: they are one by another name.
struct Closures(Vec<Function>);

impl<'a> Visit<'a> for Closures {
    fn visit_item_fn(&mut self, _: &'a syn::ItemFn) {}

    fn visit_impl_item_fn(&mut self, _: &'a syn::ImplItemFn) {}

    fn visit_trait_item_fn(&mut self, _: &'a syn::TraitItemFn) {}

    fn visit_expr_closure(&mut self, closure: &'a syn::ExprClosure) {
        let (from, to) = (closure.span(), closure.body.span());
        self.0.push(Function { name: "a closure".to_owned(), from, to });
    }
}

/// A function is `fn`, a name, and the first block in braces before the next semicolon; the value of a type's parameter may
/// stand in braces before that: `-> A<{ 1 + 1 }>`.
fn collect(tokens: &TokenStream, found: &mut Vec<Function>) {
    let mut open: Option<(String, Span)> = None;
    let mut keyword = None;
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                if let Some(from) = keyword.take() {
                    open = Some((ident.to_string(), from));
                }
                keyword = (ident == "fn").then(|| ident.span());
            }
            TokenTree::Group(group) => {
                let goes_on =
                    matches!(tokens.peek(), Some(TokenTree::Punct(next)) if matches!(next.as_char(), '>' | ','));
                if group.delimiter() == Delimiter::Brace
                    && let Some((name, from)) = open.take()
                {
                    found.push(Function { name: name.clone(), from, to: group.span_close() });
                    open = goes_on.then_some((name, from));
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
