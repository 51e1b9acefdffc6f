//! From what arrives (a map, an archive, a folder) to [`SubmittedFiles`], reading no more than the limits allow.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use super::files::{MAX_FILES, Refusal, SubmittedFiles, too_large};
use super::gathered::Gathered;

/// Entries of an archive that are looked at, those that are left aside included.
const MAX_ENTRIES: usize = 16 << 10;
/// Entries that may be part of a submission; folders count too.
const MAX_OWN_ENTRIES: usize = 4 * MAX_FILES;
/// Bytes that a compressed stream may expand to, headers, padding and what is left aside included.
const MAX_EXPANDED_BYTES: u64 = 64 << 20;
/// How a gzipped stream begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads a submission from pairs of path and text, as its JSON form has them.
///
/// # Errors
/// Every file that breaks a rule.
pub(crate) fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<SubmittedFiles, Vec<Refusal>> {
    let mut gathered = Gathered::default();
    for (path, text) in pairs {
        if gathered.wants(&path) {
            gathered.add(path, text.into_bytes());
        }
    }
    gathered.finish()
}

/// Reads a submission from a tar archive, gzipped or plain.
///
/// # Errors
/// Every entry that breaks a rule, or what is wrong with the archive.
pub(crate) fn from_tar(archive: impl Read) -> Result<SubmittedFiles, Vec<Refusal>> {
    let mut archive = BufReader::new(archive);
    let gzipped = archive.fill_buf().is_ok_and(|start| start.starts_with(&GZIP));
    let expanded: Box<dyn Read + '_> =
        if gzipped { Box::new(flate2::read::GzDecoder::new(archive)) } else { Box::new(archive) };
    let mut gathered = Gathered::default();
    match read_tar(Capped { inner: expanded, left: MAX_EXPANDED_BYTES }, &mut gathered) {
        Ok(()) => gathered.finish(),
        Err(refusal) => Err(vec![refusal]),
    }
}

fn read_tar(archive: impl Read, gathered: &mut Gathered) -> Result<(), Refusal> {
    let broken =
        |error: io::Error| Refusal::new("", format!("the archive is no readable .tar.gz, .tar or .zip: {error}"));
    let mut archive = tar::Archive::new(archive);
    for (count, entry) in archive.entries().map_err(broken)?.enumerate() {
        let mut entry = entry.map_err(broken)?;
        let path = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|error| Refusal::new(String::from_utf8_lossy(error.as_bytes()), "has a name that is not UTF-8"))?;
        check_count(&path, count, gathered)?;
        if !gathered.wants(&path) {
            continue;
        }
        match entry.header().entry_type() {
            tar::EntryType::Directory => gathered.add_folder(path),
            tar::EntryType::XGlobalHeader => {}
            tar::EntryType::Regular | tar::EntryType::Continuous => read_file(gathered, path, &mut entry)?,
            other => gathered.refuse(not_regular(&path, &format!("{other:?}").to_lowercase())),
        }
    }
    Ok(())
}

/// Reads a submission from a zip archive.
///
/// # Errors
/// Every entry that breaks a rule, or what is wrong with the archive.
pub(crate) fn from_zip(archive: impl Read + Seek) -> Result<SubmittedFiles, Vec<Refusal>> {
    let mut gathered = Gathered::default();
    match read_zip(archive, &mut gathered) {
        Ok(()) => gathered.finish(),
        Err(refusal) => Err(vec![refusal]),
    }
}

fn read_zip(archive: impl Read + Seek, gathered: &mut Gathered) -> Result<(), Refusal> {
    let broken = |error: zip::result::ZipError| Refusal::new("", format!("the archive is no readable .zip: {error}"));
    let mut archive = zip::ZipArchive::new(archive).map_err(broken)?;
    if archive.len() > MAX_ENTRIES {
        return Err(Refusal::new("", format!("the archive has more than {MAX_ENTRIES} entries")));
    }
    // Names that come twice, and entries that one reader sees and another does not.
    archive.validate_header_consistency().map_err(broken)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        let path = std::str::from_utf8(entry.name_raw())
            .map(str::to_owned)
            .map_err(|_| Refusal::new(String::from_utf8_lossy(entry.name_raw()), "has a name that is not UTF-8"))?;
        check_count(&path, index, gathered)?;
        if !gathered.wants(&path) {
            continue;
        }
        let kind = entry.unix_mode().map_or(0, |mode| mode & 0o170_000);
        if entry.is_dir() {
            gathered.add_folder(path);
        } else if !matches!(kind, 0 | 0o100_000) {
            gathered.refuse(not_regular(&path, "link or device"));
        } else {
            read_file(gathered, path, &mut entry)?;
        }
    }
    Ok(())
}

/// From a crate's folder on this machine, as the command line takes it: the crate's own files, without `target` and the
/// like, but with everything that a rule is about.
///
/// # Errors
/// Every file that breaks a rule or cannot be read.
pub(crate) fn from_folder(folder: &Path) -> Result<SubmittedFiles, Vec<Refusal>> {
    const NAMES: [&str; 8] =
        ["Cargo.toml", "build.rs", ".cargo", "rust-toolchain", "rust-toolchain.toml", "diagnosis.toml", "src", "tests"];
    let mut gathered = Gathered::default();
    for name in NAMES {
        if fs::symlink_metadata(folder.join(name)).is_ok() {
            read_tree(&mut gathered, folder, name).map_err(|refusal| vec![refusal])?;
        }
    }
    gathered.finish()
}

fn read_tree(gathered: &mut Gathered, root: &Path, name: &str) -> Result<(), Refusal> {
    let unreadable = |error: io::Error| Refusal::new(name, format!("cannot be read: {error}"));
    if !gathered.wants(name) {
        return Ok(());
    }
    let path = root.join(name);
    let kind = fs::symlink_metadata(&path).map_err(unreadable)?;
    if kind.is_file() {
        return read_file(gathered, name.to_owned(), &mut fs::File::open(&path).map_err(unreadable)?);
    }
    if !kind.is_dir() {
        gathered.refuse(not_regular(name, "link or device"));
        return Ok(());
    }
    check_count(name, 0, gathered)?;
    gathered.add_folder(name.to_owned());
    for entry in fs::read_dir(&path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        read_tree(gathered, root, &format!("{name}/{}", entry.file_name().to_string_lossy()))?;
    }
    Ok(())
}

/// Reads one file, never more than there is room for.
fn read_file(gathered: &mut Gathered, path: String, from: &mut impl Read) -> Result<(), Refusal> {
    let room = u64::try_from(gathered.room()).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    from.take(room + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Refusal::new(&path, format!("cannot be unpacked: {error}")))?;
    // The rest need not be read, which could be a great deal.
    if bytes.len() > gathered.room() {
        return Err(too_large(&path));
    }
    gathered.add(path, bytes);
    Ok(())
}

fn check_count(path: &str, count: usize, gathered: &Gathered) -> Result<(), Refusal> {
    for (count, most) in [(count, MAX_ENTRIES), (gathered.count(), MAX_OWN_ENTRIES)] {
        if count >= most {
            return Err(Refusal::new(path, format!("the archive has more than {most} entries")));
        }
    }
    Ok(())
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
