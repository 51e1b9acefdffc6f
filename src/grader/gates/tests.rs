use std::collections::BTreeMap;

use super::inspect::{Request, inspect};
use super::{Finding, Rule};

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
fn an_interface_is_compared_without_what_nobody_sees() {
    let same = "/// Says more.\npub fn f(_b: u8) -> u8 { 0 }\npub struct S { pub b: u8, c: Vec<u8> }\nfn own() {} struct Own; impl From<u8> for Own { fn from(_: u8) -> Own { Own } } pub(crate) mod m { pub fn g() {} }";
    assert_eq!(found(Rule::PublicApi, same), Vec::<String>::new());
    let other =
        "pub fn f(a: u16) -> u8 { 0 }\n#[derive(Clone)] pub struct S { pub b: u8 }\npub mod m { pub fn g() {} }";
    let found = found(Rule::PublicApi, other);
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found[0].starts_with("0: no longer offers"), "{found:?}");
}

#[test]
fn what_is_no_rust_is_said_with_its_file() {
    let files = BTreeMap::from([("src/lib.rs".to_owned(), "fn (".to_owned())]);
    let request = Request { rules: vec![forbid(&["x"])], files, starter: BTreeMap::new() };
    assert!(inspect(&request).unwrap_err().starts_with("src/lib.rs: "));
}
