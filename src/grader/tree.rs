//! Trusted folders on disk: walked, copied, hashed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Whether a folder holds what can be made again, as cargo's `target` (the Cache Directory Tagging Specification).
#[must_use]
pub(crate) fn is_cache(folder: &Path) -> bool {
    folder.join("CACHEDIR.TAG").is_file()
}

/// All regular files under `folder` but those in caches, sorted; links are followed only at the top.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                waiting.extend(Some(entry.path()).filter(|folder| !is_cache(folder)));
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies all regular files under `from` to `to`, readable by everybody: a jail's user is not ours.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from).unwrap_or(&file));
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &target)?;
        fs::set_permissions(&target, fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

/// Feeds a file or folder that may be missing into a hash: names and contents, each with its length.
pub(super) fn hash(path: &Path, into: &mut Sha256) -> io::Result<()> {
    let files = if path.is_dir() {
        files(path)?
    } else if path.exists() {
        vec![path.to_owned()]
    } else {
        Vec::new()
    };
    hash_bytes(&files.len().to_le_bytes(), into);
    for file in files {
        hash_bytes(file.strip_prefix(path).unwrap_or(&file).as_os_str().as_encoded_bytes(), into);
        hash_bytes(&fs::read(&file)?, into);
    }
    Ok(())
}

/// Feeds bytes into a hash with their length, so that no two sequences of pieces look the same.
pub(super) fn hash_bytes(bytes: &[u8], into: &mut Sha256) {
    into.update(bytes.len().to_le_bytes());
    into.update(bytes);
}

/// The first `digits` digits of a hash in hexadecimal.
pub(super) fn hex(hash: Sha256, digits: usize) -> String {
    let mut text = crate::hex::hex(hash.finalize());
    text.truncate(digits);
    text
}

/// The names of the folders in a folder, sorted.
pub(super) fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The `*.rs` files directly in `folder`, sorted: each is a test crate, as cargo has it for `tests/`.
pub(super) fn test_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_test = |path: &PathBuf| path.extension().is_some_and(|end| end == "rs") && path.is_file();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(is_test).collect();
    files.sort();
    files
}

/// Every file under `folder` as text, by path relative to it.
pub(super) fn text_files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for path in files(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        let text =
            fs::read_to_string(&path).map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        texts.insert(name, text);
    }
    Ok(texts)
}

/// Writes a file and the folders above it.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

/// Copies a folder with its times, without the files and folders for which `skip` says so of their path in it. Cargo
/// compares times to know what is fresh.
pub(super) fn copy_but(from: &Path, to: &Path, skip: impl Fn(&Path) -> bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in files(from)? {
        let name = file.strip_prefix(from).unwrap_or(&file);
        if skip(name) {
            continue;
        }
        let target = to.join(name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &target)?;
        fs::File::options().write(true).open(&target)?.set_modified(fs::metadata(&file)?.modified()?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_has_made_is_no_part_of_a_package() {
        let package = tempfile::tempdir().unwrap();
        let at = |name: &str| package.path().join(name);
        write(&at("src/lib.rs"), b"").unwrap();
        write(&at("src/target/own.rs"), b"").unwrap();
        write(&at("target/CACHEDIR.TAG"), b"").unwrap();
        write(&at("target/debug/made"), b"\xff").unwrap();
        assert_eq!(files(package.path()).unwrap(), [at("src/lib.rs"), at("src/target/own.rs")]);
    }
}
