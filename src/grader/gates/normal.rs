//! Tokens as text in which what makes no difference looks alike: comments, trailing commas, the order of imports and derives.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Item, UseTree};

use super::source::Source;

/// A whole source as text: its imports sorted, then its other items in their order.
pub(super) fn of_source(source: &Source<'_>) -> String {
    let (mut imports, mut others) = (BTreeSet::new(), String::new());
    for item in &source.items.items {
        match item {
            Item::Use(item) => {
                let (attributes, visibility) = (tokens(&item.attrs), text(&item.vis));
                let paths = imported(&item.tree).into_iter();
                imports.extend(paths.map(|path| format!("{attributes} {visibility} use {}", path.text())));
            }
            item => others.push_str(&text(item)),
        }
    }
    format!("{}\n{others}", imports.into_iter().collect::<Vec<_>>().join("\n"))
}

fn tokens(attributes: &[syn::Attribute]) -> String {
    attributes.iter().map(text).collect()
}

/// Some tokens as text.
pub(super) fn text(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.to_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut skipped = 0;
    for (at, token) in tokens.iter().enumerate() {
        if skipped > 0 {
            skipped -= 1;
            continue;
        }
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' && documents(tokens.get(at + 1)) => skipped = 1,
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                text.push_str(open);
                write(without_last_comma(group), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => text.push(punct.as_char()),
            token => {
                if text.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | '"')) {
                    text.push(' ');
                }
                text.push_str(&token.to_string());
            }
        }
    }
}

/// `[doc = "…"]`, as comments of documentation are read.
fn documents(group: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = group else { return false };
    let mut inside = group.stream().into_iter();
    let (word, sign) = (inside.next(), inside.next());
    matches!(word, Some(TokenTree::Ident(word)) if word == "doc")
        && matches!(sign, Some(TokenTree::Punct(sign)) if sign.as_char() == '=')
}

const fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// What is in a group, without a comma at its end; but `(a,)` is another type than `(a)`.
fn without_last_comma(group: &proc_macro2::Group) -> TokenStream {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let mut tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let commas = tokens.iter().filter(|token| is_comma(token)).count();
    let may_go = group.delimiter() != Delimiter::Parenthesis || commas > 1;
    if may_go && tokens.last().is_some_and(is_comma) {
        tokens.pop();
    }
    tokens.into_iter().collect()
}

/// One name that an import brings in.
pub(super) struct Imported {
    /// The words of the path; `*` for all that there is.
    pub(super) path: Vec<String>,
    /// The name under which the file knows it.
    pub(super) name: String,
}

impl Imported {
    /// The import as it would be written alone: `a::b as c`.
    pub(super) fn text(&self) -> String {
        format!("{} as {}", self.path.join("::"), self.name)
    }
}

/// Each name that an import brings in: `a::{b, c}` are two.
pub(super) fn imported(tree: &UseTree) -> Vec<Imported> {
    let mut found = Vec::new();
    flatten(tree, &mut Vec::new(), &mut found);
    found
}

fn flatten(tree: &UseTree, above: &mut Vec<String>, found: &mut Vec<Imported>) {
    let mut add = |path: Vec<String>, name: String| found.push(Imported { path, name });
    match tree {
        UseTree::Path(part) => {
            above.push(part.ident.to_string());
            flatten(&part.tree, above, found);
            above.pop();
        }
        UseTree::Name(name) if name.ident == "self" => add(above.clone(), above.last().cloned().unwrap_or_default()),
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            add([above.as_slice(), std::slice::from_ref(&name)].concat(), name);
        }
        UseTree::Rename(rename) => {
            let mut path = above.clone();
            if rename.ident != "self" {
                path.push(rename.ident.to_string());
            }
            add(path, rename.rename.to_string());
        }
        UseTree::Glob(_) => add([above.as_slice(), &["*".to_owned()]].concat(), "*".to_owned()),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, above, found)),
    }
}
