//! Which file uses which, found by parsing the tree (syn): `use` items, and paths that begin with `crate`, `super`, `self` or
//! a child module, inside macros too.
//!
//! A re-export is a name, not a use: `crate::accounts::Accounts` counts as a use of the file that defines it, and a `pub use`
//! of a module's own child as none.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{Item, ItemMacro, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// The path of a module, such as `["bank", "slug"]`.
type Module = Vec<String>;

/// Files, and for each file those that it uses.
pub struct Graph {
    pub uses: BTreeMap<String, BTreeSet<String>>,
}

/// The files of a program, parsed.
#[derive(Clone)]
pub struct Tree(BTreeMap<String, Parsed>);

impl Tree {
    /// Of files, each a path from the repository's root with its text.
    pub fn parse(files: &[(String, String)]) -> Self {
        Self(files.iter().map(|(path, text)| (path.clone(), Parsed::of(path, text))).collect())
    }

    /// The same tree with something added to a file.
    pub fn with(&self, path: &str, added: &str) -> Self {
        let mut changed = self.clone();
        let more = Parsed::of(path, added);
        let file = changed.0.get_mut(path).expect("the file is there");
        file.paths.extend(more.paths);
        changed
    }
}

/// What one file says.
#[derive(Clone)]
struct Parsed {
    module: Module,
    /// Paths that it names, each with the modules in front.
    paths: BTreeSet<Vec<String>>,
    /// Names that it gives on, each with what it stands for.
    reexports: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// Who uses whom in a tree.
    pub fn of(Tree(parsed): &Tree) -> Self {
        let modules: BTreeMap<&Module, &str> =
            parsed.iter().map(|(path, file)| (&file.module, path.as_str())).collect();
        let uses = parsed.iter().map(|(path, file)| {
            let targets = file.paths.iter().filter_map(|named| resolve(parsed, &modules, named, 0));
            (path.clone(), targets.filter(|target| target != path).collect())
        });
        Self { uses: uses.collect() }
    }

    /// Groups of files that use each other, directly or by others.
    pub fn circles(&self) -> Vec<BTreeSet<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.uses.keys().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let mut circles: Vec<BTreeSet<&str>> = Vec::new();
        for (file, reach) in &reached {
            let circle: BTreeSet<_> = reach.iter().filter(|other| reached[*other].contains(file)).copied().collect();
            if !circle.is_empty() && !circles.contains(&circle) {
                circles.push(circle);
            }
        }
        circles
    }

    fn reached_from(&self, file: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&str> = self.uses[file].iter().map(String::as_str).collect();
        while let Some(used) = next.pop() {
            if reached.insert(used) {
                next.extend(self.uses.get(used).into_iter().flatten().map(String::as_str));
            }
        }
        reached
    }
}

/// The file that defines what a path names; `None` for what is not of this crate.
fn resolve(
    parsed: &BTreeMap<String, Parsed>,
    modules: &BTreeMap<&Module, &str>,
    named: &[String],
    depth: usize,
) -> Option<String> {
    // What is not in a module of ours is in none: the root has no items but modules.
    let length = (1..=named.len()).rev().find(|length| modules.contains_key(&named[..*length].to_vec()))?;
    let file = modules[&named[..length].to_vec()];
    match named.get(length).and_then(|name| parsed[file].reexports.get(name)) {
        Some(target) if depth < 8 => {
            let target = [target.as_slice(), &named[length + 1..]].concat();
            resolve(parsed, modules, &target, depth + 1)
        }
        _ => Some(file.to_owned()),
    }
}

impl Parsed {
    fn of(path: &str, text: &str) -> Self {
        let module = module_of(path);
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let children = file.items.iter().filter_map(|item| match item {
            Item::Mod(ItemMod { ident, content: None, .. }) => Some(ident.to_string()),
            _ => None,
        });
        let mut reader = Reader {
            children: children.collect(),
            found: Self { module, paths: BTreeSet::new(), reexports: BTreeMap::new() },
        };
        reader.visit_file(&file);
        reader.found
    }
}

/// `src/bank/slug.rs` is `bank::slug`, `src/bank/mod.rs` is `bank`, `src/lib.rs` the root.
fn module_of(path: &str) -> Module {
    let rest = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let parts = rest.split('/').filter(|part| !["mod", "lib"].contains(part));
    parts.map(str::to_owned).collect()
}

struct Reader {
    children: BTreeSet<String>,
    found: Parsed,
}

impl Reader {
    /// A path as written, from the crate's root; `None` for one that leads out of the crate.
    fn absolute(&self, written: &[String]) -> Option<Vec<String>> {
        let own = &self.found.module;
        match written.first()?.as_str() {
            "crate" => Some(written[1..].to_vec()),
            "self" => Some([own.as_slice(), &written[1..]].concat()),
            "super" => Some([&own[..own.len().saturating_sub(1)], &written[1..]].concat()),
            child if self.children.contains(child) => Some([own.as_slice(), written].concat()),
            _ => None,
        }
    }

    fn names(&mut self, written: &[String]) {
        if let Some(path) = self.absolute(written) {
            self.found.paths.insert(path);
        }
    }

    fn imports(&mut self, tree: &UseTree, before: &[String], public: bool) {
        let longer = |name: &dyn ToString| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.imports(&path.tree, &longer(&path.ident), public),
            UseTree::Name(name) if name.ident == "self" => self.imports_one(before, &before[before.len() - 1], public),
            UseTree::Name(name) => self.imports_one(&longer(&name.ident), &name.ident.to_string(), public),
            UseTree::Rename(rename) => self.imports_one(&longer(&rename.ident), &rename.rename.to_string(), public),
            UseTree::Glob(_) => self.names(before),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.imports(tree, before, public)),
        }
    }

    fn imports_one(&mut self, written: &[String], name: &str, public: bool) {
        let Some(path) = self.absolute(written) else { return };
        let of_child = path.len() > self.found.module.len() && path.starts_with(&self.found.module);
        if public && of_child {
            self.found.reexports.insert(name.to_owned(), path);
        } else {
            self.found.paths.insert(path);
        }
    }

    /// Paths in the tokens of a macro, which has no syntax of its own.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 => path.push(ident.to_string()),
                TokenTree::Ident(ident) => {
                    self.names(&path);
                    path = vec![ident.to_string()];
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => {}
            }
            colons = 0;
        }
        self.names(&path);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.imports(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let written: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        // A name alone was imported or is defined here.
        if written.len() > 1 {
            self.names(&written);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        self.tokens(called.tokens.clone());
    }

    /// Who may use something is no use of theirs.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("cfg") && attribute.meta.to_token_stream().to_string().contains("test")
        };
        if !item.attrs.iter().any(test) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    /// The paths of a macro that is defined here are those of whoever calls it.
    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if item.ident.is_none() {
            self.visit_macro(&item.mac);
        }
    }
}
