//! Sources without what no test can depend on: the bodies of functions, private functions, comments, layout.
//!
//! What is left is called a skeleton: types, traits, constants, macros, and signatures with `loop {}` for a body, which has every type.
//! A private function stays where something that stays has a word like its name. A body stays where others depend on it: that of a
//! constant function, of an `async` one, of one that returns `impl Trait`, and of one that is given a closure, since nothing that a
//! closure does would be compiled if it was never called.
//!
//! Items are told apart by their words, without a parser, which a deeply nested source could overflow. Sources that aren't understood have
//! no skeleton. One that doesn't compile, because more depends on a body than this file knows, does no harm either: see [`super`].

use std::collections::{BTreeMap, BTreeSet};

use crate::lexer::{Kind, Token, tokens};

/// Attributes that only say what the compiler remarks on.
const LINTS: [&str; 5] = ["allow", "warn", "deny", "forbid", "expect"];
/// The body of every function whose own is left out.
const BODY: &str = "{ loop {} }";

/// The skeleton of each source, by its path; `None` if one of them isn't understood. Files in other formats stay as they are.
pub(super) fn skeleton(sources: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    let mut parts = BTreeMap::new();
    for (path, text) in sources.iter().filter(|(path, _)| path.ends_with(".rs")) {
        parts.insert(path, Scanner::scan(text)?);
    }
    let kept = parts.values().flatten().filter(|part| part.private.is_none());
    let words: BTreeSet<&str> = kept.flat_map(|part| &part.tokens).map(|token| token.text).collect();
    let stays = |part: &&Part<'_>| part.private.is_none_or(|name| words.contains(name));
    let written = |(path, text): (&String, &String)| {
        let parts = parts.get(path).map(|parts| parts.iter().filter(stays).map(|part| part.written(text)).collect());
        (path.clone(), parts.unwrap_or_else(|| text.clone()))
    };
    Some(sources.iter().map(written).collect())
}

/// An item, or a piece of one, as far as it stays.
struct Part<'s> {
    tokens: Vec<Token<'s>>,
    /// The name, if this is a function that only its own crate sees.
    private: Option<&'s str>,
    /// Whether a body follows that is left out.
    has_body: bool,
}

impl Part<'_> {
    fn written(&self, source: &str) -> String {
        let mut text = String::new();
        let mut end = None;
        for token in &self.tokens {
            if end.is_some_and(|end| end != token.at) {
                text.push(' ');
            }
            let word = token.written(source);
            text.push_str(word);
            end = Some(token.at + word.len());
        }
        text.push_str(if self.has_body { BODY } else { "" });
        text.push('\n');
        text
    }
}

/// Whether a function is compiled with code of its caller's, by its signature: what that code needs is compiled for the call alone.
fn calls_back(signature: &[Token<'_>]) -> bool {
    let pairs = signature.iter().zip(signature.iter().skip(1));
    pairs.into_iter().any(|(before, token)| before.text != "dyn" && matches!(token.text, "Fn" | "FnMut" | "FnOnce"))
}

/// Where an item stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a module, or in an `impl` of a type's own functions: what isn't `pub` is private.
    Own,
    /// In a trait or an implementation of one: everything is as public as the trait.
    Trait,
}

/// What stands in front of an item.
struct Attributes<'s> {
    /// The tokens of those that stay.
    tokens: Vec<Token<'s>>,
    is_for_tests: bool,
}

/// What stands before the word that says what an item is.
struct Head {
    /// Its first token, behind attributes.
    start: usize,
    is_public: bool,
    /// Whether others depend on the body, as with `const` and `async`.
    is_evaluated: bool,
}

/// Goes through the tokens of one source.
struct Scanner<'s> {
    tokens: Vec<Token<'s>>,
    at: usize,
    /// The modules and blocks that are open, innermost last: no recursion, which a source could make too deep.
    places: Vec<Place>,
    parts: Vec<Part<'s>>,
}

impl<'s> Scanner<'s> {
    fn scan(source: &'s str) -> Option<Vec<Part<'s>>> {
        let mut scanner = Self { tokens: tokens(source).collect(), at: 0, places: vec![Place::Own], parts: Vec::new() };
        while scanner.at < scanner.tokens.len() {
            if scanner.take("}") {
                scanner.places.pop();
                scanner.keep(Vec::new(), scanner.at - 1);
            } else {
                scanner.item()?;
            }
        }
        (scanner.places.len() == 1).then_some(scanner.parts)
    }

    /// Passes one item, or the beginning of one that holds others.
    fn item(&mut self) -> Option<()> {
        let place = *self.places.last()?;
        let attributes = self.attributes()?;
        if attributes.is_for_tests {
            return self.skip();
        }
        if self.at == self.tokens.len() || self.text(self.at) == Some("}") {
            return attributes.tokens.is_empty().then_some(());
        }
        let head = self.head()?;
        match self.text(self.at)? {
            "fn" => self.function(place, attributes, &head),
            "struct" | "enum" | "union" | "extern" => self.item_up_to(&[";", "{"], attributes, &head),
            "const" | "static" | "type" | "use" => self.item_up_to(&[";"], attributes, &head),
            "mod" | "trait" | "impl" => self.block(attributes, &head),
            _ => self.macro_call(attributes, &head),
        }
    }

    /// Passes attributes: keeps those of the block, and gives those of the item.
    fn attributes(&mut self) -> Option<Attributes<'s>> {
        let mut attributes = Attributes { tokens: Vec::new(), is_for_tests: false };
        while self.is("#") {
            let start = self.at;
            self.at += 1;
            let is_inner = self.take("!");
            let inside = self.at + 1;
            self.is("[").then_some(())?;
            self.step()?;
            let words = self.tokens.get(inside..self.at - 1)?.iter().map(|token| token.text);
            attributes.is_for_tests |= !is_inner && words.eq(["cfg", "(", "test", ")"]);
            if self.text(inside).is_some_and(|name| LINTS.contains(&name)) {
                continue;
            }
            if is_inner {
                self.keep(Vec::new(), start);
            } else {
                attributes.tokens.extend_from_slice(self.tokens.get(start..self.at)?);
            }
        }
        Some(attributes)
    }

    /// Passes an item of which nothing stays.
    fn skip(&mut self) -> Option<()> {
        while !self.is(";") && !self.is("{") {
            self.step()?;
        }
        self.step()?;
        self.take(";");
        Some(())
    }

    /// Passes the visibility and the words before the one that says what an item is.
    fn head(&mut self) -> Option<Head> {
        let mut head = Head { start: self.at, is_public: self.take("pub"), is_evaluated: false };
        if head.is_public && self.is("(") {
            self.step()?;
        }
        loop {
            let next = self.tokens.get(self.at + 1)?;
            match self.text(self.at)? {
                "const" | "async" if matches!(next.text, "fn" | "unsafe" | "async" | "extern") => {
                    head.is_evaluated = true;
                }
                "default" | "unsafe" | "safe" | "auto" if next.kind == Kind::Word => {}
                "extern" => {
                    let abi = usize::from(next.kind == Kind::Literal);
                    if self.text(self.at + 1 + abi) != Some("fn") {
                        return Some(head);
                    }
                    self.at += abi;
                }
                _ => return Some(head),
            }
            self.at += 1;
        }
    }

    /// A function, with or without its body.
    fn function(&mut self, place: Place, attributes: Attributes<'s>, head: &Head) -> Option<()> {
        let name = self.text(self.at + 1)?;
        let (mut returns, mut is_evaluated) = (false, head.is_evaluated);
        while !self.is(";") && !self.is("{") {
            returns |= self.is("-") && self.text(self.at + 1) == Some(">");
            is_evaluated |= returns && self.is("impl");
            self.step()?;
        }
        if is_evaluated || self.is(";") || calls_back(self.tokens.get(head.start..self.at)?) {
            self.step()?;
            self.keep(attributes.tokens, head.start);
            return Some(());
        }
        let mut tokens = attributes.tokens;
        tokens.extend_from_slice(self.tokens.get(head.start..self.at)?);
        let is_private = place == Place::Own && !head.is_public;
        self.parts.push(Part { tokens, private: is_private.then_some(name), has_body: true });
        self.step()
    }

    /// An item that stays as it is, to the first of the signs that can end it.
    fn item_up_to(&mut self, ends: &[&str], attributes: Attributes<'s>, head: &Head) -> Option<()> {
        while !ends.contains(&self.text(self.at)?) {
            self.step()?;
        }
        self.step()?;
        self.keep(attributes.tokens, head.start);
        Some(())
    }

    /// The beginning of an item that holds others.
    fn block(&mut self, attributes: Attributes<'s>, head: &Head) -> Option<()> {
        let mut place = if self.is("trait") { Place::Trait } else { Place::Own };
        while !self.is(";") && !self.is("{") {
            if self.is("for") {
                place = Place::Trait;
            }
            self.step()?;
        }
        if self.is("{") {
            self.places.push(place);
        }
        self.at += 1;
        self.keep(attributes.tokens, head.start);
        Some(())
    }

    /// `macro_rules!`, or a call of a macro: both stay as they are.
    fn macro_call(&mut self, attributes: Attributes<'s>, head: &Head) -> Option<()> {
        while !self.take("!") {
            let is_path = self.tokens.get(self.at)?.kind == Kind::Word || self.is(":");
            is_path.then_some(())?;
            self.at += 1;
        }
        if self.tokens.get(self.at)?.kind == Kind::Word {
            self.at += 1;
        }
        let is_block = self.is("{");
        (is_block || self.is("(") || self.is("[")).then_some(())?;
        self.step()?;
        (self.take(";") || is_block).then_some(())?;
        self.keep(attributes.tokens, head.start);
        Some(())
    }

    /// Keeps what stands between a token and where the scanner is, behind attributes.
    fn keep(&mut self, attributes: Vec<Token<'s>>, start: usize) {
        let mut tokens = attributes;
        tokens.extend_from_slice(self.tokens.get(start..self.at).unwrap_or_default());
        self.parts.push(Part { tokens, private: None, has_body: false });
    }

    fn text(&self, at: usize) -> Option<&'s str> {
        self.tokens.get(at).map(|token| token.text)
    }

    fn is(&self, text: &str) -> bool {
        self.text(self.at) == Some(text)
    }

    fn take(&mut self, text: &str) -> bool {
        let is = self.is(text);
        self.at += usize::from(is);
        is
    }

    /// Passes one token, or a bracket with all that it holds.
    fn step(&mut self) -> Option<()> {
        let mut depth = 0_u32;
        loop {
            match self.text(self.at)? {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> Option<String> {
        let sources = BTreeMap::from([("src/lib.rs".to_owned(), source.to_owned())]);
        skeleton(&sources)?.remove("src/lib.rs").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn bodies_comments_and_what_is_private_go() {
        let source = r#"
            //! What this crate is.
            #![deny(missing_docs)] #![no_std]
            use std::{fmt, io}; // why
            /// What this type is.
            #[derive(Debug)] pub struct Clock<'a> { r#in: &'a str, }
            #[allow(dead_code)] impl Clock<'_> {
                #[must_use] pub fn tick(&mut self) -> u8 { helper("}") }
                fn unseen(&self) {}
                pub(crate) const fn size() -> usize { 1 }
            }
            impl fmt::Display for Clock<'_> { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{{") } }
            trait T { const N: u8 = { 1 }; type A; fn a(&self); fn b(&self) {} }
            fn helper(_: &str) -> u8 { 1 }
            fn named() -> u8 { 2 }
            static S: fn() -> u8 = named;
            #[cfg(test)] mod tests { use super::*; #[test] fn t() {} }
            #[cfg(test)] use std::{a, b};
        "#;
        let expected = "#![no_std] use std::{fmt, io}; #[derive(Debug)] pub struct Clock<'a> { r#in: &'a str, } impl Clock<'_> { \
            #[must_use] pub fn tick(&mut self) -> u8{ loop {} } pub(crate) const fn size() -> usize { 1 } } \
            impl fmt::Display for Clock<'_> { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result{ loop {} } } \
            trait T { const N: u8 = { 1 }; type A; fn a(&self); fn b(&self){ loop {} } } \
            fn named() -> u8{ loop {} } static S: fn() -> u8 = named;";
        assert_eq!(of(source).as_deref(), Some(expected));
    }

    #[test]
    fn bodies_stay_that_others_depend_on() {
        for kept in [
            "pub async fn f() { 1 + 1; }",
            "pub fn f<F: Fn() -> u8>(f: F) -> Option<impl Fn() -> u8> { Some(f) }",
            "const unsafe fn f() -> u8 { 1 }",
            "pub fn f(x: impl Fn() -> u8) -> u8 { x() }",
            "pub fn f<F>(x: F) where F: FnOnce() { x() }",
            "extern \"C\" { fn f(); }",
            "extern crate alloc;",
            "unsafe extern \"C\" { fn f(); }",
            "macro_rules! m { ($a:ident) => { fn $a() { 1 } } }",
            "std::thread_local! { static A: u8 = { 1 }; }",
            "m!(a { b });",
            "mod a;",
            "pub mod a { pub union U { a: u8 } }",
            "const _: () = { assert!(1 == 1); };",
            "pub type A = [u8; { 1 }];",
        ] {
            assert_eq!(of(kept).as_deref(), Some(kept));
        }
        assert_eq!(
            of("pub fn f(x: &dyn Fn() -> u8) -> u8 { x() }").unwrap(),
            "pub fn f(x: &dyn Fn() -> u8) -> u8{ loop {} }"
        );
        assert_eq!(of("pub extern \"C\" fn f() {}").unwrap(), "pub extern \"C\" fn f(){ loop {} }");
    }

    #[test]
    fn what_is_not_understood_has_no_skeleton() {
        for source in
            ["fn f(", "}", "mod a {", "1", "fn f() -> A<{ 1 }> { a }", "#!/bin/sh\nfn f() {}", "#[a]", ";", "fn"]
        {
            assert_eq!(of(source), None, "{source}");
        }
    }

    #[test]
    fn a_skeleton_is_its_own() {
        let starter = |name: &str| std::fs::read_to_string(format!("graders/{name}/starter/src/lib.rs")).unwrap();
        for name in ["vector-clock", "traced-handler", "retry-storm", "lost-update-cart", "idempotent-ledger"] {
            let once = of(&starter(name)).unwrap();
            assert_eq!(of(&once).unwrap(), once, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_is_scanned(source in "([a-z{}();#!\\[\\]<>:' ]|fn|impl|pub|mod|const|extern){0,60}") {
            of(&source);
        }
    }
}
