//! From a folder to a [`Package`], with every mistake by file and line.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use toml::Spanned;
use toml::de::DeValue;

use super::kind::{HandedIn, Kind};
use super::model::{Dependency, Package, TestRule};
use super::slug::Slug;
use super::table::{MAX_POINTS, Mistake, Mistakes, Table, wrong};
use super::{gate, incident, question};
use crate::grader::limits::Limits;
use crate::grader::tree::test_files;
use crate::grader::units::{parse_duration, parse_size};

/// The file of tests that a refactoring passes before and after.
pub(in crate::grader) const BEHAVIOUR: &str = "behaviour";
/// The file of tests that it passes only after.
pub(in crate::grader) const FLAW: &str = "flaw";

impl Package {
    /// Reads the package in `folder`.
    ///
    /// # Errors
    /// Every mistake that can be seen without a compiler, not only the first.
    pub fn read(folder: &Path) -> Result<Self, Vec<Mistake>> {
        package(folder)
    }
}

fn package(folder: &Path) -> Result<Package, Vec<Mistake>> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let path = folder.join("grader.toml");
    let text = fs::read_to_string(&path).map_err(|error| vec![Mistake::in_file(&path, error.to_string())])?;
    let mut mistakes = Mistakes::new(&path, &text);
    let document = mistakes.parse();
    let mut fields = Table::new(document.get_ref(), 0..0);
    let slug = slug(&folder, &mut mistakes);
    let title = fields.text("title", &mut mistakes);
    let kind = fields.parsed("kind", &mut mistakes, parse_kind);
    for (key, value) in [("title", title.is_none()), ("kind", kind.is_none())] {
        if value && !document.get_ref().contains_key(key) {
            mistakes.add(&(0..0), format!("`{key}` is missing"));
        }
    }
    let mut package = Package {
        slug: slug.clone().unwrap_or_else(Slug::none),
        title: title.unwrap_or_default(),
        kind: kind.unwrap_or(Kind::Implement),
        difficulty: fields.whole("difficulty", 1..=5, &mut mistakes).unwrap_or(1),
        topics: fields.texts("topics", &mut mistakes).unwrap_or_default(),
        summary: fields.text("summary", &mut mistakes).unwrap_or_default(),
        statement: String::new(),
        run_ignored: fields.flag("run_ignored", &mut mistakes).unwrap_or(false),
        allow_unsafe: fields.flag("allow_unsafe", &mut mistakes).unwrap_or(false),
        show_output: fields.flag("show_output", &mut mistakes).unwrap_or(false),
        data: fields.texts("data", &mut mistakes).unwrap_or_default(),
        dependencies: dependencies(&mut fields, "dependencies", &mut mistakes),
        test_dependencies: dependencies(&mut fields, "test_dependencies", &mut mistakes),
        limits: limits(&mut fields, &mut mistakes),
        tests: rules(&mut fields, "test", &mut mistakes),
        wrong: rules(&mut fields, "wrong", &mut mistakes),
        gates: gate::gates(&mut fields, &mut mistakes),
        questions: question::questions(&mut fields, &mut mistakes),
        incident: incident::incident(&mut fields, &folder, &mut mistakes),
        starter_manifest: toml::Table::new(),
        folder,
    };
    fields.close(&mut mistakes);
    let mut found = mistakes.found;
    files(&mut package, &mut found);
    if found.is_empty() { Ok(package) } else { Err(found) }
}

fn slug(folder: &Path, mistakes: &mut Mistakes<'_>) -> Option<Slug> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let slug = Slug::parse(name);
    if slug.is_none() {
        mistakes.add(
            &(0..0),
            format!(
                "the folder's name `{name}` is the package's slug: lower case letters, digits and hyphens, at most 64"
            ),
        );
    }
    slug
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    let names = Kind::ALL.map(Kind::as_str).join(", ");
    Kind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| match text {
        "cluster" => format!("`{text}` is not graded yet; these are: {names}"),
        _ => format!("`{text}` is no kind; these are: {names}"),
    })
}

fn limits(fields: &mut Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Limits {
    let mut limits = Limits::default();
    let Some(mut table) = fields.table("limits", mistakes) else { return limits };
    let duration = |key, into: &mut std::time::Duration, mistakes: &mut Mistakes<'_>, table: &mut Table<'_, '_>| {
        *into = table.parsed(key, mistakes, parse_duration).unwrap_or(*into);
    };
    duration("grading_wall", &mut limits.grading_wall, mistakes, &mut table);
    duration("build_wall", &mut limits.build_wall, mistakes, &mut table);
    duration("test_wall", &mut limits.test_wall, mistakes, &mut table);
    duration("test_cpu", &mut limits.test_cpu, mistakes, &mut table);
    let size = |key, into: &mut u64, mistakes: &mut Mistakes<'_>, table: &mut Table<'_, '_>| {
        *into = table.parsed(key, mistakes, parse_size).unwrap_or(*into);
    };
    size("build_memory", &mut limits.build_memory_bytes, mistakes, &mut table);
    size("memory", &mut limits.memory_bytes, mistakes, &mut table);
    size("output", &mut limits.output_bytes, mistakes, &mut table);
    size("disk", &mut limits.disk_bytes, mistakes, &mut table);
    limits.processes = table.whole("processes", 1..=4096, mistakes).unwrap_or(limits.processes);
    table.close(mistakes);
    limits
}

fn rules(fields: &mut Table<'_, '_>, key: &'static str, mistakes: &mut Mistakes<'_>) -> Vec<TestRule> {
    let mut names = BTreeSet::new();
    let mut rules = Vec::new();
    for mut table in fields.tables(key, mistakes) {
        let rule = rule(&mut table, mistakes);
        match &rule {
            None if key == "wrong" => mistakes.add(&table.at, "`name` is missing: the folder's in hidden/wrong/"),
            None => mistakes.add(&table.at, "`name` is missing: \"<file stem in hidden/>::<path of the test>\""),
            Some(rule) if !names.insert(rule.name.clone()) => {
                mistakes.add(&table.at, format!("`{}` has a [[{key}]] already", rule.name));
            }
            Some(_) => {}
        }
        table.close(mistakes);
        rules.extend(rule);
    }
    rules
}

fn rule(table: &mut Table<'_, '_>, mistakes: &mut Mistakes<'_>) -> Option<TestRule> {
    let name = table.text("name", mistakes);
    let rule = TestRule {
        name: name.clone().unwrap_or_default(),
        title: table.text("title", mistakes),
        score: table.whole("score", 0..=MAX_POINTS, mistakes).unwrap_or(1),
        hint: table.text("hint", mistakes),
        group: table.text("group", mistakes),
        wall: table.parsed("wall", mistakes, parse_duration),
        cpu: table.parsed("cpu", mistakes, parse_duration),
    };
    name.map(|_| rule)
}

fn dependencies(fields: &mut Table<'_, '_>, key: &'static str, mistakes: &mut Mistakes<'_>) -> Vec<Dependency> {
    let Some(mut table) = fields.table(key, mistakes) else { return Vec::new() };
    table.free_keys().filter_map(|(name, value)| dependency(name, value, mistakes)).collect()
}

fn dependency(name: &str, value: &Spanned<DeValue<'_>>, mistakes: &mut Mistakes<'_>) -> Option<Dependency> {
    let version_alone = |version: String| Dependency {
        name: name.to_owned(),
        version,
        features: Vec::new(),
        default_features: true,
        package: None,
    };
    match value.get_ref() {
        DeValue::String(version) => Some(version_alone(version.to_string())),
        DeValue::Table(entries) => {
            let mut table = Table::new(entries, value.span());
            let version = table.text("version", mistakes);
            if version.is_none() {
                mistakes.add(&value.span(), format!("`{name}` needs a `version` of the package registry"));
            }
            let dependency = Dependency {
                features: table.texts("features", mistakes).unwrap_or_default(),
                default_features: table.flag("default-features", mistakes).unwrap_or(true),
                package: table.text("package", mistakes),
                ..version_alone(version.clone().unwrap_or_default())
            };
            table.close(mistakes);
            version.map(|_| dependency)
        }
        _ => wrong(value, name, "a version, or a table with `version` and `features`", mistakes),
    }
}

/// What must lie beside `grader.toml`.
fn files(package: &mut Package, found: &mut Vec<Mistake>) {
    let folder = package.folder.clone();
    let at = |name: &str| folder.join(name);
    match fs::read_to_string(at("README.md")) {
        Ok(statement) => package.statement = statement,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => found.push(Mistake::in_file(&at("README.md"), error.to_string())),
    }
    let manifest = at("starter/Cargo.toml");
    match fs::read_to_string(&manifest) {
        Ok(text) => found.extend(starter_manifest(package, &manifest, &text)),
        Err(error) => found.push(Mistake::in_file(&manifest, error.to_string())),
    }
    if package.crate_name().is_empty() && !package.starter_manifest.is_empty() {
        found.push(Mistake::in_file(&manifest, "`package.name` is missing"));
    }
    if !at("starter/src/lib.rs").is_file() {
        found.push(Mistake::in_file(&at("starter/src/lib.rs"), "missing: the file a candidate begins with"));
    }
    found.extend(package.data.iter().filter_map(|path| data_problem(package, path)));
    let tests = test_files(&at("hidden"));
    match package.kind.handed_in() {
        HandedIn::Tests => found.extend(implementations(package)),
        HandedIn::Sources if tests.is_empty() => {
            found.push(Mistake::in_file(&at("hidden"), "no *.rs file here: a package needs hidden tests"));
        }
        HandedIn::Sources => {}
    }
    if package.kind == Kind::Refactor {
        let known = |file: &Path| file.file_stem().is_some_and(|stem| stem == BEHAVIOUR || stem == FLAW);
        found.extend(tests.iter().filter(|file| !known(file)).map(|file| {
            Mistake::in_file(file, format!("the tests of a refactoring are {BEHAVIOUR}.rs, which pass on the starter, and {FLAW}.rs, which fail on it"))
        }));
    }
    if (package.kind == Kind::Debug) == package.questions.is_empty() {
        found.push(Mistake::in_file(&at("grader.toml"), "a [[question]] is what kind `debug` has, and no other"));
    }
}

fn data_problem(package: &Package, path: &str) -> Option<Mistake> {
    let plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let there = plain && package.data_source(path).exists();
    let message =
        format!("data: `{path}` is no file or folder of the crate: hidden/ for tests/, starter/ for all else");
    (!there).then(|| Mistake::in_file(&package.folder.join("grader.toml"), message))
}

/// What tests are measured by.
fn implementations(package: &Package) -> Vec<Mistake> {
    let at = package.folder.join("hidden");
    let variants = package.variants();
    let mut found = Vec::new();
    for (right, folder) in [(true, "right"), (false, "wrong")] {
        if !variants.iter().any(|variant| variant.right == right) {
            found.push(Mistake::in_file(
                &at,
                format!("no {folder}/<name>/src/ here: tests are measured by implementations"),
            ));
        }
    }
    let known = |rule: &&TestRule| variants.iter().any(|variant| !variant.right && variant.name == rule.name);
    let lost = package.wrong.iter().filter(|rule| !known(rule));
    found.extend(lost.map(|rule| {
        Mistake::in_file(
            &package.folder.join("grader.toml"),
            format!("a [[wrong]] is `{}`, which hidden/wrong/ has not", rule.name),
        )
    }));
    found
}

/// The manifest that a candidate begins with. Its dev-dependencies are what `cargo test` gives the hidden tests while the
/// author writes them, so they need no second mention in `grader.toml`.
fn starter_manifest(package: &mut Package, path: &Path, text: &str) -> Vec<Mistake> {
    let mut mistakes = Mistakes::new(path, text);
    let document = mistakes.parse();
    let mut fields = Table::new(document.get_ref(), 0..0);
    let known = |package: &Package, name: &str| {
        package.dependencies.iter().chain(&package.test_dependencies).any(|dependency| dependency.name == name)
    };
    for dependency in dependencies(&mut fields, "dev-dependencies", &mut mistakes) {
        if !known(package, &dependency.name) {
            package.test_dependencies.push(dependency);
        }
    }
    package.starter_manifest = text.parse().unwrap_or_default();
    mistakes.found
}
