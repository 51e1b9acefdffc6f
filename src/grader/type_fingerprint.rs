//! Whether two crates define the same types, as far as can be seen without understanding them.
//!
//! When the tests of a package are compiled for the first time, the compiler's incremental cache is kept. It saves most of the
//! work for a submission whose types are those of the solution, and costs time for any other: its tests have to be compiled
//! anew, and the cache is in the way. This is a guess at which of the two it is. A wrong guess costs time and nothing else:
//! what the compiler takes over from its cache it has compared itself.

use std::collections::BTreeSet;

use sha2::Sha256;

use super::tree;
use crate::lexer::{Tokens, tokens, words};

/// Words that begin a definition which those who use a type depend on.
const DEFINING: [&str; 7] = ["struct", "enum", "union", "type", "trait", "impl", "derive"];

/// A hash over the definitions of types in some sources; comments, layout and order do not count, nor does code.
pub(super) fn type_fingerprint<'t>(sources: impl Iterator<Item = &'t str>) -> String {
    let definitions: BTreeSet<String> = sources.flat_map(definitions).collect();
    let mut hash = Sha256::default();
    for definition in definitions {
        tree::hash_bytes(definition.as_bytes(), &mut hash);
    }
    tree::hex(hash, 32)
}

/// The words of a source that are names or part of the language: not what stands in comments and strings.
pub(super) fn identifiers(source: &str) -> impl Iterator<Item = &str> {
    words(source).map(|token| token.text).filter(|text| !text.starts_with('\''))
}

fn definitions(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut tokens = tokens(source);
    while let Some(token) = tokens.next() {
        if DEFINING.contains(&token.text) {
            found.push(definition(token.text, &mut tokens));
        }
    }
    found
}

/// The rest of a definition: to its end, or to the body of an `impl`.
fn definition<'t>(word: &'t str, tokens: &mut Tokens<'t>) -> String {
    let mut text = word.to_owned();
    let mut depth = 0_u32;
    for token in tokens.map(|token| token.text) {
        let opens = matches!(token, "{" | "(" | "[");
        let closes = matches!(token, "}" | ")" | "]");
        if depth == 0 && (token == ";" || closes || (token == "{" && word == "impl")) {
            break;
        }
        text.push(' ');
        text.push_str(token);
        depth = if opens { depth + 1 } else { depth.saturating_sub(u32::from(closes)) };
        if depth == 0 && (token == "}" || (token == ")" && word == "derive")) {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str) -> Vec<String> {
        definitions(source)
    }

    #[test]
    fn definitions_end_where_they_end() {
        let source = "/* /* x */ struct No; */ #[derive(Debug, Clone)] pub struct Clock(u8, [u8; 2]); // struct No2;
            enum E { A, B { x: u8 } } impl<T: Into<u8>> From<T> for E { fn from(_: T) -> Self { E::A } }
            type X = Vec<u8>; const S: &str = \"struct No3;\"; fn f(x: impl Fn()) {}";
        assert_eq!(
            of(source),
            [
                "derive ( Debug , Clone )",
                "struct Clock ( u8 , [ u8 ; 2 ] )",
                "enum E { A , B { x : u8 } }",
                "impl < T : Into < u8 > > From < T > for E",
                "type X = Vec < u8 >",
                "impl Fn ( )",
            ]
        );
    }

    #[test]
    fn layout_order_and_code_do_not_count() {
        let one = ["struct A { a: u8 }\nfn f() {}", "struct B;"];
        let other = ["struct B; // here", "fn g() { 1 + 1 } struct A{a:u8}"];
        assert_eq!(type_fingerprint(one.into_iter()), type_fingerprint(other.into_iter()));
        assert_ne!(type_fingerprint(one.into_iter()), type_fingerprint(["struct A { a: u16 } struct B;"].into_iter()));
    }

    proptest::proptest! {
        #[test]
        fn anything_has_a_fingerprint(source in ".{0,200}") {
            type_fingerprint([source.as_str()].into_iter());
        }
    }
}
