//! Rust as symbols: what stays when names, literals, comments, layout and imports are changed.
//!
//! Left out: comments, attributes, `use` lines, visibility, lifetimes, paths of modules in front of a name, and commas and
//! semicolons before a closing bracket, which are a matter of layout. `use` lines and attributes say little about who wrote a
//! program, since a tool writes them; and a copy can have others.
//!
//! Folded to one symbol each: literals, and names that the author chose ([`super::names`]). A sign of several characters is one symbol.

use std::collections::BTreeSet;
use std::ops::Range;

use super::names::{Names, is_primitive};
use super::symbol::{Piece, Symbol};
use crate::lexer::{Kind, Token, tokens};

const NAME: &str = "a name";
const LITERAL: &str = "a literal";

/// Words that have a meaning of their own, in the editions up to 2024, beside `Self`, `true` and `false`.
const KEYWORDS: [&str; 38] = [
    "as",
    "async",
    "await",
    "break",
    "const",
    "continue",
    "crate",
    "dyn",
    "else",
    "enum",
    "extern",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro_rules",
    "match",
    "mod",
    "move",
    "mut",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "try",
    "type",
    "union",
    "unsafe",
    "use",
    "where",
    "while",
    "yield",
];

/// Signs that mean something else together. `<<` and `>>` are left out: they also stand in types.
const JOINED: [&str; 19] = [
    "..=", "...", "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "^=", "|=", "..",
];

/// The pieces of each file of a program. What was given to everybody has the item names `given`.
pub(super) fn pieces(files: &[&str], given: &BTreeSet<String>) -> Vec<Vec<Piece>> {
    let all_tokens: Vec<_> = files.iter().map(|text| without_attributes(lexed(text))).collect();
    let mut names = Names::default();
    for tokens in &all_tokens {
        names.add(tokens);
    }
    let folded = |(source, tokens)| Folding { source, tokens: &code(tokens), names: &names, given }.pieces();
    files.iter().copied().zip(all_tokens).map(folded).collect()
}

/// The names of the items that some files declare.
pub(super) fn item_names(files: &[&str]) -> BTreeSet<String> {
    let mut names = Names::default();
    for text in files {
        names.add(&without_attributes(lexed(text)));
    }
    names.items().map(str::to_owned).collect()
}

/// The tokens of a file. A raw name that would be a keyword without its `r#` keeps that: it's a name.
fn lexed(source: &str) -> Vec<Token<'_>> {
    let is_keyword = |token: Token<'_>| token.text == "pub" || KEYWORDS.contains(&token.text);
    let told_apart = |token| if is_keyword(token) { Token { text: token.written(source), ..token } } else { token };
    tokens(source).map(told_apart).collect()
}

fn without_attributes(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        let body = match after {
            [bang, bracket, ..] if bang.text == "!" && bracket.text == "[" => after.get(1..),
            [bracket, ..] if bracket.text == "[" => Some(after),
            _ => None,
        };
        match body.filter(|_| token.text == "#") {
            Some(body) => rest = behind_brackets(body),
            None => {
                kept.push(*token);
                rest = after;
            }
        }
    }
    kept
}

/// What follows the bracket that the first one opens; nothing if it is never closed.
fn behind_brackets<'a, 't>(tokens: &'a [Token<'t>]) -> &'a [Token<'t>] {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return tokens.get(at + 1..).unwrap_or_default();
        }
    }
    &[]
}

/// Without imports, visibility, lifetimes, and the modules in front of names.
fn code(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = match (token.text, after) {
            ("use", [next, ..]) if next.text != "<" => behind(after, ";"),
            ("pub", [open, place, ..])
                if open.text == "(" && matches!(place.text, "crate" | "super" | "self" | "in") =>
            {
                behind_brackets(after)
            }
            ("pub", _) => after,
            (lifetime, _) if token.kind == Kind::Word && lifetime.starts_with('\'') => after,
            (module, [first, second, name, ..])
                if is_module(module) && first.text == ":" && second.text == ":" && name.kind == Kind::Word =>
            {
                after.get(2..).unwrap_or_default()
            }
            _ => {
                kept.push(*token);
                after
            }
        };
    }
    kept
}

fn behind<'a, 't>(tokens: &'a [Token<'t>], end: &str) -> &'a [Token<'t>] {
    let end = tokens.iter().position(|token| token.text == end).map_or(tokens.len(), |at| at + 1);
    tokens.get(end..).unwrap_or_default()
}

/// Whether a word in front of `::` is a module by its spelling. `u64::MAX` isn't one.
fn is_module(word: &str) -> bool {
    word.starts_with(|first: char| first.is_lowercase()) && !is_primitive(word)
}

/// A file that is being folded.
struct Folding<'f, 't> {
    source: &'t str,
    tokens: &'f [Token<'t>],
    names: &'f Names<'t>,
    given: &'f BTreeSet<String>,
}

impl Folding<'_, '_> {
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::with_capacity(self.tokens.len());
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            let count = if token.kind == Kind::Sign { self.joined(*token) } else { 1 };
            if !self.is_layout(at) {
                let length = if count > 1 { count } else { token.written(self.source).len() };
                let bytes = token.at..token.at + length;
                pieces.push(Piece { symbol: self.symbol(at, *token, &bytes), bytes });
            }
            at += count;
        }
        pieces
    }

    /// The text of a token, or nothing behind the last.
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    /// How many signs, from one on, stand without space between them and mean something together. No comment begins like one of them.
    fn joined(&self, token: Token<'_>) -> usize {
        let rest = self.source.get(token.at..).unwrap_or_default();
        JOINED.iter().find(|signs| rest.starts_with(**signs)).map_or(1, |signs| signs.len())
    }

    /// A comma or semicolon that could as well be left out.
    fn is_layout(&self, at: usize) -> bool {
        match self.text(at) {
            "," => matches!(self.text(at + 1), ")" | "]" | "}" | ">"),
            ";" => self.text(at + 1) == "}",
            _ => false,
        }
    }

    fn symbol(&self, at: usize, token: Token<'_>, bytes: &Range<usize>) -> Symbol {
        Symbol::of(match token.kind {
            Kind::Literal => LITERAL,
            Kind::Word => self.word(at, token.text),
            Kind::Sign => self.source.get(bytes.clone()).unwrap_or_default(),
        })
    }

    fn word<'w>(&'w self, at: usize, word: &'w str) -> &'w str {
        match word {
            "true" | "false" => return LITERAL,
            _ if KEYWORDS.contains(&word) || is_primitive(word) => return word,
            _ => {}
        }
        let original = self.names.original(word);
        let is_public = self.is_called(at) || original.starts_with(|first: char| first.is_uppercase());
        let is_own = original == word && self.is_own(at, word);
        let is_long = original.chars().nth(1).is_some();
        if is_public && is_long && !is_own { original } else { NAME }
    }

    /// Whether the author chose a name. A method can't have that of a variable.
    fn is_own(&self, at: usize, word: &str) -> bool {
        let is_method = at.checked_sub(1).is_some_and(|before| self.text(before) == ".");
        word == "Self" || self.names.declare_item(word, self.given) || !is_method && self.names.declare_local(word)
    }

    /// Whether a name stands where a function, a macro or a type does: others than the author may have declared it.
    fn is_called(&self, at: usize) -> bool {
        match self.text(at + 1) {
            "(" => true,
            "!" => self.text(at + 2) != "=",
            ":" => self.text(at + 2) == ":",
            _ => at.checked_sub(2).is_some_and(|before| self.text(before) == ":" && self.text(before + 1) == ":"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(source: &str) -> Vec<Symbol> {
        pieces(&[source], &BTreeSet::new()).concat().into_iter().map(|piece| piece.symbol).collect()
    }

    /// What a disguise must not change, and what it is.
    const DISGUISES: [(&str, &str, &str); 13] = [
        (
            "names",
            "fn total(own: u8) -> u8 { let x = 1; own + x }",
            "fn sum(mine: u8) -> u8 { let yes = 1; mine + yes }",
        ),
        (
            "types",
            "struct A { b: u8 } impl A { fn c(&self) { A::c(self) } }",
            "struct Bc { d: u8 } impl Bc { fn e(&self) { Self::e(self) } }",
        ),
        (
            "variants",
            "enum E { One(u8), Two { x: u8 } } fn f() { E::Two }",
            "enum E { Three(u8), Four { y: u8 } } fn f() { E::Four }",
        ),
        ("a variable with a method's name", "let entry = map.entry(x);", "let slot = map.entry(x);"),
        ("a closure's name", "let add = |a| a; add(1)", "let plus = |a| a; plus(1)"),
        ("raw names", "let x = a.max(b); c.min(x)", "let r#use = a.max(r#b); c.min(r#use)"),
        ("literals", "f(1, \"a\", 'b', true)", "f(0x2, r\"b\", '\\n', false)"),
        ("comments and layout", "fn f() { g(1) }", "/// Doc.\nfn f(/* none */) {\n    g(1,); // call\n}"),
        ("imports", "use std::fmt;\nfn f(x: fmt::Debug) {}", "fn f(x: std::fmt::Debug) {}"),
        (
            "names of imports",
            "use std::collections::HashMap;\nHashMap::new()",
            "use std::collections::HashMap as Map;\nMap::new()",
        ),
        ("attributes", "#[derive(Debug)]\nstruct S;", "#![allow(dead_code)] #[must_use = \"[\"] struct S;"),
        ("visibility", "pub fn f() {} pub(in crate::a) struct S(u8);", "fn f() {} struct S(pub(crate) u8);"),
        ("lifetimes", "fn f<'a>(x: &'a str)", "fn f<>(x: &str)"),
    ];

    #[test]
    fn a_simple_disguise_changes_nothing() {
        for (disguise, original, copy) in DISGUISES {
            assert_eq!(symbols(original), symbols(copy), "{disguise}");
        }
    }

    #[test]
    fn what_the_author_cannot_rename_tells_programs_apart() {
        let programs = [
            "x.iter().max()",
            "x.iter().min()",
            "x.iter().max::<u8>()",
            "x >= y",
            "x > = y",
            "Vec::new()",
            "String::new()",
        ];
        let different: BTreeSet<_> = programs.iter().map(|program| symbols(program)).collect();
        assert_eq!(different.len(), programs.len());
    }

    #[test]
    fn names_that_were_given_stay() {
        let given = item_names(&["struct Ledger; impl Ledger { fn apply(&self) {} }"]);
        let symbols =
            |source: &str| pieces(&[source], &given).concat().into_iter().map(|piece| piece.symbol).collect::<Vec<_>>();
        // Whether the declaration is in the same submission makes no difference.
        let call = symbols("x.apply()");
        assert!(symbols("fn apply(&self) {} x.apply()").ends_with(&call));
        assert_ne!(symbols("x.other()"), call);
    }

    proptest::proptest! {
        #[test]
        fn pieces_are_parts_of_any_source_in_its_order(source in "(?:r#|pub|use|as|enum|#\\[|[(){}\\[\\];:,'\"é ]|[a-z]{1,2}| ){0,60}") {
            let mut end = 0;
            for piece in pieces(&[&source], &BTreeSet::new()).concat() {
                proptest::prop_assert!(piece.bytes.start >= end && source.get(piece.bytes.clone()).is_some_and(|text| !text.is_empty()));
                end = piece.bytes.end;
            }
        }
    }
}
