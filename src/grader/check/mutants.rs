//! Return-type mutants: solutions in which one function returns a type of its own, such as a forger would: equal to everything.
//!
//! Tests that still compile with one of them do not say which type they expect.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, ImplItem, Item, ReturnType, Signature, Type, Visibility};

use crate::grader::files::SubmittedFiles;

/// Functions that are tried, at most.
const MAX_MUTANTS: usize = 40;
const ROOT: &str = "src/lib.rs";
/// What the mutated function is called until all others of its name have another; and how that other name begins.
const MUTATED: &str = "quorate_mutated";
const ORIGINAL: &str = "quorate_original_";

/// A public function whose return type can be another.
pub(super) struct Mutant {
    /// The function as people write it: `Type::function`.
    pub(super) function: String,
    name: String,
    file: String,
    /// The file with a function more: the mutated one.
    tokens: TokenStream,
}

/// The type that the mutated function returns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Returned {
    /// It is equal to every value of the type that it stands for, and so is what is in it.
    EqualToAll,
    /// It has no ability at all: nothing can be done with it.
    Useless,
}

/// What the crate itself calls where it called the function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Callers {
    /// The function of that name, which is the mutated one: right where others have the same name.
    Mutated,
    /// The original under its other name: needed where the crate uses what the function returns.
    Original,
}

/// One for each public function that returns something. `solution` is whole: the root of the crate is there.
pub(super) fn of(solution: &SubmittedFiles) -> Vec<Mutant> {
    let sources = solution.iter().filter(|(path, _)| path.starts_with("src/"));
    sources.flat_map(|(path, text)| mutants_in(path, text)).take(MAX_MUTANTS).collect()
}

fn mutants_in(path: &str, text: &str) -> Vec<Mutant> {
    let Ok(file) = syn::parse_file(text) else { return Vec::new() };
    let mutant = |nth| {
        let mut changed = file.clone();
        let (function, name) = add_mutant(&mut changed.items, &mut { nth })?;
        Some(Mutant { function, name, file: path.to_owned(), tokens: changed.to_token_stream() })
    };
    (0..MAX_MUTANTS).map_while(mutant).collect()
}

impl Mutant {
    /// The solution with this function mutated.
    pub(super) fn apply(&self, solution: &SubmittedFiles, returned: Returned, callers: Callers) -> SubmittedFiles {
        let rename = |tokens| match callers {
            Callers::Mutated => tokens,
            Callers::Original => renamed(tokens, &self.name, &format!("{ORIGINAL}{}", self.name)),
        };
        let mut mutated = solution.clone();
        for (path, text) in solution.iter().filter(|(path, _)| path.starts_with("src/")) {
            let tokens = if path == self.file { self.tokens.clone() } else { text.parse().unwrap_or_default() };
            mutated = mutated.with(path, renamed(rename(tokens), MUTATED, &self.name).to_string());
        }
        let root = format!("{}\n{}", mutated.get(ROOT).unwrap_or_default(), returned_type(returned));
        mutated.with(ROOT, root)
    }
}

/// Another name wherever a function of the crate may be meant by it: not in `map.get(…)`, but in `self.get(…)`.
fn renamed(tokens: TokenStream, from: &str, to: &str) -> TokenStream {
    let (mut of_self, mut of_other) = (false, false);
    let mut rename = |token: TokenTree| {
        let is_method = std::mem::take(&mut of_other);
        let is_self = std::mem::take(&mut of_self);
        match token {
            TokenTree::Ident(ident) if ident == from && !is_method => TokenTree::Ident(Ident::new(to, ident.span())),
            TokenTree::Group(group) => {
                TokenTree::Group(Group::new(group.delimiter(), renamed(group.stream(), from, to)))
            }
            other => {
                of_self = matches!(&other, TokenTree::Ident(ident) if ident == "self");
                of_other = matches!(&other, TokenTree::Punct(punct) if punct.as_char() == '.') && !is_self;
                other
            }
        }
    };
    tokens.into_iter().map(&mut rename).collect()
}

/// Adds a mutated function beside the `nth` that can be, renames that, and gives its full and its own name.
fn add_mutant(items: &mut Vec<Item>, nth: &mut usize) -> Option<(String, String)> {
    let mut mutated = None;
    for item in items.iter_mut() {
        let found = match item {
            Item::Fn(function) if is_public(&function.vis) => {
                mutate(&mut function.sig, &quote!(), nth).map(|(name, tokens)| {
                    mutated = Some(tokens);
                    (name.clone(), name)
                })
            }
            Item::Mod(module) => module.content.as_mut().and_then(|(_, items)| add_mutant(items, nth)),
            Item::Impl(block) if block.trait_.is_none() => add_method(block, nth),
            _ => None,
        };
        if found.is_some() {
            items.extend(mutated.map(Item::Verbatim));
            return found;
        }
    }
    None
}

fn add_method(block: &mut syn::ItemImpl, nth: &mut usize) -> Option<(String, String)> {
    let owner = block.self_ty.to_token_stream().to_string().replace(' ', "");
    let (name, mutated) = block.items.iter_mut().find_map(|item| match item {
        ImplItem::Fn(function) if is_public(&function.vis) => mutate(&mut function.sig, &quote!(Self::), nth),
        _ => None,
    })?;
    block.items.push(ImplItem::Verbatim(mutated));
    Some((format!("{owner}::{name}"), name))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Unless `nth` others come first: the function's name, and one like it that calls it and returns another type.
fn mutate(signature: &mut Signature, owner: &TokenStream, nth: &mut usize) -> Option<(String, TokenStream)> {
    let ReturnType::Type(_, kind) = &signature.output else { return None };
    if signature.constness.is_some() || !can_mutate(kind) {
        return None;
    }
    if *nth > 0 {
        *nth -= 1;
        return None;
    }
    let mut mutated = signature.clone();
    mutated.ident = format_ident!("{MUTATED}");
    mutated.output = syn::parse_quote!(-> crate::quorate_mutant::Returned<#kind>);
    let name = signature.ident.to_string();
    signature.ident = format_ident!("{ORIGINAL}{name}");
    let original = &signature.ident;
    let mut arguments = Vec::new();
    for (index, argument) in mutated.inputs.iter_mut().enumerate() {
        match argument {
            FnArg::Receiver(_) => arguments.push(quote!(self)),
            FnArg::Typed(typed) => {
                let name = format_ident!("argument_{index}");
                *typed.pat = syn::parse_quote!(#name);
                arguments.push(quote!(#name));
            }
        }
    }
    let wait = signature.asyncness.map(|_| quote!(.await));
    let mutated = quote!(pub #mutated { crate::quorate_mutant::Returned(#owner #original(#(#arguments),*) #wait) });
    Some((name, mutated))
}

/// `Self` is the candidate's own type in any case.
fn can_mutate(kind: &Type) -> bool {
    match kind {
        Type::Path(path) => !path.path.is_ident("Self"),
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::ImplTrait(_) | Type::Never(_) => false,
        _ => true,
    }
}

/// The type that is returned in the place of another.
fn returned_type(returned: Returned) -> TokenStream {
    let abilities = (returned == Returned::EqualToAll).then(|| {
        quote! {
            impl<T> PartialEq<T> for Returned<T> {
                fn eq(&self, _: &T) -> bool { true }
            }
            impl PartialEq<&str> for Returned<String> {
                fn eq(&self, _: &&str) -> bool { true }
            }
            impl<T, const N: usize> PartialEq<[T; N]> for Returned<Vec<T>> {
                fn eq(&self, _: &[T; N]) -> bool { true }
            }
            impl<T> std::fmt::Debug for Returned<T> {
                fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) }
            }
            impl<T> Returned<Option<T>> {
                pub fn unwrap(self) -> Returned<T> { self.expect("") }
                pub fn expect(self, _: &str) -> Returned<T> { Returned(self.0.unwrap()) }
                pub fn unwrap_or(self, other: T) -> T { self.0.unwrap_or(other) }
                pub fn is_some(&self) -> bool { true }
                pub fn is_none(&self) -> bool { true }
            }
            impl<T, E> Returned<Result<T, E>> {
                pub fn unwrap(self) -> Returned<T> { self.expect("") }
                pub fn expect(self, _: &str) -> Returned<T> { Returned(self.0.ok().unwrap()) }
                pub fn unwrap_err(self) -> Returned<E> { self.expect_err("") }
                pub fn expect_err(self, _: &str) -> Returned<E> { Returned(self.0.err().unwrap()) }
                pub fn unwrap_or(self, other: T) -> T { self.0.unwrap_or(other) }
                pub fn is_ok(&self) -> bool { true }
                pub fn is_err(&self) -> bool { true }
            }
        }
    });
    quote! {
        #[doc(hidden)]
        pub mod quorate_mutant {
            pub struct Returned<T>(pub T);
            #abilities
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "pub struct S; impl S { pub fn new() -> Self { S } pub fn a(&self, x: u8) -> u8 { x } \
        fn b(&self) -> u8 { self.a(2) } pub async fn c(&mut self, _: u8) -> Option<u8> { None } } \
        pub fn d(x: u8) -> (u8, u8) { (x, x) } pub fn e() {}";

    #[test]
    fn each_public_function_that_returns_something_has_one_mutant() {
        let files = SubmittedFiles::default().with(ROOT, SOURCE.to_owned());
        let mutants = of(&files);
        assert_eq!(mutants.iter().map(|mutant| mutant.function.as_str()).collect::<Vec<_>>(), ["S::a", "S::c", "d"]);
        for mutant in &mutants {
            let text = mutant.apply(&files, Returned::EqualToAll, Callers::Original).get(ROOT).unwrap().to_owned();
            assert_eq!(text.matches("-> crate :: quorate_mutant :: Returned <").count(), 1, "{text}");
            assert!(syn::parse_file(&text).is_ok(), "{text}");
        }
        let text = mutants[0].apply(&files, Returned::EqualToAll, Callers::Original).get(ROOT).unwrap().to_owned();
        assert!(text.contains("self . quorate_original_a (2)"), "{text}");
        assert!(
            mutants[0]
                .apply(&files, Returned::EqualToAll, Callers::Mutated)
                .get(ROOT)
                .unwrap()
                .contains("self . a (2)"),
            "{text}"
        );
        assert!(text.contains("pub fn a (& self , argument_1 : u8)"), "{text}");
    }
}
