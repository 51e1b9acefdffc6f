//! What grading costs over the bare machine: run with `cargo bench --bench grade`.
//!
//! The same crate and the same hidden tests, in turns: handed in by REST, from the request to the stored verdict, sandbox
//! and queue included; and `cargo test --offline` in a plain folder, outside of any sandbox, cold (nothing built) and warm
//! (dependencies built, the candidate's source changed).

#![expect(
    unreachable_pub,
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a program that ends when anything is amiss"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Quorate, bare_server_if_asked};
use tempfile::TempDir;

const WARM_ROUNDS: usize = 20;
const COLD_ROUNDS: usize = 3;
/// A package, and the folder of packages that it lies in.
const PACKAGES: [(&str, &str); 2] = [("vector-clock", "graders"), ("async-kv", "tests/fixtures/packages")];

fn main() {
    if bare_server_if_asked() {
        return;
    }
    let quorate = Quorate::start_with(&["--workers", "1", "--graders", "graders:tests/fixtures/packages"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let token = quorate.register().await;
        for (slug, folder) in PACKAGES {
            measure(&quorate, &token, slug, &Path::new(folder).join(slug)).await;
        }
    });
}

async fn measure(quorate: &Quorate, token: &str, slug: &str, package: &Path) {
    let files = solution(package);
    let bare = Bare::new(package, &files);
    let (mut ours, mut warm, mut cold) = (Vec::new(), Vec::new(), Vec::new());
    let mut stages: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    bare.test();
    grade(quorate, token, slug, &changed(&files, 0)).await;
    for round in 1..=WARM_ROUNDS {
        let files = changed(&files, round);
        bare.write(&files);
        warm.push(bare.test());
        let began = Instant::now();
        let submission = grade(quorate, token, slug, &files).await;
        ours.push(began.elapsed());
        for stage in submission["stages"].as_array().expect("stages") {
            let took = Duration::from_millis(stage["duration_ms"].as_u64().expect("a duration"));
            stages.entry(stage["name"].as_str().expect("a name").to_owned()).or_default().push(took);
        }
    }
    for _ in 0..COLD_ROUNDS {
        bare.forget();
        cold.push(bare.test());
    }
    report(slug, &mut ours, &mut warm, &mut cold);
    for (name, mut took) in stages {
        print!("{name} {} ms · ", percentile(&mut took, 50).as_millis());
    }
    println!();
}

fn report(slug: &str, ours: &mut [Duration], warm: &mut [Duration], cold: &mut [Duration]) {
    println!("\n{slug}: {WARM_ROUNDS} rounds in turns, {COLD_ROUNDS} cold");
    println!("{:<34} {:>9} {:>9}", "", "median ms", "p95 ms");
    for (name, times) in [
        ("quorate, request to verdict", &mut *ours),
        ("cargo test, warm", &mut *warm),
        ("cargo test, cold", &mut *cold),
    ] {
        println!("{name:<34} {:>9} {:>9}", percentile(times, 50).as_millis(), percentile(times, 95).as_millis());
    }
    let mut ratio = |other: &mut [Duration], percent| {
        percentile(ours, percent).as_secs_f64() / percentile(other, percent).as_secs_f64()
    };
    println!("over warm: {:.2} at the median, {:.2} at p95", ratio(warm, 50), ratio(warm, 95));
    println!("over cold: {:.3} at the median", ratio(cold, 50));
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times[(times.len() * percent).div_ceil(100).saturating_sub(1)]
}

/// Hands in, waits for the verdict, and wants it to be a good one.
async fn grade(quorate: &Quorate, token: &str, slug: &str, files: &BTreeMap<String, String>) -> Value {
    let path = format!("/api/v1/exercises/{slug}/submissions");
    let accepted = loop {
        // 503 while the package is being prepared.
        match quorate.post(token, &path, &json!({"files": files})).await {
            (202, submission) => break submission,
            (503, _) => tokio::time::sleep(Duration::from_millis(100)).await,
            (status, problem) => panic!("{status}: {problem}"),
        }
    };
    let path = format!("/api/v1/submissions/{}?wait=30", accepted["id"].as_str().expect("an id"));
    loop {
        let submission: Value = serde_json::from_str(&quorate.get_as(token, &path).await).expect("JSON");
        if submission["state"] == "finished" {
            assert_eq!(submission["verdict"], "accepted", "{submission}");
            return submission;
        }
    }
}

/// The starter's sources with the solution's over them.
fn solution(package: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in ["starter/src", "solution/src"] {
        read_into(&mut files, &package.join(folder), "src");
    }
    files
}

fn read_into(files: &mut BTreeMap<String, String>, folder: &Path, name: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let name = format!("{name}/{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() {
            read_into(files, &path, &name);
        } else {
            files.insert(name, fs::read_to_string(path).expect("text"));
        }
    }
}

/// The same code with another comment, so that it has to be compiled again.
fn changed(files: &BTreeMap<String, String>, round: usize) -> BTreeMap<String, String> {
    let mut files = files.clone();
    files.get_mut("src/lib.rs").expect("a library").push_str(&format!("\n// round {round}\n"));
    files
}

/// The crate with its hidden tests in a plain folder.
struct Bare {
    folder: TempDir,
}

impl Bare {
    fn new(package: &Path, files: &BTreeMap<String, String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut manifest = fs::read_to_string(package.join("starter/Cargo.toml")).expect("a manifest");
        manifest.push_str("\n[workspace]\n");
        fs::write(folder.path().join("Cargo.toml"), manifest).expect("a manifest");
        let mut tests = BTreeMap::new();
        read_into(&mut tests, &package.join("hidden"), "tests");
        let bare = Self { folder };
        bare.write(&tests);
        bare.write(files);
        // Dependencies are fetched before anything is timed.
        run(bare.cargo("fetch"));
        bare
    }

    fn write(&self, files: &BTreeMap<String, String>) {
        for (name, text) in files {
            let path = self.folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    fn forget(&self) {
        fs::remove_dir_all(self.target()).expect("a target");
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.arg(command).current_dir(self.folder.path()).env("CARGO_TARGET_DIR", self.target());
        cargo.stdout(Stdio::null()).stderr(Stdio::null());
        cargo
    }

    fn test(&self) -> Duration {
        let mut cargo = self.cargo("test");
        cargo.arg("--offline");
        let began = Instant::now();
        run(cargo);
        began.elapsed()
    }
}

fn run(mut command: Command) {
    assert!(command.status().expect("cargo").success(), "{command:?} failed");
}
