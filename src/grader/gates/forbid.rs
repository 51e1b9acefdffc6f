//! Names that may not be used.
//!
//! Tokens are looked at, not syntax, so that what stands in a macro is seen too. A name of one word is an identifier that may
//! appear nowhere. A path is found where it is written out, where it is imported, and where an import, of whichever file, is
//! used to shorten it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::UseTree;
use syn::visit::Visit;

use super::normal;
use super::source::{Finding, Source};

/// Ways to write one path out.
const MAX_FORMS: usize = 1000;
/// What a macro puts there: `std::thread::$name`.
const ANYTHING: &str = "$";

/// What imports call what, by the name.
type Aliases<'i> = BTreeMap<&'i str, Vec<&'i [String]>>;

/// Every use of one of `names`. A file of `allow_in` may do what it likes as long as it is the starter's, layout, comments and
/// the order of its imports aside: otherwise it could hand on what is forbidden under another name.
pub(super) fn findings(
    sources: &[Source<'_>],
    starter: &[Source<'_>],
    names: &[String],
    allow_in: &[String],
) -> Vec<Finding> {
    let as_in_starter = |source: &Source<'_>| {
        let given = starter.iter().find(|given| given.path == source.path);
        given.is_some_and(|given| normal::of_source(given) == normal::of_source(source))
    };
    let may_be_allowed = |source: &Source<'_>| allow_in.iter().any(|path| path == source.path);
    let allowed = |source: &Source<'_>| may_be_allowed(source) && as_in_starter(source);
    let checked: Vec<&Source<'_>> = sources.iter().filter(|source| !allowed(source)).collect();
    let imports: Vec<(&Source<'_>, Vec<Import>)> = checked.iter().map(|source| (*source, imports(source))).collect();
    let mut aliases = Aliases::new();
    for import in imports.iter().flat_map(|(_, imports)| imports) {
        aliases.entry(import.alias.as_str()).or_default().push(&import.path);
    }
    let in_source = |(source, imports): &(&Source<'_>, Vec<Import>)| -> Vec<Finding> {
        let path = |(path, span)| Path { forms: forms(path, &aliases), span };
        let paths: Vec<Path> = paths(&source.tokens).into_iter().map(path).collect();
        let mut found: Vec<Finding> = names.iter().flat_map(|name| uses(source, imports, &paths, name)).collect();
        if may_be_allowed(source) {
            let why = ", and may do so only as long as the file is the starter's, which it no longer is";
            found.iter_mut().for_each(|finding| finding.what.push_str(why));
        }
        found
    };
    imports.iter().flat_map(in_source).collect()
}

/// Every use of a word in a condition by which code is left out: `cfg(…)`, `cfg_attr(…)`, `cfg!(…)`.
pub(super) fn in_conditions(sources: &[Source<'_>], word: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources {
        let mut spans = Vec::new();
        conditions(&source.tokens, false, word, &mut spans);
        let finding = |span| Finding::at(source, span, format!("names `{word}` in a condition"));
        found.extend(spans.into_iter().map(finding));
    }
    found
}

fn conditions(tokens: &TokenStream, inside: bool, wanted: &str, found: &mut Vec<Span>) {
    let mut condition = false;
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                let name = word(&ident);
                // In `cfg_attr(unix, allow(clippy::all))` it is no condition.
                let begins_path = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                if inside && name == wanted && !begins_path {
                    found.push(ident.span());
                }
                condition = name == "cfg" || name == "cfg_attr";
            }
            TokenTree::Group(group) => {
                conditions(&group.stream(), inside || condition, wanted, found);
                condition = false;
            }
            // `cfg!(…)`
            TokenTree::Punct(punct) if punct.as_char() == '!' => {}
            TokenTree::Punct(_) | TokenTree::Literal(_) => condition = false,
        }
    }
}

/// A path as it is written, and as it is when the names in it that are imports are written out.
struct Path {
    forms: BTreeSet<Vec<String>>,
    span: Span,
}

fn uses(source: &Source<'_>, imports: &[Import], paths: &[Path], name: &str) -> Vec<Finding> {
    let wanted: Vec<&str> = name.split("::").collect();
    let written = paths.iter().filter(|path| path.forms.iter().any(|form| is_part(&wanted, form)));
    let imported = imports.iter().filter(|import| wanted.len() > 1 && import.brings(&wanted));
    let spans = written.map(|path| path.span).chain(imported.map(|import| import.span));
    spans.map(|span| Finding::at(source, span, format!("uses `{name}`"))).collect()
}

/// A word alone is that word; in a longer path a macro's variable may be any but not all of it.
fn is_part(wanted: &[&str], path: &[String]) -> bool {
    let same = |(own, one): (&String, &&str)| own == one || (own == ANYTHING && wanted.len() > 1);
    path.windows(wanted.len()).any(|part| part.iter().zip(wanted).all(same) && part.iter().any(|own| own != ANYTHING))
}

/// All forms of a path, up to a number that no honest source comes near.
fn forms(path: Vec<String>, aliases: &Aliases<'_>) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![path];
    while let Some(path) = waiting.pop() {
        if found.len() == MAX_FORMS || found.contains(&path) {
            continue;
        }
        for (at, name) in path.iter().enumerate() {
            let rest = path.get(at + 1..).unwrap_or_default();
            waiting.extend(aliases.get(name.as_str()).into_iter().flatten().map(|import| [*import, rest].concat()));
        }
        found.insert(path);
    }
    found
}

/// Runs of identifiers with `::` between them, anywhere.
fn paths(tokens: &TokenStream) -> Vec<(Vec<String>, Span)> {
    let mut found: Vec<(Vec<String>, Span)> = Vec::new();
    let (mut colons, mut variable) = (0, false);
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => {
                found.extend(paths(&group.stream()));
                (colons, variable) = (0, false);
            }
            TokenTree::Ident(ident) => {
                let name = if variable { ANYTHING.to_owned() } else { word(&ident) };
                match found.last_mut() {
                    Some((path, _)) if colons == 2 => path.push(name),
                    _ => found.push((vec![name], ident.span())),
                }
                (colons, variable) = (0, false);
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            // `std::thread::$name`
            TokenTree::Punct(punct) if punct.as_char() == '$' => variable = true,
            TokenTree::Punct(_) | TokenTree::Literal(_) => (colons, variable) = (0, false),
        }
    }
    found
}

/// A name without the `r#` of a raw one: `r#put` means `put`.
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
