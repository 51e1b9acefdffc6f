//! Solutions in which one function returns a type of its own, such as a forger would: equal to everything.
//!
//! Tests that still compile with one of them do not say which type they expect.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, ImplItem, Item, ReturnType, Signature, Type, Visibility};

use crate::grader::files::SubmittedFiles;

/// Functions that are tried, at most.
const MAX_LIES: usize = 40;
const ROOT: &str = "src/lib.rs";
/// What a function is called that lies until all others of its name have another; and how that begins.
const LYING: &str = "quorate_lying";
const HONEST: &str = "quorate_honest_";

/// A public function that can be made to lie.
pub(super) struct Lie {
    /// `Type::function`.
    pub(super) function: String,
    name: String,
    file: String,
    /// The file with a function more: one that lies.
    tokens: TokenStream,
}

/// One for each public function that returns something. `solution` is whole: the root of the crate is there.
pub(super) fn lies(solution: &SubmittedFiles) -> Vec<Lie> {
    let sources = solution.iter().filter(|(path, _)| path.starts_with("src/"));
    sources.flat_map(|(path, text)| lies_of(path, text)).take(MAX_LIES).collect()
}

fn lies_of(path: &str, text: &str) -> Vec<Lie> {
    let Ok(file) = syn::parse_file(text) else { return Vec::new() };
    let lie = |nth| {
        let mut changed = file.clone();
        let (function, name) = add_lie(&mut changed.items, &mut { nth })?;
        Some(Lie { function, name, file: path.to_owned(), tokens: changed.to_token_stream() })
    };
    (0..MAX_LIES).map_while(lie).collect()
}

impl Lie {
    /// The solution with this lie in it. What is returned is equal to everything, or good for nothing. If `apart`, the crate itself goes on calling the honest function: needed where it
    /// does so, and in the way where others have the same name.
    pub(super) fn told(&self, solution: &SubmittedFiles, equal: bool, apart: bool) -> SubmittedFiles {
        let rename =
            |tokens| if apart { renamed(tokens, &self.name, &format!("{HONEST}{}", self.name)) } else { tokens };
        let mut told = solution.clone();
        for (path, text) in solution.iter().filter(|(path, _)| path.starts_with("src/")) {
            let tokens = if path == self.file { self.tokens.clone() } else { text.parse().unwrap_or_default() };
            told = told.with(path, renamed(rename(tokens), LYING, &self.name).to_string());
        }
        let root = format!("{}\n{}", told.get(ROOT).unwrap_or_default(), liar(equal));
        told.with(ROOT, root)
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

/// Adds a lie beside the `nth` function that can lie, renames that, and gives its full and its own name.
fn add_lie(items: &mut Vec<Item>, nth: &mut usize) -> Option<(String, String)> {
    let mut lying = None;
    for item in items.iter_mut() {
        let found = match item {
            Item::Fn(function) if is_public(&function.vis) => {
                lie(&mut function.sig, &quote!(), nth).map(|(name, tokens)| {
                    lying = Some(tokens);
                    (name.clone(), name)
                })
            }
            Item::Mod(module) => module.content.as_mut().and_then(|(_, items)| add_lie(items, nth)),
            Item::Impl(block) if block.trait_.is_none() => add_method(block, nth),
            _ => None,
        };
        if found.is_some() {
            items.extend(lying.map(Item::Verbatim));
            return found;
        }
    }
    None
}

fn add_method(block: &mut syn::ItemImpl, nth: &mut usize) -> Option<(String, String)> {
    let owner = block.self_ty.to_token_stream().to_string().replace(' ', "");
    let (name, lying) = block.items.iter_mut().find_map(|item| match item {
        ImplItem::Fn(function) if is_public(&function.vis) => lie(&mut function.sig, &quote!(Self::), nth),
        _ => None,
    })?;
    block.items.push(ImplItem::Verbatim(lying));
    Some((format!("{owner}::{name}"), name))
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Unless `nth` others come first: the function's name, and one like it that asks it and answers with a lie.
fn lie(signature: &mut Signature, owner: &TokenStream, nth: &mut usize) -> Option<(String, TokenStream)> {
    let ReturnType::Type(_, kind) = &signature.output else { return None };
    if signature.constness.is_some() || !can_lie(kind) {
        return None;
    }
    if *nth > 0 {
        *nth -= 1;
        return None;
    }
    let mut lying = signature.clone();
    lying.ident = format_ident!("{LYING}");
    lying.output = syn::parse_quote!(-> crate::quorate_liar::Liar<#kind>);
    let name = signature.ident.to_string();
    signature.ident = format_ident!("{HONEST}{name}");
    let honest = &signature.ident;
    let mut arguments = Vec::new();
    for (index, argument) in lying.inputs.iter_mut().enumerate() {
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
    let lying = quote!(pub #lying { crate::quorate_liar::Liar(#owner #honest(#(#arguments),*) #wait) });
    Some((name, lying))
}

/// `Self` is the candidate's own type in any case.
fn can_lie(kind: &Type) -> bool {
    match kind {
        Type::Path(path) => !path.path.is_ident("Self"),
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::ImplTrait(_) | Type::Never(_) => false,
        _ => true,
    }
}

/// The type that is returned: if it is `equal`, to every value of the type that it stands for, and so is what is in it.
fn liar(equal: bool) -> TokenStream {
    let abilities = equal.then(|| {
        quote! {
            impl<T> PartialEq<T> for Liar<T> {
                fn eq(&self, _: &T) -> bool { true }
            }
            impl PartialEq<&str> for Liar<String> {
                fn eq(&self, _: &&str) -> bool { true }
            }
            impl<T, const N: usize> PartialEq<[T; N]> for Liar<Vec<T>> {
                fn eq(&self, _: &[T; N]) -> bool { true }
            }
            impl<T> std::fmt::Debug for Liar<T> {
                fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) }
            }
            impl<T> Liar<Option<T>> {
                pub fn unwrap(self) -> Liar<T> { self.expect("") }
                pub fn expect(self, _: &str) -> Liar<T> { Liar(self.0.unwrap()) }
                pub fn unwrap_or(self, other: T) -> T { self.0.unwrap_or(other) }
                pub fn is_some(&self) -> bool { true }
                pub fn is_none(&self) -> bool { true }
            }
            impl<T, E> Liar<Result<T, E>> {
                pub fn unwrap(self) -> Liar<T> { self.expect("") }
                pub fn expect(self, _: &str) -> Liar<T> { Liar(self.0.ok().unwrap()) }
                pub fn unwrap_err(self) -> Liar<E> { self.expect_err("") }
                pub fn expect_err(self, _: &str) -> Liar<E> { Liar(self.0.err().unwrap()) }
                pub fn unwrap_or(self, other: T) -> T { self.0.unwrap_or(other) }
                pub fn is_ok(&self) -> bool { true }
                pub fn is_err(&self) -> bool { true }
            }
        }
    });
    quote! {
        #[doc(hidden)]
        pub mod quorate_liar {
            pub struct Liar<T>(pub T);
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
    fn each_public_function_that_returns_something_lies_once() {
        let files = SubmittedFiles::default().with(ROOT, SOURCE.to_owned());
        let lies = lies(&files);
        assert_eq!(lies.iter().map(|lie| lie.function.as_str()).collect::<Vec<_>>(), ["S::a", "S::c", "d"]);
        for lie in &lies {
            let text = lie.told(&files, true, true).get(ROOT).unwrap().to_owned();
            assert_eq!(text.matches("-> crate :: quorate_liar :: Liar <").count(), 1, "{text}");
            assert!(syn::parse_file(&text).is_ok(), "{text}");
        }
        let text = lies[0].told(&files, true, true).get(ROOT).unwrap().to_owned();
        assert!(text.contains("self . quorate_honest_a (2)"), "{text}");
        assert!(lies[0].told(&files, true, false).get(ROOT).unwrap().contains("self . a (2)"), "{text}");
        assert!(text.contains("pub fn a (& self , argument_1 : u8)"), "{text}");
    }
}
