//! Packages in which everything that is secret can be recognised.

use std::fs;
use std::path::Path;

/// What must never reach a candidate.
pub const CANARY: &str = "CANARY-7C41";

/// Copies a folder with the word in every Rust file under `hidden/` and `solution/`.
pub fn copy_with_canaries(from: &Path, to: &Path) {
    copy(from, to, false);
}

fn copy(from: &Path, to: &Path, secret: bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        let target = to.join(name);
        if path.is_dir() {
            copy(&path, &target, secret || name == "hidden" || name == "solution");
        } else {
            let mut text = fs::read_to_string(&path).unwrap();
            if secret && path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&format!("\n#[allow(dead_code)]\nconst CANARY: &str = \"{CANARY}\"; // {CANARY}\n"));
            }
            fs::write(target, text).unwrap();
        }
    }
}
