//! Everything that reaches a candidate, byte for byte, while attacks are handed in that try to read what is hidden: answers of the
//! API, streams of events, pages. No canary may be in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::canary::{CANARY, copy_with_canaries};
use crate::support::served::Served;
use crate::support::{Answer, Backend, Client, Fixture, Network, PageSession, run};

const PACKAGES: [&str; 3] = ["graders/vector-clock", "graders/retry-storm", "tests/fixtures/packages/unsafe-allowed"];

/// How often a request waits for one submission, for 30 seconds each time.
const WAITS_PER_SUBMISSION: usize = 6;

/// A service whose packages hold canaries.
struct Packages(TempDir, Served);

impl Fixture for Packages {
    async fn on(backend: Backend) -> Self {
        let packages = tempfile::tempdir().unwrap();
        for package in PACKAGES.map(Path::new) {
            copy_with_canaries(package, &packages.path().join(package.file_name().unwrap()));
        }
        let served = Served::with_packages(backend, packages.path());
        Self(packages, served)
    }
}

#[test]
fn nothing_hidden_reaches_a_candidate() {
    run(Backend::Sqlite, nothing_leaks);
}

async fn nothing_leaks(Packages(_packages, served): Packages) {
    let mut seen =
        Seen { mallory: PageSession::register(&Network::new(served.url.clone()), "Mallory").await, bytes: 0 };
    let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
    for attack in attacks() {
        let verdict = seen.hand_in(&attack).await;
        *verdicts.entry(verdict).or_default() += 1;
    }
    for package in PACKAGES.map(|package| package.rsplit('/').next().unwrap()) {
        for page in ["/exercises", "/api/v1/exercises"] {
            seen.look(&format!("{page}/{package}")).await;
        }
        seen.look(&format!("/exercises/{package}/submissions")).await;
        seen.look(&format!("/exercises/{package}/incident")).await;
    }
    for page in ["/record", "/api/v1/submissions", "/metrics", "/readyz", "/api/v1/openapi.json"] {
        seen.look(page).await;
    }
    // They ran, and there was something to look at.
    assert!(verdicts["wrong_answer"] > 5 && verdicts["compile_error"] > 5, "{verdicts:?}");
    assert!(seen.bytes > 100_000, "{}", seen.bytes);
}

/// A candidate whose every look is searched.
struct Seen {
    mallory: PageSession,
    bytes: usize,
}

impl Seen {
    async fn look(&mut self, path: &str) -> Answer {
        let answer = self.mallory.get(path).await;
        self.search(path, &answer);
        answer
    }

    fn search(&mut self, what: &str, answer: &Answer) {
        let text = answer.text();
        self.bytes += text.len();
        assert!(!text.contains(CANARY), "{what}: {text}");
    }

    /// Hands in an attack, looks at whatever comes of it, and says the verdict.
    async fn hand_in(&mut self, attack: &Attack) -> String {
        let path = format!("/api/v1/exercises/{}/submissions", attack.package);
        let answer = self.mallory.post(&path, json!({"files": attack.files})).await;
        self.search(&path, &answer);
        if answer.status != 202 {
            assert!([400, 413, 422].contains(&answer.status), "{path}: {} {}", answer.status, answer.text());
            return answer.status.to_string();
        }
        let accepted: Value = serde_json::from_str(&answer.text()).unwrap();
        let id = accepted["id"].as_str().unwrap();
        let submission = self.finished(id).await;
        self.look(&format!("/api/v1/submissions/{id}/events")).await;
        self.look(&format!("/submissions/{id}")).await;
        submission["verdict"].as_str().unwrap().to_owned()
    }

    /// A submission when it's graded: the first one after its package has been prepared.
    async fn finished(&mut self, id: &str) -> Value {
        for _ in 0..WAITS_PER_SUBMISSION {
            let answer = self.look(&format!("/api/v1/submissions/{id}?wait=30")).await;
            let submission: Value = serde_json::from_str(&answer.text()).unwrap();
            if submission["state"] == "finished" {
                return submission;
            }
        }
        panic!("submission {id} isn't graded after {WAITS_PER_SUBMISSION} waits of 30 seconds");
    }
}

struct Attack {
    package: String,
    files: BTreeMap<String, String>,
}

/// Those that try to read, and need no limits of their own.
fn attacks() -> Vec<Attack> {
    let folders = fs::read_dir("tests/attacks").unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = folders.filter(|path| path.join("attack.toml").is_file()).collect();
    folders.sort();
    let attack = |folder: PathBuf| {
        let about: toml::Table = fs::read_to_string(folder.join("attack.toml")).unwrap().parse().unwrap();
        let reads = about["group"].as_str() == Some("reading") && !about.contains_key("limits");
        reads.then(|| Attack { package: about["package"].as_str().unwrap().to_owned(), files: files(&folder) })
    };
    folders.into_iter().filter_map(attack).collect()
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(here) = waiting.pop() {
        for path in fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                waiting.push(path);
            } else if name != "attack.toml" {
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}
