//! The `Cargo.toml` that is really built: the server's, never the candidate's.

use toml::{Table, Value};

use super::package::{Dependency, Package};
use super::toolchain::Toolchain;

/// How the names of dependencies begin that only the tests need. Cargo compiles them beside the others; under such a name a
/// candidate's module may be called like one of them, and none is used by chance.
pub(super) const OF_TESTS: &str = "quorate_test_";

/// The server's manifest for a package. The candidate's library is built from it whatever they hand in.
pub(super) fn server_manifest(package: &Package) -> String {
    let mut manifest = Table::new();
    manifest.insert("package".into(), Value::Table(package_table(package)));
    manifest.insert("lib".into(), table([("name", package.crate_name().into()), ("path", "src/lib.rs".into())]));
    if let Some(features) = package.starter_manifest.get("features") {
        manifest.insert("features".into(), features.clone());
    }
    let own = package.dependencies.iter().map(|dependency| (dependency.name.clone(), requirement(dependency)));
    let of_tests = package.test_dependencies.iter().map(|dependency| {
        let named = Dependency {
            package: Some(dependency.package.clone().unwrap_or_else(|| dependency.name.clone())),
            ..dependency.clone()
        };
        (format!("{OF_TESTS}{}", dependency.name), requirement(&named))
    });
    manifest.insert("dependencies".into(), Value::Table(own.chain(of_tests).collect()));
    manifest.insert("profile".into(), table([("dev", profile())]));
    manifest.insert("workspace".into(), Value::Table(Table::new()));
    manifest.to_string()
}

/// Cargo's configuration in the jails in which packages are prepared. It never changes between two of them: cargo compiles anew what was
/// compiled with other flags.
pub(super) fn cargo_config(toolchain: &Toolchain) -> String {
    let flags: Vec<Value> = toolchain.link_flags().into_iter().map(Value::String).collect();
    entries_of([
        ("build", table([("rustflags", Value::Array(flags))])),
        ("net", table([("offline", true.into())])),
        (
            "source",
            table([
                ("crates-io", table([("replace-with", "vendor".into())])),
                ("vendor", table([("directory", "/vendor".into())])),
            ]),
        ),
    ])
    .to_string()
}

/// What cargo tells a crate of its manifest when it compiles it (the book's "Environment variables Cargo sets for crates"), for
/// where we call the compiler ourselves. What the server's manifest leaves out is empty, as with cargo.
pub(super) fn crate_environment(package: &Package) -> Vec<(String, String)> {
    let fields = package_table(package);
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = text("version");
    let numbers = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = numbers.split('.').map(str::to_owned).chain(std::iter::repeat(String::new()));
    let pre =
        version.split('+').next().and_then(|version| version.split_once('-')).map_or("", |(_, pre)| pre).to_owned();
    let mut number = || numbers.next().unwrap_or_default();
    let known = [
        ("CARGO_MANIFEST_DIR", "/crate".to_owned()),
        ("CARGO_MANIFEST_PATH", "/crate/Cargo.toml".to_owned()),
        ("CARGO_CRATE_NAME", package.crate_name()),
        ("CARGO_PKG_NAME", text("name")),
        ("CARGO_PKG_VERSION_MAJOR", number()),
        ("CARGO_PKG_VERSION_MINOR", number()),
        ("CARGO_PKG_VERSION_PATCH", number()),
        ("CARGO_PKG_VERSION_PRE", pre),
        ("CARGO_PKG_VERSION", version),
    ];
    let empty =
        ["AUTHORS", "DESCRIPTION", "HOMEPAGE", "REPOSITORY", "LICENSE", "LICENSE_FILE", "RUST_VERSION", "README"];
    let empty = empty.into_iter().map(|name| (format!("CARGO_PKG_{name}"), String::new()));
    known.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(empty).collect()
}

fn package_table(package: &Package) -> Table {
    let text = |key: &str, default: &str| -> Value {
        Some(package.starter_package(key)).filter(|text| !text.is_empty()).unwrap_or(default).into()
    };
    let mut fields = Table::new();
    fields.insert("name".into(), text("name", ""));
    fields.insert("version".into(), text("version", "0.1.0"));
    fields.insert("edition".into(), text("edition", "2015"));
    fields.insert("publish".into(), false.into());
    fields.insert("build".into(), false.into());
    for discovered in ["autobins", "autoexamples", "autotests", "autobenches"] {
        fields.insert(discovered.into(), false.into());
    }
    fields
}

/// Compiled for the shortest way to a verdict: no debug information, nothing kept for a next build.
fn profile() -> Value {
    table([
        ("opt-level", 0.into()),
        ("debug", false.into()),
        ("incremental", false.into()),
        // Cargo's default splits a crate so finely that a large one takes an eighth more CPU time, while the tests are compiled beside it.
        ("codegen-units", 2.into()),
        ("overflow-checks", true.into()),
        ("debug-assertions", true.into()),
        ("panic", "unwind".into()),
    ])
}

fn requirement(dependency: &Dependency) -> Value {
    let mut fields = Table::new();
    fields.insert("version".into(), dependency.version.clone().into());
    fields.insert("features".into(), dependency.features.clone().into());
    fields.insert("default-features".into(), dependency.default_features.into());
    if let Some(package) = &dependency.package {
        fields.insert("package".into(), package.clone().into());
    }
    Value::Table(fields)
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Table(entries_of(entries))
}

fn entries_of<const N: usize>(entries: [(&str, Value); N]) -> Table {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
