//! How long functions are.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::inspect::{Finding, Source};

/// Every function of more than `most` lines, from its signature to its closing brace.
pub(super) fn findings(sources: &[Source<'_>], most: u32) -> Vec<Finding> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    sources.iter().flat_map(|source| in_source(source, most)).collect()
}

fn in_source(source: &Source<'_>, most: usize) -> Vec<Finding> {
    let mut functions = Functions(Vec::new());
    functions.visit_file(&source.items);
    let long = |(name, from, to): (String, Span, Span)| {
        let lines = to.end().line.saturating_sub(from.start().line) + 1;
        (lines > most)
            .then(|| Finding::at(source, from, format!("`{name}` has {lines} lines, at most {most} are allowed")))
    };
    functions.0.into_iter().filter_map(long).collect()
}

/// Name, signature and body.
struct Functions(Vec<(String, Span, Span)>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        self.0.push((signature.ident.to_string(), signature.span(), body.span()));
    }
}

impl<'a> Visit<'a> for Functions {
    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'a syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
