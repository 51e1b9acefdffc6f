use std::collections::BTreeMap;

use super::inspect::{Request, inspect};
use super::source::Finding;
use crate::grader::package::Rule;

/// What one rule finds in one file, as `line: what`.
fn found(rule: Rule, source: &str) -> Vec<String> {
    found_in(rule, source, "pub fn f(a: u8) -> u8 { a }\npub struct S { a: u8, pub b: u8 }")
}

fn found_in(rule: Rule, source: &str, starter: &str) -> Vec<String> {
    let file = |text: &str| BTreeMap::from([("src/lib.rs".to_owned(), text.to_owned())]);
    let request = Request { rules: vec![rule], files: file(source), starter: file(starter) };
    let findings = inspect(&request).unwrap().remove(0);
    findings.into_iter().map(|Finding { line, what, .. }| format!("{line}: {what}")).collect()
}

fn forbid(names: &[&str]) -> Rule {
    Rule::Forbid { names: names.iter().map(|&name| name.to_owned()).collect(), allow_in: Vec::new() }
}

#[test]
fn a_forbidden_word_is_found_wherever_it_is_code() {
    let source =
        "// put\nconst S: &str = \"put\";\nfn f(s: S) { s.put(1) }\nmacro_rules! m { ($s:ident) => { $s.r#put() } }";
    assert_eq!(found(forbid(&["put"]), source), ["3: uses `put`", "4: uses `put`"]);
}

#[test]
fn a_forbidden_path_is_found_however_it_is_shortened() {
    let sleep = forbid(&["std::thread::sleep"]);
    for source in [
        "fn f() { std::thread::sleep(d) }",
        "use std::thread::sleep;",
        "use std::thread; fn f() { thread::sleep(d) }",
        "use std::thread as t; fn f() { t::sleep(d) }",
        "use std::{thread::{self, Builder}}; fn f() { m!(thread::sleep(d)) }",
        "use std::thread::*;",
        "use std as s; fn f() { s::thread::sleep(d) }",
        "use ::std::thread::sleep as nap;",
        "use std::thread; fn f() { self::thread::sleep(d) }",
        "mod a { pub use std::thread as t; } fn f() { a::t::sleep(d) }",
        "use std as s; use s::thread as t; fn f() { t::sleep(d) }",
        "macro_rules! m { ($n:ident) => { std::thread::$n(d) } }",
    ] {
        assert!(!found(sleep.clone(), source).is_empty(), "{source}");
    }
    for source in
        ["fn sleep() {} fn f() { sleep() }", "use std::thread; fn f() { thread::spawn(|| tokio::time::sleep(d)) }"]
    {
        assert_eq!(found(sleep.clone(), source), Vec::<String>::new(), "{source}");
    }
}

#[test]
fn a_function_is_as_long_as_its_lines() {
    let source = "fn a() {\n\n}\nimpl S {\n    fn b(\n        &self,\n    ) {\n    }\n}";
    assert_eq!(found(Rule::MaxFunctionLines(3), source), ["5: `b` has 4 lines, at most 3 are allowed"]);
}

#[test]
fn a_function_in_a_macro_is_one() {
    let source = "make! {\n    pub async fn a() -> u8 {\n\n\n    }\n}\ntrait T { fn b(f: fn(u8)); }\nmod m {\n\n\n\n}";
    assert_eq!(found(Rule::MaxFunctionLines(3), source), ["2: `a` has 4 lines, at most 3 are allowed"]);
}

#[test]
fn a_file_may_do_what_is_forbidden_as_long_as_it_is_the_starters() {
    let rule = Rule::Forbid { names: vec!["put".to_owned()], allow_in: vec!["src/lib.rs".to_owned()] };
    let starter = "pub fn put() {}";
    assert_eq!(found_in(rule.clone(), "pub fn put() { } // as it was", starter), Vec::<String>::new());
    let more = "pub fn put() {} pub fn write() { put() }";
    let why = "and may do so only as long as the file is the starter's, which it no longer is";
    assert_eq!(found_in(rule, more, starter), [format!("1: uses `put`, {why}")]);
}

#[test]
fn clippy_sees_what_is_built() {
    let rule = Rule::Clippy(vec!["unwrap_used".to_owned()]);
    for source in [
        "#[cfg(clippy)] fn f() {}",
        "#[cfg_attr(any(clippy, test), allow(x))] fn f() {}",
        "fn f() { if cfg!(not(clippy)) {} }",
    ] {
        assert_eq!(found(rule.clone(), source), ["1: names `clippy` in a condition"], "{source}");
    }
    let source = "#![warn(clippy::all)] #[cfg_attr(unix, allow(clippy::x))] fn f() {}";
    assert_eq!(found(rule, source), Vec::<String>::new());
}

#[test]
fn what_a_macro_may_make_public_is_compared_as_it_is_written() {
    let starter = "pub fn f() {}";
    for source in [
        "pub fn f() {} make! { pub fn g() {} }",
        "pub fn f() {} macro_rules! make { () => { pub fn g() {} } } make!();",
        "pub fn f() {} include!(\"more.rs\");",
        "pub fn f() {} #[path = \"more.rs\"] pub mod more;",
    ] {
        assert_eq!(found_in(Rule::PublicApi, source, starter).len(), 1, "{source}");
    }
    let private = "pub fn f() {} make! { fn g() {} pub(crate) fn h() {} }";
    assert_eq!(found_in(Rule::PublicApi, private, starter), Vec::<String>::new());
}

#[test]
fn an_interface_is_compared_without_what_nobody_sees() {
    let same = "/// Says more.\npub fn f(_b: u8) -> u8 { 0 }\npub struct S { pub b: u8, c: Vec<u8> }\nfn own() {} struct Own; impl From<u8> for Own { fn from(_: u8) -> Own { Own } } pub(crate) mod m { pub fn g() {} }";
    assert_eq!(found(Rule::PublicApi, same), Vec::<String>::new());
    let other =
        "pub fn f(a: u16) -> u8 { 0 }\n#[derive(Clone)] pub struct S { pub b: u8 }\npub mod m { pub fn g() {} }";
    let found = found(Rule::PublicApi, other);
    assert_eq!(
        found,
        [
            "0: no longer offers `pub fn f(_:u8)->u8`",
            "1: offers `pub fn f(_:u16)->u8`, which the starter does not",
            "2: offers `derive Clone for S`, which the starter does not",
            "3: offers `pub fn g()`, which the starter does not",
        ]
    );
}

#[test]
fn what_a_private_module_does_not_export_is_not_offered() {
    let crate_of = |lib: &str, cart: &str| {
        BTreeMap::from([("src/lib.rs".to_owned(), lib.to_owned()), ("src/cart.rs".to_owned(), cart.to_owned())])
    };
    let offers = |lib: &str, cart: &str| {
        let starter = crate_of("mod cart; pub use cart::Cart;", "pub struct Cart; impl Cart { pub fn add(&self) {} }");
        let request = Request { rules: vec![Rule::PublicApi], files: crate_of(lib, cart), starter };
        let found = inspect(&request).unwrap().remove(0);
        found.into_iter().map(|finding| format!("{}: {}", finding.file, finding.what)).collect::<Vec<_>>()
    };
    let cart = "pub struct Cart; impl Cart { pub fn add(&self) {} }";
    let helpers = "pub fn helper() {} pub const LIMIT: u8 = 1; pub trait Priced { fn price(&self) -> u8; } \
                   #[derive(Clone)] pub struct Line { pub count: u8 } impl Line { pub fn new() -> Self { Line { count: 0 } } } \
                   impl Priced for Cart { fn price(&self) -> u8 { 0 } } struct Own; impl Own { pub fn total(&self) {} }";
    assert_eq!(offers("mod cart; pub use cart::Cart;", &format!("{cart} {helpers}")), Vec::<String>::new());
    for lib in [
        "mod cart; pub use cart::*;",
        "pub mod cart; pub use cart::Cart;",
        "mod cart; pub use cart::Cart; pub use cart::{self};",
    ] {
        let found = offers(lib, &format!("{cart} {helpers}"));
        assert!(found.iter().any(|found| found.contains("`pub fn helper()`")), "{lib}: {found:?}");
        assert!(found.iter().any(|found| found.contains("`Line :: pub fn new")), "{lib}: {found:?}");
        assert!(!found.iter().any(|found| found.contains("total")), "{lib}: {found:?}");
    }
    let honest = "use std::fmt; struct Wrong; pub struct Row; impl From<Wrong> for Cart { fn from(_: Wrong) -> Cart { Cart } } \
                  impl<'a> IntoIterator for &'a Row { type Item = u8; } impl fmt::Display for Row {} \
                  fn f() { struct Local; impl Local { pub fn new() -> Local { Local } } }";
    assert_eq!(offers("mod cart; pub use cart::Cart;", &format!("{cart} {honest}")), Vec::<String>::new());
    for bypass in [
        "type Own = Cart; impl Own { pub fn extra(&self) {} }",
        "mod d { trait Clone {} } impl Clone for Cart { fn clone(&self) -> Cart { Cart } }",
        "mod d { trait Display {} } use std::fmt::Display; impl Display for Cart {}",
        "mod d { trait Display {} } impl std::fmt::Display for Cart {}",
        "mod d { struct Line; } use crate::Cart as Line; impl Line { pub fn extra(&self) {} }",
        "mod d { struct Cart; } impl r#Cart { pub fn extra(&self) {} }",
        "const _: () = { impl Cart { pub fn extra(&self) {} } };",
        "fn f() { impl Cart { pub fn extra(&self) {} } }",
        "mod d { macro_rules! more { () => { pub fn extra() {} } } }",
    ] {
        let found = offers("mod cart; pub use cart::Cart;", &format!("{cart} {bypass}"));
        assert_eq!(found.len(), 1, "{bypass}: {found:?}");
    }
    let derived = "#[cfg_attr(all(), derive(Hash))] pub struct Cart; impl Cart { pub fn add(&self) {} }";
    assert_eq!(offers("mod cart; pub use cart::Cart;", derived).len(), 1);
    let twice = "#[cfg(any())] mod cart; pub mod cart; pub use cart::Cart;";
    assert!(offers(twice, &format!("{cart} pub fn extra() {{}}")).iter().any(|found| found.contains("extra")));
    let found = offers("mod cart; pub use cart::{Cart, helper as more};", &format!("{cart} {helpers}"));
    assert!(found.iter().any(|found| found.contains("`pub fn helper()`")), "{found:?}");
    let found = offers(
        "mod cart; pub use cart::Cart;",
        "pub struct Cart; impl Cart { pub fn add(&self) {} pub fn extra(&self) {} }",
    );
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn what_is_no_rust_is_said_with_its_file() {
    let files = BTreeMap::from([("src/lib.rs".to_owned(), "fn (".to_owned())]);
    let request = Request { rules: vec![forbid(&["x"])], files, starter: BTreeMap::new() };
    assert!(inspect(&request).unwrap_err().starts_with("src/lib.rs: "));
}

#[test]
fn layout_derives_and_imports_may_be_written_otherwise() {
    let starter = "mod cart; pub use cart::Cart; pub use cart::Item;
        #[derive(Clone, Debug)] pub struct S { pub a: u8, pub b: u8 } pub fn f(a: u8, b: u8) -> (u8,) { (a,) }";
    let same = "mod service; pub use service::{Item, Cart};
        #[derive(Debug)] #[derive(Clone,)] pub struct S { pub a: u8, pub b: u8, } pub fn f(\na: u8,\nb: u8,\n) -> (u8,) { (a,) }";
    assert_eq!(found_in(Rule::PublicApi, same, starter), Vec::<String>::new());
    for other in [
        same.replace("-> (u8,)", "-> (u8)"),
        same.replace("Debug", "Copy"),
        same.replace("Item, Cart", "Item, Cart as Basket"),
        same.replace("service::{Item, Cart}", "std::collections::{BTreeMap as Item, BTreeMap as Cart}"),
    ] {
        assert!(!found_in(Rule::PublicApi, &other, starter).is_empty(), "{other}");
    }
}

#[test]
fn a_file_is_the_starters_though_it_is_formatted_and_documented() {
    let rule = Rule::Forbid { names: vec!["put".to_owned()], allow_in: vec!["src/lib.rs".to_owned()] };
    let starter = "use a::c; use a::b; pub fn put(a: u8, b: u8) {}";
    let same = "use a::{b, c};\n\n/// Stores.\npub fn put(\n    a: u8,\n    b: u8,\n) {\n}\n#[cfg(test)]\nmod tests { fn f() { put(1, 2) } }";
    assert_eq!(found_in(rule.clone(), same, starter), Vec::<String>::new());
    let found = found_in(rule, "use a::{b, c}; pub fn put(a: u8, b: u8) { c() }", starter);
    assert!(found[0].ends_with("which it no longer is"), "{found:?}");
}

#[test]
fn the_candidates_own_tests_count_for_nothing_and_macros_for_all() {
    let tests = "#[cfg(test)] mod tests { fn f(s: S) { s.put(1); } } #[cfg(test)] use a::put;";
    assert_eq!(found(forbid(&["put"]), tests), Vec::<String>::new());
    for source in ["#[cfg(not(test))] fn f(s: S) { s.put(1) }", "m!(#[cfg(test)] fn f(s: S) { s.put(1) });"] {
        assert_eq!(found(forbid(&["put"]), source), ["1: uses `put`"], "{source}");
    }
}

#[test]
fn only_files_of_the_crate_count() {
    let files = BTreeMap::from([
        ("src/lib.rs".to_owned(), "mod a;".to_owned()),
        ("src/a.rs".to_owned(), "fn f() {}".to_owned()),
        ("src/scratch.rs".to_owned(), "fn f(s: S) { s.put(1) } what is no Rust".to_owned()),
    ]);
    let request = Request { rules: vec![forbid(&["put"])], files, starter: BTreeMap::new() };
    assert_eq!(inspect(&request), Ok(vec![Vec::new()]));
}

#[test]
fn what_stands_before_a_body_and_what_has_no_name_is_no_way_around_a_length() {
    let rule = Rule::MaxFunctionLines(3);
    let value = "fn a() -> A<{ 1 + 1 }> {\n\n\n}\nfn b() where A<{ 2 }>: C, {\n}";
    assert_eq!(found(rule.clone(), value), ["1: `a` has 4 lines, at most 3 are allowed"]);
    let closure = "static S: F = F(|| {\n\n\n});\nfn f() { g(|| {\n}) }";
    assert_eq!(found(rule, closure), ["1: `a closure` has 4 lines, at most 3 are allowed"]);
}
