//! What a crate offers to others, as text that can be compared.
//!
//! Compared is what others can reach ([`Exported`]). Bodies, private fields, attributes but `derive`, and the names of arguments
//! do not count. A macro that may make something public counts as it is written.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Fields, FnArg, ImplItem, Item, Signature, TraitItem};

use super::exported::{Exported, is_exported_macro, is_public};
use super::normal::{self, imported};
use super::source::{Finding, Source};

/// What is no longer as in the starter, and what is new.
pub(super) fn findings(starter: &[Source<'_>], sources: &[Source<'_>]) -> Vec<Finding> {
    let (before, after) = (offers(starter), offers(sources));
    let gone = before.iter().filter(|(offer, _)| !after.contains_key(*offer)).map(|(offer, (file, _))| Finding {
        file: file.clone(),
        line: 0,
        what: format!("no longer offers `{offer}`"),
    });
    let new = after.iter().filter(|(offer, _)| !before.contains_key(*offer)).map(|(offer, (file, line))| Finding {
        file: file.clone(),
        line: *line,
        what: format!("offers `{offer}`, which the starter does not"),
    });
    gone.chain(new).collect()
}

type Offers = BTreeMap<String, (String, usize)>;

/// Each public item of a crate, with its file and line.
fn offers(sources: &[Source<'_>]) -> Offers {
    let mut offers = Offers::new();
    let exported = Exported::of(sources);
    for &(source, item) in &exported.items {
        Comparison { source, exported: &exported, offers: &mut offers }.item(item);
    }
    offers
}

struct Comparison<'a, 's> {
    source: &'a Source<'s>,
    exported: &'a Exported<'a, 's>,
    offers: &'a mut Offers,
}

impl Comparison<'_, '_> {
    fn add(&mut self, offer: impl ToTokens, span: Span) {
        let place = (self.source.path.to_owned(), span.start().line);
        self.offers.insert(normal::text(offer), place);
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Impl(block) => self.implementation(block),
            Item::Mod(module) => self.add(module, module.ident.span()),
            Item::Fn(function) => self.signature("", &function.sig),
            Item::Struct(item) => {
                let mut item = item.clone();
                let span = item.ident.span();
                self.derives(&item.ident, &item.attrs);
                item.attrs.clear();
                keep_public(&mut item.fields);
                self.add(item, span);
            }
            Item::Enum(item) => {
                let mut item = item.clone();
                let span = item.ident.span();
                self.derives(&item.ident, &item.attrs);
                item.attrs.clear();
                item.variants.iter_mut().for_each(|variant| variant.attrs.clear());
                self.add(item, span);
            }
            Item::Trait(item) => self.interface(item),
            Item::Type(item) => {
                let mut item = item.clone();
                let span = item.ident.span();
                item.attrs.clear();
                self.add(item, span);
            }
            Item::Const(item) => {
                let (name, kind) = (&item.ident, &item.ty);
                self.add(quote::quote!(pub const #name: #kind), item.ident.span());
            }
            Item::Static(item) => {
                let (name, kind) = (&item.ident, &item.ty);
                self.add(quote::quote!(pub static #name: #kind), item.ident.span());
            }
            Item::Use(item) => {
                imported(&item.tree).iter().for_each(|name| self.re_export(name, item.use_token.span));
            }
            Item::Macro(item) if is_exported_macro(item) => {
                let name = &item.ident;
                let span = item.mac.bang_token.span;
                self.add(quote::quote!(macro_rules! #name), span);
            }
            Item::Macro(item) if hides_public_items(item) => self.add(&item.mac, item.mac.bang_token.span),
            _ => {}
        }
    }

    /// Each derived trait is an offer of its own, in whatever order they are written. One with a condition counts as it is
    /// written.
    fn derives(&mut self, name: &syn::Ident, attributes: &[syn::Attribute]) {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg_attr")) {
            let text = attribute.to_token_stream().to_string();
            if text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "derive") {
                self.add(quote::quote!(#attribute for #name), name.span());
            }
        }
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let paths = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
            for derived in attribute.parse_args_with(paths).into_iter().flatten() {
                self.add(quote::quote!(derive #derived for #name), name.span());
            }
        }
    }

    /// A name that is offered. Through which of the crate's own modules it comes doesn't matter: what it stands for is
    /// compared where it is defined.
    fn re_export(&mut self, import: &normal::Imported, span: Span) {
        let first = import.path.first().map(String::as_str).unwrap_or_default();
        let own = matches!(first, "crate" | "self" | "super") || self.exported.is_module(first);
        let last = import.path.last().map(String::as_str).unwrap_or_default();
        let text = match (own && last != "*", last == import.name) {
            (true, true) => format!("pub use {last}"),
            (true, false) => format!("pub use {last} as {}", import.name),
            (false, _) => format!("pub use {}", import.text()),
        };
        let place = (self.source.path.to_owned(), span.start().line);
        self.offers.insert(text, place);
    }

    fn signature(&mut self, owner: &str, signature: &Signature) {
        let span = signature.ident.span();
        let mut signature = signature.clone();
        // `_: u8` in the place of `count: u8`: a caller does not see the difference.
        for argument in &mut signature.inputs {
            if let FnArg::Typed(typed) = argument {
                typed.attrs.clear();
                *typed.pat = syn::parse_quote!(_);
            }
        }
        let place = (self.source.path.to_owned(), span.start().line);
        let owner = if owner.is_empty() { String::new() } else { format!("{owner} :: ") };
        self.offers.insert(format!("{owner}pub {}", normal::text(signature)), place);
    }

    fn interface(&mut self, item: &syn::ItemTrait) {
        let (name, generics, above) = (&item.ident, &item.generics, &item.supertraits);
        self.add(quote::quote!(pub trait #name #generics: #above), item.ident.span());
        let owner = format!("trait {name}");
        for inner in &item.items {
            match inner {
                TraitItem::Fn(function) => self.signature(&owner, &function.sig),
                TraitItem::Type(kind) => self.add(quote::quote!(trait #name #kind), kind.ident.span()),
                TraitItem::Const(value) => self.add(quote::quote!(trait #name #value), value.ident.span()),
                _ => {}
            }
        }
    }

    /// Of an inherent block its public functions and constants; of a trait for a type that it is there. What others cannot
    /// reach has none of this.
    fn implementation(&mut self, block: &syn::ItemImpl) {
        let (kind, generics) = (&block.self_ty, &block.generics);
        if let Some((path, _)) = &block.trait_ {
            if self.exported.hides_implementation(path, kind) {
                return;
            }
            let condition = &generics.where_clause;
            return self.add(quote::quote!(impl #generics #path for #kind #condition), block.impl_token.span);
        }
        if matches!(kind.as_ref(), syn::Type::Path(subject) if self.exported.hides(&subject.path)) {
            return;
        }
        let owner = kind.to_token_stream().to_string();
        for item in &block.items {
            match item {
                ImplItem::Fn(function) if is_public(&function.vis) => self.signature(&owner, &function.sig),
                ImplItem::Const(value) if is_public(&value.vis) => {
                    let (name, of) = (&value.ident, &value.ty);
                    self.add(quote::quote!(impl #kind pub const #name: #of), value.ident.span());
                }
                _ => {}
            }
        }
    }
}

/// What a macro makes is not seen. One that says `pub`, and one that includes a file, is compared as it stands.
fn hides_public_items(item: &syn::ItemMacro) -> bool {
    item.mac.path.is_ident("include") || says_public(&item.mac.tokens)
}

/// `pub`, and not `pub(crate)`.
fn says_public(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Ident(ident) if ident == "pub" => !matches!(tokens.peek(),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis),
            TokenTree::Group(group) => says_public(&group.stream()),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Which private fields there are doesn't matter, only whether there are some.
fn keep_public(fields: &mut Fields) {
    let keep = |fields: &mut syn::punctuated::Punctuated<syn::Field, syn::Token![,]>| {
        let public = std::mem::take(fields).into_iter().filter(|field| is_public(&field.vis));
        *fields = public.map(|field| syn::Field { attrs: Vec::new(), ..field }).collect();
    };
    match fields {
        Fields::Named(named) => keep(&mut named.named),
        Fields::Unnamed(unnamed) => keep(&mut unnamed.unnamed),
        Fields::Unit => {}
    }
}
