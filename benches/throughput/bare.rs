//! The mix with `cargo test --offline` on the bare machine: the same sources and the same tests, without a sandbox.
//!
//! Where tests are handed in, bare cargo runs them on the right implementations one after the other, and on the wrong ones if they
//! pass there, as the grader does. It has no command for gates and for a diagnosis, and leaves them out.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::figures::Figures;
use super::mix::{Case, Files, Mix, Package, folders, rust_files};

/// The hidden tests and nothing else: no unit tests, and no documentation's. The grader runs no others, and goes on after a failure.
const TEST: [&str; 6] = ["test", "--quiet", "--offline", "--no-fail-fast", "--test", "*"];
/// A test that never ends ends the benchmark.
const PATIENCE_S: &str = "120";
/// What cargo, when it starts us, hands on and would have a say in what this cargo does.
const FOREIGN: [&str; 6] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_TARGET_DIR", "RUSTC"];

/// What cargo finds in its target folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Nothing: each submission has a folder of its own.
    Cold,
    /// The package's submission before this one.
    Warm,
}

/// Tests these cases of the mix, so many at once.
pub fn test(mix: &Mix, cases: &[usize], at_once: usize, target: Target) -> Figures {
    let next = AtomicUsize::new(0);
    let lanes: Vec<Vec<(usize, f64)>> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..at_once).map(|_| scope.spawn(|| lane(mix, cases, target, &next))).collect();
        lanes.into_iter().map(|lane| lane.join().expect("a lane")).collect()
    });
    let wall_s = lanes.iter().map(|lane| lane.iter().map(|(_, seconds)| seconds).sum()).fold(0.0, f64::max);
    Figures { wall_s, work_s: lanes.into_iter().flatten().collect() }
}

/// Takes one case after the other. Only cargo's time counts: nobody waits for a folder to be laid out or removed.
fn lane(mix: &Mix, cases: &[usize], target: Target, next: &AtomicUsize) -> Vec<(usize, f64)> {
    let crates: Vec<Crate> = mix.packages.iter().map(|package| Crate::new(package, target)).collect();
    let mut times = Vec::new();
    loop {
        let Some(&index) = cases.get(next.fetch_add(1, Ordering::Relaxed)) else { return times };
        let case = &mix.cases[index];
        let own = &crates[case.package];
        if target == Target::Cold {
            own.forget();
        }
        let (took, outcome) = own.test(&case.files("bare"));
        outcome.check(own.package, case);
        times.push((index, took.as_secs_f64()));
    }
}

/// How cargo's tests of one case ended.
struct Outcome {
    compiled: bool,
    passed: bool,
}

impl Outcome {
    /// That the same was tested as in the grader shows by the same outcome, where tests alone decide on it.
    fn check(&self, package: &Package, case: &Case) {
        let Some(verdict) = &case.verdict else { return };
        let alike = match verdict.as_str() {
            "accepted" => self.passed,
            "compile_error" => !self.compiled,
            _ => self.compiled && !(self.passed && package.is_tests_alone),
        };
        let Self { compiled, passed } = self;
        assert!(alike, "{}, {}: {verdict}, but bare: compiled {compiled}, passed {passed}", package.slug, case.name);
    }
}

/// A package's crate in a plain folder.
struct Crate<'m> {
    package: &'m Package,
    folder: TempDir,
    starter: Files,
}

impl<'m> Crate<'m> {
    /// Lays it out. A warm one has tested the solution before the clock starts.
    fn new(package: &'m Package, target: Target) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Self { starter: rust_files(&package.folder.join("starter"), "src"), package, folder };
        own.write("Cargo.toml", &manifest(package));
        if !package.is_of_tests {
            copy(&package.folder.join("hidden"), &own.folder.path().join("tests"));
        }
        own.put("src", &own.starter);
        assert!(own.cargo(&["fetch", "--quiet"]).passed, "{}: its dependencies cannot be fetched", package.slug);
        if target == Target::Warm {
            let solution = package.folder.join("solution");
            let (_, outcome) = own.test(&rust_files(&solution, if package.is_of_tests { "tests" } else { "src" }));
            assert!(outcome.passed, "{}: the solution", package.slug);
        }
        own
    }

    /// How long cargo takes for what was handed in.
    fn test(&self, files: &Files) -> (Duration, Outcome) {
        if self.package.is_of_tests {
            return self.test_implementations(files);
        }
        let mut sources = self.starter.clone();
        sources.extend(files.clone());
        self.put("src", &sources);
        self.timed()
    }

    fn test_implementations(&self, files: &Files) -> (Duration, Outcome) {
        self.put("tests", files);
        let hidden = self.package.folder.join("hidden");
        let mut all = Duration::ZERO;
        for right in folders(&hidden.join("right")) {
            let (took, outcome) = self.test_implementation(&right);
            all += took;
            if !outcome.passed {
                return (all, outcome);
            }
        }
        let mut passed = true;
        for wrong in folders(&hidden.join("wrong")) {
            let (took, outcome) = self.test_implementation(&wrong);
            all += took;
            assert!(outcome.compiled, "{}: {} does not compile", self.package.slug, wrong.display());
            passed &= !outcome.passed;
        }
        (all, Outcome { compiled: true, passed })
    }

    fn test_implementation(&self, folder: &Path) -> (Duration, Outcome) {
        let mut sources = self.starter.clone();
        sources.extend(rust_files(folder, "src"));
        self.put("src", &sources);
        self.timed()
    }

    fn timed(&self) -> (Duration, Outcome) {
        let began = Instant::now();
        let outcome = self.cargo(&TEST);
        (began.elapsed(), outcome)
    }

    fn cargo(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new("timeout");
        FOREIGN.iter().for_each(|name| {
            command.env_remove(name);
        });
        let output = command.args([PATIENCE_S, "cargo"]).args(arguments).current_dir(self.folder.path()).output();
        let output = output.expect("timeout and cargo");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_ne!(output.status.code(), Some(124), "{}: cargo takes more than {PATIENCE_S} s", self.package.slug);
        Outcome { compiled: !said.contains("could not compile"), passed: output.status.success() }
    }

    fn forget(&self) {
        removed(&self.folder.path().join("target"));
    }

    /// Makes these the only sources in one folder of the crate.
    fn put(&self, folder: &str, files: &Files) {
        removed(&self.folder.path().join(folder));
        let inside = format!("{folder}/");
        files.iter().filter(|(path, _)| path.starts_with(&inside)).for_each(|(path, text)| self.write(path, text));
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

/// The starter's manifest with what only the hidden tests need, in a workspace of its own.
fn manifest(package: &Package) -> String {
    let read = |name: &str| -> toml::Table {
        fs::read_to_string(package.folder.join(name)).expect("a file").parse().expect("TOML")
    };
    let mut manifest = read("starter/Cargo.toml");
    if let Some(of_tests) = read("grader.toml").remove("test_dependencies") {
        let own = manifest.entry("dev-dependencies").or_insert_with(|| toml::Table::new().into());
        own.as_table_mut().expect("a table").extend(of_tests.as_table().expect("a table").clone());
    }
    manifest.insert("workspace".into(), toml::Table::new().into());
    manifest.to_string()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a copy");
        }
    }
}

/// Removes a folder if it is there. What stayed would make cold warm, or test a mixture.
fn removed(folder: &Path) {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        other => other.expect("a folder of this benchmark's own"),
    }
}
