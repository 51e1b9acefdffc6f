//! Rules that are settled before anything is compiled.
//!
//! The manifest of a submission never reaches cargo; it is read to tell candidates, rather than surprise them, when theirs
//! asks for something that the grader will not do. Whatever is equal to the starter's manifest is fine.

use toml::{Table, Value};

use super::diagnosis;
use super::files::{Refusal, SubmittedFiles};
use super::package::{Dependency, Package};
use crate::lexer::code_words;

const MANIFEST: &str = "Cargo.toml";
/// Broken rules that are told.
const MAX_REFUSALS: usize = 20;
/// `[package]` keys that describe and do not build.
const DESCRIPTIVE: [&str; 14] = [
    "name",
    "version",
    "authors",
    "description",
    "documentation",
    "readme",
    "homepage",
    "repository",
    "license",
    "license-file",
    "keywords",
    "categories",
    "publish",
    "rust-version",
];

/// What a submission's files say that is not graded.
#[derive(Debug, Default)]
pub(super) struct Policy {
    /// Every rule that it breaks.
    pub(super) refusals: Vec<Refusal>,
    /// What of it is left aside, since it can make no difference.
    pub(super) notes: Vec<String>,
}

/// Holds a submission against the rules. `given` are the paths that the crate has in any case.
pub(super) fn check(files: &SubmittedFiles, package: &Package, given: &[String]) -> Policy {
    let mut policy = Policy { refusals: sources(files, package), notes: Vec::new() };
    policy.refusals.extend(below_a_file(files, given));
    policy.refusals.extend(nothing_to_grade(files, package));
    policy.refusals.extend(diagnosis::check(files, package));
    if let Some(text) = files.get(MANIFEST) {
        match text.parse::<Table>() {
            Ok(manifest) => policy.manifest(&manifest, package),
            Err(error) => policy.refuse(format!("is no TOML: {}", error.message())),
        }
    }
    policy.refusals.truncate(MAX_REFUSALS);
    policy.notes.truncate(MAX_REFUSALS);
    policy
}

/// Words in code, for unsafe things that `-F unsafe_code` lets through somewhere (rustc 1.95): a naked function's body can be nothing but
/// one call of the first; attributes of the other names pass on methods. None of them has another name.
const UNSAFE_WORDS: [&str; 4] = ["naked_asm", "link_section", "export_name", "no_mangle"];
/// Where unsafe is allowed: an inlined function is assembled beside the hidden tests, and assembler can include files.
const ASSEMBLER: [&str; 3] = ["asm", "global_asm", "naked_asm"];

fn sources(files: &SubmittedFiles, package: &Package) -> Vec<Refusal> {
    let (names, why): (&[&str], _) = if package.allow_unsafe {
        (&ASSEMBLER, "with which hidden files can be read: this exercise does without assembler")
    } else {
        (&UNSAFE_WORDS, "which is as unsafe as `unsafe`: this exercise does without")
    };
    let named = |(path, text): (&str, &str)| {
        let word = code_words(text, package.edition()).into_iter().find(|word| names.contains(&word.text))?;
        let line = text.get(..word.at).unwrap_or_default().matches('\n').count() + 1;
        Some(Refusal::new(path, format!("line {line} names `{}`, {why}", word.text)))
    };
    files.iter().filter(|(path, _)| path.starts_with(package.kind.handed_in().folder())).filter_map(named).collect()
}

/// A path can't be a file and a folder at once: what is handed in can't be laid out together with what is given.
fn below_a_file(files: &SubmittedFiles, given: &[String]) -> Vec<Refusal> {
    let clash = |(path, _): (&str, &str)| {
        let holds = |file: &&String| path.strip_prefix(file.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let file = given.iter().find(holds)?;
        Some(Refusal::new(path, format!("cannot lie under `{file}`, which is a file of the exercise")))
    };
    files.iter().filter_map(clash).collect()
}

fn nothing_to_grade(files: &SubmittedFiles, package: &Package) -> Option<Refusal> {
    let folder = package.kind.handed_in().folder();
    let missing = !files.iter().any(|(path, _)| path.starts_with(folder));
    missing.then(|| Refusal::new(folder, "is empty: it is what this exercise grades"))
}

/// Profiles that no test is compiled with.
const OTHER_PROFILES: [&str; 2] = ["release", "bench"];

impl Policy {
    fn refuse(&mut self, rule: String) {
        self.refusals.push(Refusal::new(MANIFEST, rule));
    }

    /// Notes that something is left aside. It quotes what was handed in, so it is bounded and made printable as a refusal is.
    fn note(&mut self, rule: String) {
        self.notes.push(Refusal::new(MANIFEST, rule).to_string());
    }

    fn manifest(&mut self, manifest: &Table, package: &Package) {
        let starter = &package.starter_manifest;
        for (key, value) in manifest {
            match (key.as_str(), value) {
                _ if starter.get(key) == Some(value) => {}
                ("package", Value::Table(fields)) => self.package_table(fields, package),
                ("dependencies", Value::Table(wanted)) => self.refusals.extend(check_dependencies(wanted, package)),
                ("dev-dependencies" | "badges", _) => {}
                ("workspace", Value::Table(fields)) if fields.is_empty() => {}
                ("lib", Value::Table(fields)) if lib_is_plain(fields, package) => {}
                ("lints", _) => self.note("`lints` is left aside: warnings cost nothing here".to_owned()),
                ("profile", Value::Table(profiles))
                    if profiles.keys().all(|name| OTHER_PROFILES.contains(&name.as_str())) =>
                {
                    self.note("`profile` is left aside: tests are compiled with the grader's profile".to_owned());
                }
                _ => self.refuse(format!(
                    "`{key}` is the grader's to say: of the manifest only [dependencies] counts; leave it as in the starter"
                )),
            }
        }
    }

    fn package_table(&mut self, fields: &Table, package: &Package) {
        let starter = package.starter_manifest.get("package").and_then(Value::as_table);
        for (key, value) in fields {
            match key.as_str() {
                _ if starter.and_then(|starter| starter.get(key)) == Some(value) => {}
                "edition" if value.is_str() => {
                    self.note(format!("`edition` is left aside: this exercise is compiled as {}", package.edition()));
                }
                key if DESCRIPTIVE.contains(&key) => {}
                key => self.refuse(format!("`package.{key}` is the grader's to say: leave it as in the starter")),
            }
        }
    }
}

fn lib_is_plain(fields: &Table, package: &Package) -> bool {
    fields.iter().all(|(key, value)| match key.as_str() {
        "name" => value.as_str() == Some(&package.crate_name()),
        "path" => value.as_str() == Some("src/lib.rs"),
        _ => false,
    })
}

fn check_dependencies(wanted: &Table, package: &Package) -> Vec<Refusal> {
    let check = |(name, value): (&String, &Value)| {
        let problem = match package.dependencies.iter().find(|dependency| dependency.name == *name) {
            Some(allowed) => dependency_problem(value, allowed)?,
            None => format!("is not allowed here; allowed: {}", allowed_names(package)),
        };
        Some(Refusal::new(MANIFEST, format!("dependency `{name}` {problem}")))
    };
    wanted.iter().filter_map(check).collect()
}

fn allowed_names(package: &Package) -> String {
    let names: Vec<&str> = package.dependencies.iter().map(|dependency| dependency.name.as_str()).collect();
    if names.is_empty() { "none but the standard library".to_owned() } else { names.join(", ") }
}

/// What is wrong with the way an allowed crate is asked for. The crate that is used is the package's in any case.
fn dependency_problem(value: &Value, allowed: &Dependency) -> Option<String> {
    let fields = match value {
        Value::String(version) => return version_problem(version, allowed).or_else(|| default_problem(true, allowed)),
        Value::Table(fields) => fields,
        _ => return Some("must be a version or a table".to_owned()),
    };
    for (key, value) in fields {
        let problem = match (key.as_str(), value) {
            ("version", Value::String(version)) => version_problem(version, allowed),
            ("features", Value::Array(features)) => {
                let missing = features.iter().filter_map(Value::as_str).find(|name| !has_feature(allowed, name));
                missing.map(|name| format!("has no feature `{name}` here; it has: {}", feature_names(allowed)))
            }
            ("default-features", Value::Boolean(_)) => None,
            ("package", Value::String(name)) if Some(name) == allowed.package.as_ref() => None,
            _ => Some(format!("must come from the package registry, without `{key}`")),
        };
        if problem.is_some() {
            return problem;
        }
    }
    default_problem(fields.get("default-features").and_then(Value::as_bool).unwrap_or(true), allowed)
}

/// Whoever asks for a crate plainly gets its default features from cargo, and would not know why they are not here.
fn default_problem(wanted: bool, allowed: &Dependency) -> Option<String> {
    (wanted && !allowed.default_features).then(|| {
        let features = allowed.features.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        format!("has no default features here: ask for `default-features = false, features = [{features}]`")
    })
}

fn has_feature(allowed: &Dependency, name: &str) -> bool {
    allowed.features.iter().any(|feature| feature == name) || (name == "default" && allowed.default_features)
}

fn feature_names(allowed: &Dependency) -> String {
    let default = allowed.default_features.then_some("default");
    default.into_iter().chain(allowed.features.iter().map(String::as_str)).collect::<Vec<_>>().join(", ")
}

/// Plain requirements (`1`, `0.10`, `^1.2.3`) are compatible when they agree up to the first number that is not 0.
fn version_problem(wanted: &str, allowed: &Dependency) -> Option<String> {
    let numbers = |version: &str| -> Option<Vec<u64>> {
        version.trim().trim_start_matches('^').split('.').map(|number| number.parse().ok()).collect()
    };
    let compatible = match (numbers(wanted), numbers(&allowed.version)) {
        (Some(wanted), Some(allowed)) => {
            let leading = allowed.iter().position(|number| *number != 0).map_or(allowed.len(), |at| at + 1);
            wanted.iter().zip(&allowed).take(leading).all(|(wanted, allowed)| wanted == allowed)
        }
        _ => wanted.trim() == allowed.version.trim(),
    };
    (!compatible).then(|| format!("is `{}` here, which `{wanted}` does not fit", allowed.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(version: &str) -> Dependency {
        Dependency {
            name: "x".into(),
            version: version.into(),
            features: vec!["std".into()],
            default_features: false,
            package: None,
        }
    }

    #[test]
    fn versions_fit_as_cargo_has_it() {
        for (wanted, ours) in
            [("1", "1.2"), ("1.0.3", "1"), ("^0.10", "0.10.1"), ("0.10.2", "0.10"), ("0.0.3", "0.0.3"), ("*", "*")]
        {
            assert_eq!(version_problem(wanted, &allowed(ours)), None, "{wanted} {ours}");
        }
        for (wanted, ours) in [("2", "1.2"), ("0.9", "0.10"), ("0.0.4", "0.0.3"), ("*", "1"), (">=1", "1")] {
            assert!(version_problem(wanted, &allowed(ours)).is_some(), "{wanted} {ours}");
        }
    }

    #[test]
    fn a_dependency_comes_from_the_registry_with_features_that_are_there() {
        let problem = |text: &str| dependency_problem(&text.parse::<Table>().unwrap()["x"], &allowed("1"));
        assert_eq!(problem("x = { version = '1', default-features = false, features = ['std'] }"), None);
        for bad in [
            "x = { path = '/etc' }",
            "x = { git = 'https://a' }",
            "x = { version = '1', features = ['full'] }",
            "x = 1",
            "x = '1'",
            "x = { version = '1', features = ['std'] }",
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }
}
