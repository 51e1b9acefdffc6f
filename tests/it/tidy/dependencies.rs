//! What this program is built from: every licence in the tree allows what we do with it, and every direct dependency is used.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};
use spdx::{Expression, ParseMode};

use super::source::{Source, rust};

/// SPDX ids of licences that ask for no more than to be named.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PostgreSQL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

const MPL: &str = "MPL-2.0 asks to publish changes to its own files, and we change none of them";

/// Packages with another licence, each with why it may stay.
const OTHER_LICENCES: &[(&str, &str)] = &[("cssparser", MPL), ("dtoa-short", MPL), ("webdriver", MPL)];

/// Direct dependencies that no source file names, each with what it is there for.
const NOT_NAMED: &[(&str, &str)] = &[
    ("libsqlite3-sys", "has diesel build SQLite from source (feature `bundled`)"),
    ("pq-sys", "has diesel build libpq from source (feature `bundled_without_openssl`)"),
];

/// What is built here, from `cargo metadata`: without packages that only other systems need.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform=host-tuple"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().unwrap().iter()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap()
}

/// Whether a package can be had under permissive licences alone.
fn is_permissive(package: &Value) -> bool {
    let Some(licence) = package["license"].as_str() else { return false };
    // Old packages separate alternatives by a slash.
    let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else { return false };
    expression.evaluate(|wanted| wanted.license.id().is_some_and(|id| PERMISSIVE.contains(&id.name)))
}

/// Packages under licences that we don't accept, each with its licence.
fn unacceptable(metadata: &Value) -> Vec<String> {
    packages(metadata)
        .filter(|package| !is_permissive(package))
        .filter(|package| !OTHER_LICENCES.iter().any(|(excepted, _)| *excepted == name(package)))
        .map(|package| format!("{} ({})", name(package), package["license"].as_str().unwrap_or("no licence is named")))
        .collect()
}

/// Direct dependencies, of every kind, of which no source has a path.
fn unused(metadata: &Value, sources: &[Source]) -> Vec<String> {
    let root = packages(metadata).find(|package| package["name"] == "quorate").unwrap();
    let direct: BTreeSet<&str> = root["dependencies"].as_array().unwrap().iter().map(name_in_code).collect();
    let is_named = |dependency: &str| {
        let path = regex::Regex::new(&format!(r"(?m)(?:^|[^:\w]){}::", dependency.replace('-', "_"))).unwrap();
        sources.iter().any(|source| path.is_match(&source.text))
    };
    let excepted = |dependency: &str| NOT_NAMED.iter().any(|(excepted, _)| *excepted == dependency);
    direct.into_iter().filter(|dependency| !excepted(dependency) && !is_named(dependency)).map(str::to_owned).collect()
}

fn name_in_code(dependency: &Value) -> &str {
    dependency["rename"].as_str().unwrap_or_else(|| name(dependency))
}

/// All code, without comments.
fn code() -> Vec<Source> {
    [rust("src"), rust("tests/it"), rust("benches")].concat()
}

#[test]
fn every_licence_is_permissive() {
    let metadata = metadata();
    assert_eq!(unacceptable(&metadata), [""; 0], "find another package, or say in OTHER_LICENCES why it may stay");
    for (excepted, _) in OTHER_LICENCES {
        let is_needed = packages(&metadata).any(|package| name(package) == *excepted && !is_permissive(package));
        assert!(is_needed, "{excepted} needs no exception any more: take it off OTHER_LICENCES");
    }
}

#[test]
fn every_direct_dependency_is_used() {
    let (metadata, code) = (metadata(), code());
    assert_eq!(
        unused(&metadata, &code),
        [""; 0],
        "take it out of Cargo.toml, or say in NOT_NAMED what it is there for"
    );
    let root = packages(&metadata).find(|package| package["name"] == "quorate").unwrap();
    for (excepted, _) in NOT_NAMED {
        let is_there = root["dependencies"].as_array().unwrap().iter().any(|dependency| name(dependency) == *excepted);
        assert!(is_there, "{excepted} is no dependency any more: take it off NOT_NAMED");
    }
}

#[test]
fn a_licence_that_binds_us_is_noticed() {
    let found = |licence: Value| unacceptable(&json!({"packages": [{"name": "made-up", "license": licence}]}));
    for permissive in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-2.0-only OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert_eq!(found(json!(permissive)), [""; 0]);
    }
    for binding in ["GPL-3.0-or-later", "AGPL-3.0-only", "MIT AND LGPL-2.1-only", "MPL-2.0", "no licence at all"] {
        assert_eq!(found(json!(binding)), [format!("made-up ({binding})")]);
    }
    assert_eq!(found(Value::Null), ["made-up (no licence is named)"]);
    let excepted = json!({"packages": [{"name": "cssparser", "license": "MPL-2.0"}]});
    assert_eq!(unacceptable(&excepted), [""; 0]);
}

#[test]
fn a_dependency_that_nothing_uses_is_noticed() {
    let dependencies = ["used-one", "idle", "pq-sys"].map(|name| json!({"name": name, "rename": null}));
    let renamed = json!({"name": "real-name", "rename": "other"});
    let dependencies = [&dependencies[..], &[renamed]].concat();
    let metadata = json!({"packages": [{"name": "quorate", "dependencies": dependencies}]});
    let source = |text: &str| Source { path: "src/lib.rs".to_owned(), text: text.to_owned() };
    let code = [source("use used_one::One; let idle = real_name::f(crate::idle::f(), other);")];
    assert_eq!(unused(&metadata, &code), ["idle", "other"]);
    assert_eq!(unused(&metadata, &[source("#[used_one::main]\nidle::f(); <other::G>::g()")]), [""; 0]);
}
