//! A thousand gradings, every other one hostile: run with `cargo bench --bench endurance`.
//!
//! What is left of them: processes, control groups and mounts, files of the sandbox, and the memory of the server.

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
use std::path::Path;

use support::{Quorate, bare_server_if_asked};

const EXERCISE: &str = "vector-clock";
const GRADINGS: usize = 1000;
/// When the memory is looked at for the first time: caches are warm.
const WARM: usize = 100;
const AT_ONCE: usize = 4;
/// After so many gradings another candidate goes on: an access token is good for a quarter of an hour.
const A_TOKEN_EACH: usize = 100;
const HOSTILE: [&str; 8] = [
    "forging-exit",
    "forging-abort",
    "exhausting-heap",
    "exhausting-processes",
    "exhausting-disk",
    "exhausting-stdout",
    "reading-borrowed-values",
    "reading-known-files",
];

fn main() {
    if bare_server_if_asked() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let quorate = Quorate::start_with(&["--workers", "2", "--graders", "graders"]);
    runtime.block_on(async {
        let mut token = quorate.register().await;
        quorate.until_ready(&token, EXERCISE).await;
        let begun = Left::of(quorate.pid());
        let mut verdicts: BTreeMap<String, usize> = BTreeMap::new();
        let mut warm = 0;
        for first in (0..GRADINGS).step_by(AT_ONCE) {
            if first == WARM {
                warm = resident_kib(quorate.pid());
            }
            if first % A_TOKEN_EACH == 0 {
                token = quorate.register_as(&format!("bench{first}")).await;
            }
            let mut waiting = Vec::new();
            for round in first..first + AT_ONCE {
                waiting.push(quorate.hand_in(&token, EXERCISE, &files(round)).await);
            }
            for id in waiting {
                let verdict = quorate.finished(&token, &id).await["verdict"].to_string();
                *verdicts.entry(verdict).or_default() += 1;
            }
        }
        println!("{GRADINGS} gradings: {verdicts:?}");
        println!("before: {begun:?}");
        println!("after:  {:?}", Left::of(quorate.pid()));
        println!("memory of the server after {WARM}: {warm} KiB, after all: {} KiB", resident_kib(quorate.pid()));
    });
}

/// What could be left behind.
#[derive(Debug)]
struct Left {
    processes: usize,
    groups: usize,
    mounts: usize,
    descriptors: usize,
}

impl Left {
    fn of(server: u32) -> Self {
        let count = |path: &str| fs::read_dir(path).map_or(0, Iterator::count);
        Self {
            processes: descendants(server),
            groups: groups_below(Path::new("/sys/fs/cgroup"), &format!("{server}-")),
            mounts: mounts(server),
            descriptors: count(&format!("/proc/{server}/fd")),
        }
    }
}

/// Processes that any thread of a process has started.
fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists: String =
        tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default()).collect();
    lists.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}

/// Those, and those that these have started, and so on.
fn descendants(process: u32) -> usize {
    children(process).into_iter().map(|child| 1 + descendants(child)).sum()
}

/// Control groups in the folders of a server.
fn groups_below(folder: &Path, server: &str) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    entries
        .map(|entry| {
            let own = folder.ends_with("quorate") && entry.file_name().to_string_lossy().starts_with(server);
            let inside = fs::read_dir(entry.path()).into_iter().flatten().flatten();
            if own { inside.filter(|group| group.path().is_dir()).count() } else { groups_below(&entry.path(), server) }
        })
        .sum()
}

/// Mounts that the server's jailer sees.
fn mounts(server: u32) -> usize {
    let of = |process| fs::read_to_string(format!("/proc/{process}/mounts")).unwrap_or_default().lines().count();
    children(server).into_iter().map(of).sum()
}

fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    resident.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The solution, and the attacks in turn, each with another comment.
fn files(round: usize) -> BTreeMap<String, String> {
    let folder = match round % 2 {
        0 => format!("graders/{EXERCISE}/solution"),
        _ => format!("tests/attacks/{}", HOSTILE[round / 2 % HOSTILE.len()]),
    };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(Path::new(&folder).join("src")).expect("sources").flatten() {
        let name = format!("src/{}", entry.file_name().to_string_lossy());
        files.insert(name, format!("{}\n// round {round}\n", fs::read_to_string(entry.path()).expect("text")));
    }
    files
}
