//! Which items of a crate others can reach.
//!
//! An item is exported if it is `pub` in the root or in a `pub` module of one, or if a `pub use` names it, its module or
//! everything in its module. Names are compared without their modules. Where a name could mean two things, it counts as
//! exported, so that a second item of the same name hides nothing.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Ident, Item, Path, Type, Visibility};

use super::normal::imported;
use super::reach::folder_of;
use super::source::Source;

/// Traits that have their names everywhere, without an import (`std::prelude`).
const PRELUDE: [&str; 28] = [
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Into",
    "IntoIterator",
    "Iterator",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Send",
    "Sync",
    "ToOwned",
    "ToString",
];

/// The part of a crate that others can reach.
pub(super) struct Exported<'a, 's> {
    /// The exported items, and the implementations wherever they are, each with the file that it is in.
    pub(super) items: Vec<(&'a Source<'s>, &'a Item)>,
    hidden: BTreeSet<String>,
    modules: BTreeSet<String>,
}

impl<'a, 's> Exported<'a, 's> {
    pub(super) fn of(sources: &'a [Source<'s>]) -> Self {
        let mut walk = Walk {
            sources,
            names: Names::of(sources),
            found: Vec::new(),
            types: BTreeSet::new(),
            modules: BTreeSet::new(),
            seen: BTreeMap::new(),
        };
        walk.file("src/lib.rs", Reach::All);
        let mut hidden = walk.types;
        for (_, item) in &walk.found {
            if let Some((name, _)) = defined(item) {
                hidden.remove(&text(name));
            }
        }
        let foreign = walk.names.foreign(&walk.modules);
        hidden.retain(|name| !foreign.contains(name) && !PRELUDE.contains(&name.as_str()));
        Self { items: walk.found, hidden, modules: walk.modules }
    }

    /// Whether a path ends in the name of a type or trait of the crate that others cannot reach.
    pub(super) fn hides(&self, path: &Path) -> bool {
        let first = path.segments.first().map(|part| text(&part.ident)).unwrap_or_default();
        let is_own =
            path.segments.len() == 1 || matches!(first.as_str(), "crate" | "self" | "super") || self.is_module(&first);
        is_own && path.segments.last().is_some_and(|part| self.hidden.contains(&text(&part.ident)))
    }

    /// Whether an implementation of a trait for a type needs a type or trait that others cannot reach.
    pub(super) fn hides_implementation(&self, of: &Path, subject: &Type) -> bool {
        let mut paths = Paths::default();
        paths.visit_path(of);
        paths.visit_type(subject);
        paths.0.into_iter().any(|path| self.hides(path))
    }

    /// Whether this is the name of a module of the crate.
    pub(super) fn is_module(&self, name: &str) -> bool {
        self.modules.contains(name)
    }
}

/// All paths in a piece of code, those in the arguments of others included.
#[derive(Default)]
struct Paths<'a>(Vec<&'a Path>);

impl<'a> Visit<'a> for Paths<'a> {
    fn visit_path(&mut self, path: &'a Path) {
        self.0.push(path);
        visit::visit_path(self, path);
    }
}

/// What the imports of a crate name.
#[derive(Default)]
struct Names {
    /// Each name on a path of a `pub use`, modules included.
    words: BTreeSet<String>,
    /// The last names of a `pub use`, and the modules of which everything is exported.
    whole: BTreeSet<String>,
    /// Each name that an import brings in, with the first name of its path and the last.
    brought: Vec<(String, String, String)>,
}

impl Names {
    fn of(sources: &[Source<'_>]) -> Self {
        let mut names = Self::default();
        sources.iter().for_each(|source| names.visit_file(&source.items));
        names
    }

    /// Names that an import may have given to something else than a type or trait of this crate that has this very name:
    /// those of other crates, and those that an import has changed. A glob of another crate may bring in any name.
    fn foreign(&self, modules: &BTreeSet<String>) -> BTreeSet<String> {
        let is_own = |first: &str| matches!(first, "crate" | "self" | "super") || modules.contains(first);
        let changed = self.brought.iter().filter(|(name, first, last)| name != last || !is_own(first));
        changed.map(|(name, _, _)| name.clone()).collect()
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        for import in imported(&item.tree) {
            let path: Vec<String> = import.path.iter().map(|part| part.trim_start_matches("r#").to_owned()).collect();
            let named = path.iter().rev().find(|part| *part != "*" && *part != "self").cloned();
            let (first, last) = (path.first().cloned().unwrap_or_default(), named.clone().unwrap_or_default());
            self.brought.push((import.name.trim_start_matches("r#").to_owned(), first, last));
            if is_public(&item.vis) {
                self.whole.extend(named);
                self.words.extend(path);
            }
        }
    }
}

/// What of a module others can reach, from nothing to all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// No item of it.
    None,
    /// What a `pub use` names.
    Named,
    /// All that is `pub` in it.
    All,
}

struct Walk<'a, 's> {
    sources: &'a [Source<'s>],
    names: Names,
    found: Vec<(&'a Source<'s>, &'a Item)>,
    /// Names of all types and traits of the crate; not of aliases, which stand for something else.
    types: BTreeSet<String>,
    /// Names of all modules of the crate.
    modules: BTreeSet<String>,
    /// Files that were looked at, and how far others reach into them.
    seen: BTreeMap<&'a str, Reach>,
}

impl<'a, 's> Walk<'a, 's> {
    fn file(&mut self, path: &str, reach: Reach) {
        let Some(source) = self.sources.iter().find(|source| source.path == path) else { return };
        // Two modules can be made of one file.
        if self.seen.get(source.path).is_some_and(|before| *before >= reach) {
            return;
        }
        self.seen.insert(source.path, reach);
        self.items(source, &source.items.items, folder_of(source.path), reach);
    }

    fn items(&mut self, source: &'a Source<'s>, items: &'a [Item], folder: &str, reach: Reach) {
        for item in items {
            if let Item::Mod(module) = item {
                self.module(source, module, item, folder, reach);
                continue;
            }
            if let Some((name, _)) = defined(item) {
                self.types.insert(text(name));
            }
            if self.is_exported(item, reach) {
                self.found.push((source, item));
            }
            self.inside(source, item);
        }
    }

    /// Looks for implementations in the body of an item: they hold for the whole crate.
    fn inside(&mut self, source: &'a Source<'s>, item: &'a Item) {
        let mut inside = Inside::default();
        visit::visit_item(&mut inside, item);
        for item in inside.0 {
            match item {
                Item::Impl(_) => self.found.push((source, item)),
                other => self.types.extend(defined(other).map(|(name, _)| text(name))),
            }
        }
    }

    fn is_exported(&self, item: &Item, reach: Reach) -> bool {
        let named = |name: &str| reach == Reach::All || self.names.whole.contains(name);
        match item {
            Item::Impl(_) => true,
            // What a macro makes has no name here, and a macro that is defined in one module can be used in another.
            Item::Macro(item) => reach != Reach::None || item.ident.is_some(),
            Item::Use(item) => is_public(&item.vis) && imported(&item.tree).iter().any(|import| named(&import.name)),
            other => name_and_visibility(other).is_some_and(|(name, seen)| is_public(seen) && named(&text(name))),
        }
    }

    fn module(&mut self, source: &'a Source<'s>, module: &'a syn::ItemMod, item: &'a Item, folder: &str, above: Reach) {
        let name = text(&module.ident);
        let reach = if (above == Reach::All && is_public(&module.vis)) || self.names.whole.contains(&name) {
            Reach::All
        } else if self.names.words.contains(&name) {
            Reach::Named
        } else {
            Reach::None
        };
        self.modules.insert(name.clone());
        match &module.content {
            Some((_, items)) => self.items(source, items, &format!("{folder}/{name}"), reach),
            None if has_path_attribute(&module.attrs) => {
                self.found.extend((reach != Reach::None).then_some((source, item)));
            }
            None => {
                self.file(&format!("{folder}/{name}.rs"), reach);
                self.file(&format!("{folder}/{name}/mod.rs"), reach);
            }
        }
    }
}

/// The items in the bodies of others.
#[derive(Default)]
struct Inside<'a>(Vec<&'a Item>);

impl<'a> Visit<'a> for Inside<'a> {
    fn visit_item(&mut self, item: &'a Item) {
        self.0.push(item);
        visit::visit_item(self, item);
    }
}

/// Whether an attribute says where a module's file is, which is then not where its name says.
fn has_path_attribute(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string();
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "path")
    })
}

/// Whether a macro is exported from the root of the crate, wherever it is defined.
pub(super) fn is_exported_macro(item: &syn::ItemMacro) -> bool {
    item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
}

/// The name of a type or trait that an item defines, and who sees it.
fn defined(item: &Item) -> Option<(&Ident, &Visibility)> {
    match item {
        Item::Struct(_) | Item::Enum(_) | Item::Union(_) | Item::Trait(_) => name_and_visibility(item),
        _ => None,
    }
}

fn name_and_visibility(item: &Item) -> Option<(&Ident, &Visibility)> {
    match item {
        Item::Struct(item) => Some((&item.ident, &item.vis)),
        Item::Enum(item) => Some((&item.ident, &item.vis)),
        Item::Union(item) => Some((&item.ident, &item.vis)),
        Item::Type(item) => Some((&item.ident, &item.vis)),
        Item::Trait(item) => Some((&item.ident, &item.vis)),
        Item::Fn(item) => Some((&item.sig.ident, &item.vis)),
        Item::Const(item) => Some((&item.ident, &item.vis)),
        Item::Static(item) => Some((&item.ident, &item.vis)),
        _ => None,
    }
}

/// A name without the `r#` of a raw one.
fn text(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
