//! Every attack of `tests/attacks/` gets what its `attack.toml` says, tells nothing, and leaves nothing behind.
//!
//! They are handed in by `quorate check --attacks` to copies of the packages with the word CANARY in every hidden file and
//! solution.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use crate::support::canary::{CANARY, copy_with_canaries};

const ATTACKS: &str = "tests/attacks";
const PACKAGES: [&str; 2] = ["graders", "tests/fixtures/packages"];
/// How the folder of a server's control groups begins; its process id follows.
const GROUPS: &str = "quorate";

#[test]
fn nobody_forges_a_score() {
    attack("forging");
}

#[test]
fn nobody_reads_what_is_hidden() {
    attack("reading");
}

#[test]
fn nobody_exhausts_the_machine() {
    attack("exhausting");
}

#[test]
fn nobody_escapes() {
    attack("escaping");
}

/// Lets all of a group try, in a process of their own, and looks for what they left behind.
fn attack(group: &str) {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("attacked-{group}"));
    let (packages, data) = (place.join("packages"), place.join("data"));
    let _ = fs::remove_dir_all(&packages);
    for package in PACKAGES.iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let package = package.unwrap().path();
        copy_with_canaries(&package, &packages.join(package.file_name().unwrap()));
    }
    // What the process leaves behind becomes a child of this one.
    nix::sys::prctl::set_child_subreaper(true).unwrap();
    let before = SystemTime::now();
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(["check", group, "--attacks", ATTACKS])
        .env("QUORATE_DATA_DIR", &data)
        .env("QUORATE_GRADERS", &packages)
        .env("HOST_SECRET", CANARY)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let process = child.id();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.matches("\n  ").count() > 10, "{text}");
    assert_eq!(left_behind(process), Vec::<PathBuf>::new());
    assert_eq!(fs::read_to_string("/proc/self/mounts").unwrap(), mounts);
    assert_eq!(changed(&data.join("prepared"), before), Vec::<PathBuf>::new(), "a prepared package was changed");
}

/// Files that were changed after the package that they belong to was made.
fn changed(prepared: &Path, begun: SystemTime) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for package in fs::read_dir(prepared).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let Ok(record) = fs::metadata(package.join("record.json")) else { continue };
        let made = record.modified().unwrap();
        let mut folders = vec![package.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let kept = entry.metadata().unwrap();
                if kept.is_dir() {
                    folders.push(entry.path());
                } else if kept.modified().unwrap() > made.max(begun) && entry.file_name() != "used" {
                    found.push(entry.path());
                }
            }
        }
    }
    found
}

/// Control groups of a process that are still there, and processes that it left to this one.
fn left_behind(process: u32) -> Vec<PathBuf> {
    let own = std::process::id();
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let of_jails = path.parent().is_some_and(|parent| parent.ends_with(GROUPS));
            if of_jails && entry.file_name().to_string_lossy().starts_with(&format!("{process}-")) {
                found.push(path);
            } else if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1).map(str::to_owned));
        if parent == Some(own.to_string()) {
            found.push(entry.path());
        }
    }
    found
}
