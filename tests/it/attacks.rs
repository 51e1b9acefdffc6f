//! Every attack of `tests/attacks/` gets what its `attack.toml` says, tells nothing, and leaves nothing behind.
//!
//! They are handed in to the built-in packages with the word CANARY in every hidden file and solution.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quorate::clock::Clock;
use quorate::grader::{Mode, Package, Prepared, Report, Verdict, Workshop, parse_duration, parse_size, unpack};
use quorate::sandbox::{Jailer, Settings};
use serde::Deserialize;

const ATTACKS: &str = "tests/attacks";
const PACKAGES: [&str; 2] = ["graders", "tests/fixtures/packages"];
/// How the folder of a server's control groups begins; its process id follows.
const GROUPS: &str = "quorate";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    group: Group,
    title: String,
    #[expect(dead_code, reason = "for whoever reads the file")]
    tries: String,
    package: String,
    verdict: Vec<String>,
    max_score: Option<u32>,
    absent: Vec<String>,
    /// Why it still works, if it does. It must then go on working, so that a remedy is noticed.
    known: Option<String>,
    #[serde(default)]
    limits: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Group {
    Forging,
    Reading,
    Exhausting,
    Escaping,
}

#[test]
fn nobody_forges_a_score() {
    Corpus::of(Group::Forging).attack();
}

#[test]
fn nobody_reads_what_is_hidden() {
    Corpus::of(Group::Reading).attack();
}

#[test]
fn nobody_exhausts_the_machine() {
    Corpus::of(Group::Exhausting).attack();
}

#[test]
fn nobody_escapes() {
    Corpus::of(Group::Escaping).attack();
}

/// The attacks of a group, and the workshop that must stand them.
struct Corpus {
    workshop: Workshop,
    attacks: Vec<(String, Attack)>,
    prepared: BTreeMap<String, Prepared>,
}

impl Corpus {
    fn of(group: Group) -> Self {
        let jailer = Jailer::start(&Settings::new(env!("CARGO_BIN_EXE_quorate"))).unwrap();
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attacked-data");
        let workshop = Workshop::open(jailer, data, Clock::system()).unwrap();
        let attacks: Vec<_> = attacks().into_iter().filter(|(_, attack)| attack.group == group).collect();
        assert!(attacks.len() >= 10, "{group:?} has {} attacks", attacks.len());
        let mut prepared = BTreeMap::new();
        for (_, attack) in &attacks {
            prepared
                .entry(attack.package.clone())
                .or_insert_with(|| workshop.prepare(&with_canaries(&attack.package)).unwrap());
        }
        Self { workshop, attacks, prepared }
    }

    /// Lets all of them try, tells of every one that got something else, and looks for what they left behind.
    fn attack(self) {
        let before: Vec<_> = self.prepared.values().map(listing).collect();
        let failures: Vec<String> = self
            .attacks
            .iter()
            .filter_map(|(name, attack)| {
                let report = self.grade(name, attack);
                let complaint = match (&attack.known, complaint(attack, &report)) {
                    (Some(_), None) => Some("works no longer: take out `known`".to_owned()),
                    (Some(_), Some(_)) => None,
                    (None, complaint) => complaint,
                };
                complaint.map(|complaint| format!("{name} ({}): {complaint}", attack.title))
            })
            .collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        let after: Vec<_> = self.prepared.values().map(listing).collect();
        assert_eq!(before, after, "a prepared package was changed");
        self.honest_work_passes();
        drop(self);
        assert_eq!(left_behind(), Vec::<PathBuf>::new());
    }

    fn grade(&self, name: &str, attack: &Attack) -> Report {
        let mut prepared = self.prepared[&attack.package].clone();
        limit(&mut prepared, &attack.limits);
        let folder = Path::new(ATTACKS).join(name);
        match unpack::from_folder(&without(&folder, "attack.toml")) {
            Ok(files) => self.workshop.grade(&prepared, &files, Mode::Graded, &mut |_| {}).unwrap(),
            Err(refusal) => self.workshop.refuse(&prepared, Mode::Graded, &[refusal]),
        }
    }

    fn honest_work_passes(&self) {
        let Some(prepared) = self.prepared.get("vector-clock") else { return };
        let files = unpack::from_folder(Path::new("graders/vector-clock/solution")).unwrap();
        let report = self.workshop.grade(prepared, &files, Mode::Graded, &mut |_| {}).unwrap();
        assert_eq!(report.verdict, Verdict::Accepted, "after the attacks, honest work is refused");
    }
}

fn attacks() -> Vec<(String, Attack)> {
    let mut attacks = Vec::new();
    for entry in fs::read_dir(ATTACKS).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            let text = fs::read_to_string(folder.join("attack.toml")).unwrap();
            let attack = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            attacks.push((folder.file_name().unwrap().to_str().unwrap().to_owned(), attack));
        }
    }
    attacks.sort_by(|(left, _), (right, _)| left.cmp(right));
    attacks
}

/// What is wrong with the report on an attack.
fn complaint(attack: &Attack, report: &Report) -> Option<String> {
    let told = serde_json::to_string(report).unwrap();
    let leaked: Vec<_> = attack.absent.iter().filter(|word| told.contains(word.as_str())).collect();
    if !leaked.is_empty() {
        return Some(format!("tells {leaked:?}: {told}"));
    }
    let verdict = report.verdict.as_str();
    if !attack.verdict.iter().any(|expected| expected == verdict) {
        return Some(format!("{verdict}, not {}: {:?}", attack.verdict.join(" or "), report.reason));
    }
    match attack.max_score {
        Some(most) if report.score > most => Some(format!("scored {} of {}", report.score, report.max_score)),
        _ => None,
    }
}

fn limit(prepared: &mut Prepared, overrides: &BTreeMap<String, toml::Value>) {
    let limits = &mut prepared.package.limits;
    for (name, value) in overrides {
        let text = value.as_str().unwrap_or_default();
        match name.as_str() {
            "build_wall" => limits.build_wall = parse_duration(text).unwrap(),
            "test_wall" => limits.test_wall = parse_duration(text).unwrap(),
            "test_cpu" => limits.test_cpu = parse_duration(text).unwrap(),
            "build_memory" => limits.build_memory_bytes = parse_size(text).unwrap(),
            "memory" => limits.memory_bytes = parse_size(text).unwrap(),
            "output" => limits.output_bytes = parse_size(text).unwrap(),
            "disk" => limits.disk_bytes = parse_size(text).unwrap(),
            "processes" => limits.processes = u32::try_from(value.as_integer().unwrap()).unwrap(),
            other => panic!("there is no limit {other}"),
        }
    }
}

/// A copy of a package with the word in each of its secrets.
fn with_canaries(slug: &str) -> Package {
    let original = PACKAGES.iter().map(|folder| Path::new(folder).join(slug)).find(|folder| folder.is_dir());
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attacked-packages").join(std::process::id().to_string());
    let copy = copies.join(slug);
    copy_with_canaries(&original.unwrap(), &copy, false);
    Package::read(&copy).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn copy_with_canaries(from: &Path, to: &Path, secret: bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        let target = to.join(name);
        if path.is_dir() {
            copy_with_canaries(&path, &target, secret || name == "hidden" || name == "solution");
        } else {
            let mut text = fs::read_to_string(&path).unwrap();
            if secret && path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str("\n#[allow(dead_code)]\npub const CANARY: &str = \"CANARY\"; // CANARY\n");
            }
            fs::write(target, text).unwrap();
        }
    }
}

/// A folder of links to all of a folder's entries but one.
fn without(folder: &Path, name: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attacks").join(std::process::id().to_string());
    let copy = copy.join(folder.file_name().unwrap());
    let _ = fs::remove_dir_all(&copy);
    copy_all(folder, &copy);
    fs::remove_file(copy.join(name)).unwrap();
    copy
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy_all(&path, &target) } else { fs::copy(&path, target).map(drop).unwrap() }
    }
}

/// Every file of a prepared package with its length and time of change.
fn listing(prepared: &Prepared) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let mut files = Vec::new();
    let mut folders = vec![prepared.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kept = entry.metadata().unwrap();
            if kept.is_dir() {
                folders.push(entry.path());
            } else {
                files.push((entry.path(), kept.len(), kept.modified().unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Control groups of this process that are still there, mounts of jails, and processes that it started.
fn left_behind() -> Vec<PathBuf> {
    let me = std::process::id();
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let of_jails = path.parent().is_some_and(|parent| parent.ends_with(GROUPS));
            if of_jails && entry.file_name().to_string_lossy().starts_with(&format!("{me}-")) {
                found.push(path);
            } else if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1).map(str::to_owned));
        if parent == Some(me.to_string()) {
            found.push(entry.path());
        }
    }
    found
}
