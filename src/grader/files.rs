//! What a candidate handed in, once it is known to be harmless to handle: a few small UTF-8 files at allowed paths.

use std::collections::BTreeMap;
use std::fmt;

/// The most files that one submission may have.
pub(crate) const MAX_FILES: usize = 64;
/// Bytes of all files together.
pub(crate) const MAX_TOTAL_BYTES: usize = 1 << 20;
/// The most bytes that one path may have.
pub(super) const MAX_PATH_BYTES: usize = 200;
/// Characters told of one rule, which may quote what was handed in.
const MAX_RULE_CHARACTERS: usize = 300;
/// The most parts that one path may have, the file's name included.
pub(super) const MAX_DEPTH: usize = 8;

/// The folder of a starter that is there to be read.
const GIVEN: &str = "incident/";

/// One rule that a submission breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// The file, as the candidate named it.
    pub file: String,
    /// The rule, and what to do instead.
    pub rule: String,
}

impl Refusal {
    /// `rule` is broken by `file`.
    pub fn new(file: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { file: printable(&file.into(), MAX_PATH_BYTES), rule: printable(&rule.into(), MAX_RULE_CHARACTERS) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.file.is_empty() {
            formatter.write_str(&self.rule)
        } else {
            write!(formatter, "{}: {}", self.file, self.rule)
        }
    }
}

/// Broken rules as text, a line each.
pub(super) fn told(refusals: &[Refusal]) -> String {
    refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A name is untrusted text too: no control characters on anybody's terminal, and no pages of it.
fn printable(name: &str, most: usize) -> String {
    let safe = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut text: String = name.chars().take(most).map(safe).collect();
    if name.chars().nth(most).is_some() {
        text.push('…');
    }
    text
}

/// The files of a submission by path, all within the limits. Made only by [`SubmittedFiles::builder`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmittedFiles {
    files: BTreeMap<String, String>,
    notes: Vec<String>,
}

impl SubmittedFiles {
    /// Starts an empty submission.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// What of all that arrived was left aside, or changed: each a sentence for the report.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The text of the file at `path`.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// The same files with another text in one of them: for what we try ourselves.
    #[must_use]
    pub fn with(mut self, path: &str, text: String) -> Self {
        self.files.insert(path.to_owned(), text);
        self
    }

    /// The same files and those sources of others that are missing here.
    #[must_use]
    pub fn over(mut self, below: BTreeMap<String, String>) -> Self {
        for (path, text) in below.into_iter().filter(|(path, _)| path.starts_with("src/")) {
            self.files.entry(path).or_insert(text);
        }
        self
    }

    /// All files with their texts, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// Takes files one by one and keeps to the limits as it goes, so that nothing large is ever held.
#[derive(Debug, Default)]
pub struct Builder {
    files: BTreeMap<String, String>,
    /// Paths in lower case: two that differ in case alone are one file on some machines.
    folded: BTreeMap<String, String>,
    bytes: usize,
}

impl Builder {
    /// Bytes that may still come.
    #[must_use]
    pub const fn room(&self) -> usize {
        MAX_TOTAL_BYTES.saturating_sub(self.bytes)
    }

    /// Adds a file to the submission. A file under the folder of given material is passed over without an error.
    ///
    /// # Errors
    /// When the path is refused, the file is one too many, its bytes don't fit, the path comes twice or it isn't text.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), Refusal> {
        let path = check_path(path)?;
        if path.starts_with(GIVEN) {
            // What a candidate was given to read comes back with a folder that is handed in whole.
            return Ok(());
        }
        if self.files.len() >= MAX_FILES {
            return Err(Refusal::new(path, format!("a submission has at most {MAX_FILES} files")));
        }
        if bytes.len() > self.room() {
            return Err(too_large(path));
        }
        if let Some(other) = self.folded.get(&path.to_lowercase()) {
            return Err(Refusal::new(
                path,
                format!("comes twice: `{}` is the same file", printable(other, MAX_PATH_BYTES)),
            ));
        }
        let text = String::from_utf8(bytes).map_err(|_| Refusal::new(path, "is not UTF-8 text"))?;
        if text.contains('\0') {
            return Err(Refusal::new(path, "holds a NUL character, which is no text"));
        }
        self.bytes += text.len();
        self.folded.insert(path.to_lowercase(), path.to_owned());
        self.files.insert(path.to_owned(), text);
        Ok(())
    }

    /// The submission, with notes on what else had arrived.
    ///
    /// # Errors
    /// When nothing of `src/` or `tests/` is there, or one path is a file and a folder at once.
    pub fn finish(self, notes: Vec<String>) -> Result<SubmittedFiles, Refusal> {
        if !self.files.keys().any(|path| path.starts_with("src/") || path.starts_with("tests/")) {
            return Err(Refusal::new("src/lib.rs", "is missing: a submission has a file under src/, or under tests/"));
        }
        for path in self.files.keys() {
            let mut folders = path.char_indices().filter(|(_, c)| *c == '/').filter_map(|(at, _)| path.get(..at));
            if let Some(file) = folders.find(|folder| self.files.contains_key(*folder)) {
                return Err(Refusal::new(path, format!("cannot lie under `{file}`, which is a file")));
            }
        }
        Ok(SubmittedFiles { files: self.files, notes })
    }
}

/// A file or all of them are too large.
pub(super) fn too_large(path: &str) -> Refusal {
    Refusal::new(path, format!("a submission has at most {} KiB in all", MAX_TOTAL_BYTES >> 10))
}

/// Checks a path before its bytes are read, and gives it without a leading `./`.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn check_path(given: &str) -> Result<&str, Refusal> {
    let refuse = |rule: &str| Err(Refusal::new(given, rule));
    let path = given.strip_prefix("./").unwrap_or(given);
    if path.len() > MAX_PATH_BYTES {
        return Err(Refusal::new(given, format!("a path has at most {MAX_PATH_BYTES} bytes")));
    }
    if path.starts_with('/') || path.contains('\\') || path.contains(':') {
        return refuse("must be relative to the crate, with `/` between folders");
    }
    let parts: Vec<&str> = path.split('/').collect();
    if parts.iter().any(|part| part.is_empty() || *part == "." || *part == "..") {
        return refuse("must not contain `.`, `..` or empty parts");
    }
    if parts.len() > MAX_DEPTH {
        return Err(Refusal::new(given, format!("lies more than {MAX_DEPTH} folders deep")));
    }
    match (parts.as_slice(), parts.first().copied().unwrap_or_default()) {
        (["Cargo.toml"], _) => Ok(path),
        (["Cargo.lock"], _) => refuse("is the grader's: leave the lock file out"),
        (["build.rs"], _) => refuse("build scripts are not run: leave it out"),
        (["rust-toolchain" | "rust-toolchain.toml"], _) => refuse("is the grader's: the toolchain is fixed"),
        (_, ".cargo") => refuse("is the grader's: cargo's configuration is fixed"),
        (["diagnosis.toml"], _) => Ok(path),
        (_, "src" | "tests") if parts.len() > 1 => rust_file(given, path, &parts),
        (_, _) if path.starts_with(GIVEN) => Ok(path),
        _ => refuse("is not accepted: a submission is Cargo.toml, src/**/*.rs and tests/**/*.rs"),
    }
}

fn rust_file<'p>(given: &str, path: &'p str, parts: &[&str]) -> Result<&'p str, Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !parts.iter().all(|part| part.chars().all(plain) && !part.starts_with('.')) {
        return Err(Refusal::new(given, "has a name with other characters than letters, digits, `_`, `-` and `.`"));
    }
    if !path.ends_with(".rs") {
        return Err(Refusal::new(given, "is no Rust source: only `.rs` files are accepted here"));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_outside_the_rules_are_refused() {
        for good in ["Cargo.toml", "src/lib.rs", "./src/a/b.rs", "tests/public.rs", "src/a-b_c.d.rs"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        let deep = format!("src/{}x.rs", "a/".repeat(MAX_DEPTH));
        let long = format!("src/{}.rs", "a".repeat(MAX_PATH_BYTES));
        for bad in [
            "",
            "/etc/passwd",
            "../src/lib.rs",
            "src/../lib.rs",
            "src//lib.rs",
            "src/./lib.rs",
            "src",
            "src/",
            "src/lib.txt",
            "build.rs",
            ".cargo/config.toml",
            "Cargo.lock",
            "rust-toolchain.toml",
            "C:/x.rs",
            "src\\lib.rs",
            "lib.rs",
            "src/.hidden.rs",
            "src/\u{202e}sr.bil.rs",
            "hidden/a.rs",
            "./../src/lib.rs",
            &deep,
            &long,
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_same_file_twice_is_refused_whatever_its_case() {
        let mut builder = SubmittedFiles::builder();
        builder.add("src/lib.rs", Vec::new()).unwrap();
        assert!(builder.add("./src/lib.rs", Vec::new()).is_err());
        assert!(builder.add("src/LIB.rs", Vec::new()).is_err());
    }

    #[test]
    fn limits_hold_at_the_boundary() {
        let mut builder = SubmittedFiles::builder();
        builder.add("src/lib.rs", vec![b' '; MAX_TOTAL_BYTES]).unwrap();
        builder.add("src/empty.rs", Vec::new()).unwrap();
        assert!(builder.add("src/one.rs", vec![b' ']).is_err());
        for number in 2..MAX_FILES {
            builder.add(&format!("src/f{number}.rs"), Vec::new()).unwrap();
        }
        assert!(builder.add("src/last.rs", Vec::new()).is_err());
    }

    #[test]
    fn a_file_is_no_folder_and_there_must_be_sources() {
        let mut builder = SubmittedFiles::builder();
        builder.add("Cargo.toml", Vec::new()).unwrap();
        builder.add("diagnosis.toml", Vec::new()).unwrap();
        assert!(builder.finish(Vec::new()).is_err());
        let mut builder = SubmittedFiles::builder();
        builder.add("src/lib.rs", Vec::new()).unwrap();
        builder.add("src/a.rs", Vec::new()).unwrap();
        builder.add("src/a.rs/b.rs", Vec::new()).unwrap();
        assert!(builder.finish(Vec::new()).is_err());
    }
}
