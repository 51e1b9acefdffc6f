//! The `Cargo.toml` that is really built: the server's, never the candidate's.

use toml::{Table, Value};

use super::package::{Dependency, Package};
use super::toolchain::Toolchain;

/// The server's manifest for a package. The candidate's library is built from it whatever they hand in.
pub(super) fn server_manifest(package: &Package) -> String {
    let mut manifest = Table::new();
    manifest.insert("package".into(), Value::Table(package_table(package)));
    manifest.insert("lib".into(), table([("name", package.crate_name().into()), ("path", "src/lib.rs".into())]));
    if let Some(features) = package.starter_manifest.get("features") {
        manifest.insert("features".into(), features.clone());
    }
    let all = package.dependencies.iter().chain(&package.test_dependencies);
    let dependencies: Table = all.map(|dependency| (dependency.name.clone(), requirement(dependency))).collect();
    manifest.insert("dependencies".into(), Value::Table(dependencies));
    manifest.insert("profile".into(), table([("dev", profile())]));
    manifest.insert("workspace".into(), Value::Table(Table::new()));
    manifest.to_string()
}

/// Cargo's configuration in every jail. It is the same while preparing and while grading: cargo compiles anew what was
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
