//! What is handed in: of every package all samples, the solution and the starter, evenly mixed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const GRADERS: &str = "graders";

/// Sources by their paths in a crate.
pub type Files = BTreeMap<String, String>;

/// A package, as far as it matters how bare cargo tests it.
pub struct Package {
    pub slug: String,
    pub folder: PathBuf,
    /// What is handed in are tests, and what they are run on are implementations.
    pub is_of_tests: bool,
    /// Nothing but tests decides on the verdict: there are no gates and no diagnosis.
    pub is_tests_alone: bool,
}

/// Something to be handed in.
pub struct Case {
    /// The place of its package in [`Mix::packages`].
    pub package: usize,
    pub name: String,
    /// The verdict that it must get. No starter declares one, and none is accepted.
    pub verdict: Option<String>,
    files: Files,
}

impl Case {
    /// The files with a comment of their own, so that nobody has compiled them before.
    pub fn files(&self, run: &str) -> Files {
        let commented = |(path, text): (&String, &String)| {
            let text = if path.ends_with(".rs") { format!("{text}\n// {run}: {}\n", self.name) } else { text.clone() };
            (path.clone(), text)
        };
        self.files.iter().map(commented).collect()
    }
}

/// All packages, and what is handed in for them in its order.
pub struct Mix {
    pub packages: Vec<Package>,
    pub cases: Vec<Case>,
}

impl Mix {
    /// Reads the packages with these slugs, or all if there are none.
    pub fn read(slugs: &[String]) -> Self {
        let packages: Vec<Package> = folders(Path::new(GRADERS))
            .into_iter()
            .map(Package::read)
            .filter(|package| slugs.is_empty() || slugs.contains(&package.slug))
            .collect();
        assert!(!packages.is_empty(), "no package in {GRADERS} is called one of {slugs:?}");
        let of_each: Vec<Vec<Case>> =
            packages.iter().enumerate().map(|(index, package)| package.cases(index)).collect();
        Self { cases: evenly_mixed(of_each), packages }
    }

    /// The places of every `step`th case of each package, its first among them.
    pub fn every(&self, step: usize) -> Vec<usize> {
        let of_each = (0..self.packages.len()).flat_map(|package| self.of_package(package).into_iter().step_by(step));
        let mut places: Vec<usize> = of_each.collect();
        places.sort_unstable();
        places
    }

    /// The places of a package's cases.
    pub fn of_package(&self, package: usize) -> Vec<usize> {
        (0..self.cases.len()).filter(|&index| self.cases[index].package == package).collect()
    }
}

impl Package {
    fn read(folder: PathBuf) -> Self {
        let about: toml::Table = read(&folder.join("grader.toml")).parse().expect("a grader.toml");
        let slug = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let kind = about["kind"].as_str().expect("a kind");
        Self {
            is_of_tests: kind == "write_tests",
            is_tests_alone: !about.contains_key("gate") && !about.contains_key("question"),
            slug,
            folder,
        }
    }

    fn cases(&self, package: usize) -> Vec<Case> {
        let case = |name: String, folder: &Path, verdict| Case { package, name, verdict, files: handed_in(folder) };
        let mut cases: Vec<Case> = folders(&self.folder.join("samples"))
            .iter()
            .map(|folder| {
                let expected: toml::Table = read(&folder.join("expected.toml")).parse().expect("an expected.toml");
                let verdict = expected["verdict"].as_str().expect("a verdict").to_owned();
                case(format!("sample {}", folder.file_name().expect("a name").display()), folder, Some(verdict))
            })
            .collect();
        cases.push(case("solution".to_owned(), &self.folder.join("solution"), Some("accepted".to_owned())));
        cases.push(case("starter".to_owned(), &self.folder.join("starter"), None));
        cases
    }
}

/// The i-th of n comes at (i + ½) / n of the whole, so that every part of the mix has as much of each package.
fn evenly_mixed(of_each: Vec<Vec<Case>>) -> Vec<Case> {
    let mut placed: Vec<(f64, Case)> = Vec::new();
    for cases in of_each {
        let count = cases.len() as f64;
        placed.extend(cases.into_iter().enumerate().map(|(index, case)| ((index as f64 + 0.5) / count, case)));
    }
    placed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    placed.into_iter().map(|(_, case)| case).collect()
}

/// What a candidate hands in of a folder.
fn handed_in(folder: &Path) -> Files {
    let mut files = rust_files(folder, "src");
    files.extend(rust_files(folder, "tests"));
    let diagnosis = folder.join("diagnosis.toml");
    if diagnosis.is_file() {
        files.insert("diagnosis.toml".to_owned(), read(&diagnosis));
    }
    files
}

/// The Rust sources in one folder of a crate, with the folders in it.
pub fn rust_files(crate_folder: &Path, name: &str) -> Files {
    let mut files = Files::new();
    for entry in fs::read_dir(crate_folder.join(name)).into_iter().flatten().flatten() {
        let path = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files.extend(rust_files(crate_folder, &path));
        } else if path.ends_with(".rs") {
            files.insert(path, read(&entry.path()));
        }
    }
    files
}

/// The folders in a folder, ordered by name; none where there is no such folder.
pub fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
