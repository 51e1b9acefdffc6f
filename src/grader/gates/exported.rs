//! Which items of a crate others can reach.
//!
//! An item is exported if it is `pub` in the root or in a `pub` module of one, or if a `pub use` names it, its module or
//! everything in its module. Names are compared without their modules: where two items have the same name, both count when
//! one of them is exported, so nothing that others can reach is missed.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{Ident, Item, Visibility};

use super::normal::imported;
use super::reach::folder_of;
use super::source::Source;

/// The part of a crate that others can reach.
pub(super) struct Exported<'a, 's> {
    /// The exported items, and the implementations in all modules, each with the file that it is in.
    pub(super) items: Vec<(&'a Source<'s>, &'a Item)>,
    /// Names of the crate's types and traits that others cannot reach.
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
            seen: Vec::new(),
        };
        walk.file("src/lib.rs", Reach::All);
        let offered: BTreeSet<String> =
            walk.found.iter().filter_map(|(_, item)| defined(item)).map(|(name, _)| name.to_string()).collect();
        let hidden = walk.types.difference(&offered).cloned().collect();
        Self { items: walk.found, hidden, modules: walk.modules }
    }

    /// Whether this is the name of a type or trait of the crate that others cannot reach.
    pub(super) fn hides(&self, name: &Ident) -> bool {
        self.hidden.contains(&name.to_string())
    }

    /// Whether this is the name of a module of the crate.
    pub(super) fn is_module(&self, name: &str) -> bool {
        self.modules.contains(name)
    }
}

/// What the `pub use` of a crate name.
struct Names {
    /// Each name on a path, modules included.
    words: BTreeSet<String>,
    /// The last names, and the modules of which everything is exported.
    whole: BTreeSet<String>,
}

impl Names {
    fn of(sources: &[Source<'_>]) -> Self {
        let mut names = Self { words: BTreeSet::new(), whole: BTreeSet::new() };
        sources.iter().for_each(|source| names.look(&source.items.items));
        names
    }

    fn look(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) if is_public(&item.vis) => {
                    for import in imported(&item.tree) {
                        let named = import.path.iter().rev().find(|part| *part != "*" && *part != "self");
                        self.whole.extend(named.cloned());
                        self.words.extend(import.path);
                    }
                }
                Item::Mod(module) => module.content.iter().for_each(|(_, items)| self.look(items)),
                _ => {}
            }
        }
    }
}

/// What of a module others can reach.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// All that is `pub` in it.
    All,
    /// What a `pub use` names.
    Named,
    /// No item of it.
    None,
}

struct Walk<'a, 's> {
    sources: &'a [Source<'s>],
    names: Names,
    found: Vec<(&'a Source<'s>, &'a Item)>,
    /// Names of all types and traits of the crate.
    types: BTreeSet<String>,
    /// Names of all modules of the crate.
    modules: BTreeSet<String>,
    /// Files that were looked at.
    seen: Vec<&'a str>,
}

impl<'a, 's> Walk<'a, 's> {
    fn file(&mut self, path: &str, reach: Reach) {
        let Some(source) = self.sources.iter().find(|source| source.path == path) else { return };
        if self.seen.contains(&source.path) {
            return;
        }
        self.seen.push(source.path);
        self.items(source, &source.items.items, folder_of(source.path), reach);
    }

    fn items(&mut self, source: &'a Source<'s>, items: &'a [Item], folder: &str, reach: Reach) {
        for item in items {
            if let Some((name, _)) = defined(item) {
                self.types.insert(name.to_string());
            }
            if let Item::Mod(module) = item {
                self.module(source, module, item, folder, reach);
            } else if self.is_exported(item, reach) {
                self.found.push((source, item));
            }
        }
    }

    fn is_exported(&self, item: &Item, reach: Reach) -> bool {
        let named = |name: &str| reach == Reach::All || self.names.whole.contains(name);
        match item {
            Item::Impl(_) => true,
            // What a macro makes has no name here.
            Item::Macro(item) => reach != Reach::None || is_exported_macro(item),
            Item::Use(item) => is_public(&item.vis) && imported(&item.tree).iter().any(|import| named(&import.name)),
            other => name_and_visibility(other).is_some_and(|(name, seen)| is_public(seen) && named(&name.to_string())),
        }
    }

    fn module(&mut self, source: &'a Source<'s>, module: &'a syn::ItemMod, item: &'a Item, folder: &str, above: Reach) {
        let name = module.ident.to_string();
        let name = name.trim_start_matches("r#");
        self.modules.insert(name.to_owned());
        let reach = if (above == Reach::All && is_public(&module.vis)) || self.names.whole.contains(name) {
            Reach::All
        } else if self.names.words.contains(name) {
            Reach::Named
        } else {
            Reach::None
        };
        match &module.content {
            Some((_, items)) => self.items(source, items, &format!("{folder}/{name}"), reach),
            None if path_attribute(&module.attrs).is_some() => {
                self.found.extend((reach != Reach::None).then_some((source, item)));
            }
            None => {
                self.file(&format!("{folder}/{name}.rs"), reach);
                self.file(&format!("{folder}/{name}/mod.rs"), reach);
            }
        }
    }
}

/// An attribute that says where a module's file is, which is then not where its name says.
fn path_attribute(attributes: &[syn::Attribute]) -> Option<&syn::Attribute> {
    attributes.iter().find(|attribute| {
        let text = attribute.to_token_stream().to_string();
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "path")
    })
}

/// Whether a macro is exported from the root of the crate, wherever it is defined.
pub(super) fn is_exported_macro(item: &syn::ItemMacro) -> bool {
    item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"))
}

/// The name of a type or trait, and who sees it.
fn defined(item: &Item) -> Option<(&Ident, &Visibility)> {
    match item {
        Item::Struct(_) | Item::Enum(_) | Item::Union(_) | Item::Type(_) | Item::Trait(_) => name_and_visibility(item),
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

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
