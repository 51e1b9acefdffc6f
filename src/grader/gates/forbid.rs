//! Names that may not be used.
//!
//! Tokens are looked at, not syntax, so that what stands in a macro is seen too. A name of one word is an identifier that may
//! appear nowhere. A path is found where it is written out, where it is imported, and where an import is used to shorten it.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::UseTree;
use syn::visit::Visit;

use super::inspect::{Finding, Source};

/// Every use of one of `names` outside the files of `allow_in`.
pub(super) fn findings(sources: &[Source<'_>], names: &[String], allow_in: &[String]) -> Vec<Finding> {
    let checked = sources.iter().filter(|source| !allow_in.iter().any(|path| path == source.path));
    checked.flat_map(|source| names.iter().flat_map(|name| in_source(source, name))).collect()
}

fn in_source(source: &Source<'_>, name: &str) -> Vec<Finding> {
    let wanted: Vec<&str> = name.split("::").collect();
    let imports = imports(source);
    let aliases: BTreeMap<&str, &[String]> =
        imports.iter().map(|import| (import.alias.as_str(), import.path.as_slice())).collect();
    let is_wanted = |path: &[String]| path.windows(wanted.len()).any(|part| part.iter().eq(&wanted));
    let written = paths(&source.tokens).into_iter().filter(|(path, _)| {
        let long = path.split_first().and_then(|(first, rest)| {
            let import = aliases.get(first.as_str())?;
            Some([*import, rest].concat())
        });
        is_wanted(path) || (wanted.len() > 1 && long.is_some_and(|path| is_wanted(&path)))
    });
    let imported = imports.iter().filter(|import| wanted.len() > 1 && import.brings(&wanted));
    let spans = written.map(|(_, span)| span).chain(imported.map(|import| import.span));
    spans.map(|span| Finding::at(source, span, format!("uses `{name}`"))).collect()
}

/// Runs of identifiers with `::` between them, anywhere.
fn paths(tokens: &TokenStream) -> Vec<(Vec<String>, Span)> {
    let mut found: Vec<(Vec<String>, Span)> = Vec::new();
    let mut colons = 0;
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => {
                found.extend(paths(&group.stream()));
                colons = 0;
            }
            TokenTree::Ident(ident) => {
                let name = word(&ident);
                match found.last_mut() {
                    Some((path, _)) if colons == 2 => path.push(name),
                    _ => found.push((vec![name], ident.span())),
                }
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Punct(_) | TokenTree::Literal(_) => colons = 0,
        }
    }
    found
}

/// `r#put` is `put`.
fn word(ident: &proc_macro2::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

/// One name that a `use` brings in.
struct Import {
    path: Vec<String>,
    alias: String,
    glob: bool,
    span: Span,
}

impl Import {
    /// Whether it imports the wanted path itself, or all that lies beside it.
    fn brings(&self, wanted: &[&str]) -> bool {
        let wanted = if self.glob { wanted.split_last().map_or(wanted, |(_, parent)| parent) } else { wanted };
        self.path.len() >= wanted.len() && self.path.iter().rev().zip(wanted.iter().rev()).all(|(own, one)| own == one)
    }
}

fn imports(source: &Source<'_>) -> Vec<Import> {
    struct Uses(Vec<Import>);
    impl<'a> Visit<'a> for Uses {
        fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
            flatten(&item.tree, &mut Vec::new(), &mut self.0);
        }
    }
    let mut uses = Uses(Vec::new());
    uses.visit_file(&source.items);
    uses.0
}

fn flatten(tree: &UseTree, above: &mut Vec<String>, found: &mut Vec<Import>) {
    let mut add = |path: Vec<String>, alias: String, glob: bool, span: Span| {
        found.push(Import { path, alias, glob, span });
    };
    match tree {
        UseTree::Path(part) => {
            above.push(word(&part.ident));
            flatten(&part.tree, above, found);
            above.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            add(above.clone(), above.last().cloned().unwrap_or_default(), false, name.ident.span());
        }
        UseTree::Name(name) => {
            let alias = word(&name.ident);
            add([above.as_slice(), std::slice::from_ref(&alias)].concat(), alias, false, name.ident.span());
        }
        UseTree::Rename(rename) => {
            let mut path = above.clone();
            if rename.ident != "self" {
                path.push(word(&rename.ident));
            }
            add(path, word(&rename.rename), false, rename.ident.span());
        }
        UseTree::Glob(glob) => {
            let [star] = glob.star_token.spans;
            add(above.clone(), String::new(), true, star);
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, above, found)),
    }
}
