//! From what arrives (a map, an archive, a folder) to [`SubmittedFiles`], reading no more than the limits allow.

use std::fs;
use std::io::{self, Read, Seek};
use std::path::Path;

use super::files::{Builder, MAX_FILES, Refusal, SubmittedFiles, check_path, too_large};

/// Entries of an archive that are looked at; folders count too.
const MAX_ENTRIES: usize = 4 * MAX_FILES;
/// Bytes that a compressed stream may expand to, headers and padding included.
const MAX_EXPANDED_BYTES: u64 = 4 << 20;

/// From pairs of path and text, as in the JSON form of a submission.
///
/// # Errors
/// The first file that breaks a rule.
pub(crate) fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<SubmittedFiles, Refusal> {
    let mut files = SubmittedFiles::builder();
    for (path, text) in pairs {
        files.add(&path, text.into_bytes())?;
    }
    files.finish()
}

/// From a gzipped tar.
///
/// # Errors
/// The first entry that breaks a rule, or a broken archive.
pub(crate) fn from_tar_gz(archive: impl Read) -> Result<SubmittedFiles, Refusal> {
    let broken = |error: io::Error| Refusal::new("", format!("the archive is no readable .tar.gz: {error}"));
    let expanded = Capped { inner: flate2::read::GzDecoder::new(archive), left: MAX_EXPANDED_BYTES };
    let mut archive = tar::Archive::new(expanded);
    let mut files = SubmittedFiles::builder();
    for (count, entry) in archive.entries().map_err(broken)?.enumerate() {
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|error| Refusal::new(String::from_utf8_lossy(error.as_bytes()), "has a name that is not UTF-8"))?;
        if count >= MAX_ENTRIES {
            return Err(Refusal::new(path, format!("the archive has more than {MAX_ENTRIES} entries")));
        }
        match entry.header().entry_type() {
            tar::EntryType::Directory => check_folder(&path)?,
            tar::EntryType::XGlobalHeader => {}
            tar::EntryType::Regular | tar::EntryType::Continuous => add(&mut files, &path, &mut entry)?,
            other => return Err(not_regular(&path, &format!("{other:?}").to_lowercase())),
        }
    }
    files.finish()
}

/// From a zip.
///
/// # Errors
/// The first entry that breaks a rule, or a broken archive.
pub(crate) fn from_zip(archive: impl Read + Seek) -> Result<SubmittedFiles, Refusal> {
    let broken = |error: zip::result::ZipError| Refusal::new("", format!("the archive is no readable .zip: {error}"));
    let mut archive = zip::ZipArchive::new(archive).map_err(broken)?;
    if archive.len() > MAX_ENTRIES {
        return Err(Refusal::new("", format!("the archive has more than {MAX_ENTRIES} entries")));
    }
    // Names that come twice, and entries that one reader sees and another does not.
    archive.validate_header_consistency().map_err(broken)?;
    let mut files = SubmittedFiles::builder();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        let path = std::str::from_utf8(entry.name_raw())
            .map(str::to_owned)
            .map_err(|_| Refusal::new(String::from_utf8_lossy(entry.name_raw()), "has a name that is not UTF-8"))?;
        let kind = entry.unix_mode().map_or(0, |mode| mode & 0o170_000);
        if entry.is_dir() {
            check_folder(&path)?;
        } else if !matches!(kind, 0 | 0o100_000) {
            return Err(not_regular(&path, "link or device"));
        } else {
            add(&mut files, &path, &mut entry)?;
        }
    }
    files.finish()
}

/// From a crate's folder on this machine, as the command line takes it: the crate's own files, without `target` and the
/// like, but with everything that a rule is about.
///
/// # Errors
/// The first file that breaks a rule or cannot be read.
pub(crate) fn from_folder(folder: &Path) -> Result<SubmittedFiles, Refusal> {
    let mut files = SubmittedFiles::builder();
    const NAMES: [&str; 8] =
        ["Cargo.toml", "build.rs", ".cargo", "rust-toolchain", "rust-toolchain.toml", "diagnosis.toml", "src", "tests"];
    for name in NAMES {
        if fs::symlink_metadata(folder.join(name)).is_ok() {
            add_tree(&mut files, folder, name)?;
        }
    }
    files.finish()
}

fn add_tree(files: &mut Builder, root: &Path, name: &str) -> Result<(), Refusal> {
    let unreadable = |error: io::Error| Refusal::new(name, format!("cannot be read: {error}"));
    let path = root.join(name);
    let kind = fs::symlink_metadata(&path).map_err(unreadable)?;
    if kind.is_file() {
        return add(files, name, &mut fs::File::open(&path).map_err(unreadable)?);
    }
    if !kind.is_dir() {
        return Err(not_regular(name, "link or device"));
    }
    check_folder(name)?;
    for entry in fs::read_dir(&path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        add_tree(files, root, &format!("{name}/{}", entry.file_name().to_string_lossy()))?;
    }
    Ok(())
}

/// Reads one file, never more than there is room for.
fn add(files: &mut Builder, path: &str, from: &mut impl Read) -> Result<(), Refusal> {
    check_path(path)?;
    let room = u64::try_from(files.room()).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    from.take(room + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Refusal::new(path, format!("cannot be unpacked: {error}")))?;
    if bytes.len() > files.room() {
        return Err(too_large(path));
    }
    files.add(path, bytes)
}

/// A folder is harmless if a Rust file could lie in it.
fn check_folder(path: &str) -> Result<(), Refusal> {
    match path.trim_end_matches('/').trim_start_matches("./") {
        "" | "." | "src" | "tests" => Ok(()),
        inside => check_path(&format!("{inside}/x.rs")).map(|_| ()).map_err(|refusal| Refusal::new(path, refusal.rule)),
    }
}

fn not_regular(path: &str, kind: &str) -> Refusal {
    Refusal::new(path, format!("is no regular file but a {kind}: only regular files are accepted"))
}

/// A reader that fails, rather than ends, past its budget: an archive cut short must not look like a whole one.
struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let used = u64::try_from(count).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(used)
            .ok_or_else(|| io::Error::other(format!("it expands to more than {} MiB", MAX_EXPANDED_BYTES >> 20)))?;
        Ok(count)
    }
}
