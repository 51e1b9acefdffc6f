//! What arrives in an archive, as people make them: sorted into files of the submission and what lies beside them.
//!
//! Tools put a folder around everything, and systems and editors leave files of their own. What is known to be of that kind is
//! left aside, and said so; everything else that is not accepted is named, all of it at once.

use std::collections::BTreeSet;

use super::files::{MAX_TOTAL_BYTES, Refusal, SubmittedFiles, check_path, too_large};

/// Refusals and names that are told.
const MAX_TOLD: usize = 20;
/// The folders of a crate that are graded or given.
const OWN: [&str; 3] = ["src", "tests", "incident"];
/// What systems leave in any folder.
const OF_SYSTEMS: [&str; 4] = [".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"];
/// What tools and people put beside a crate's sources, and the grader has no use for.
const BESIDE: [&str; 16] = [
    "target",
    "Cargo.lock",
    ".git",
    ".github",
    ".gitignore",
    ".gitattributes",
    ".gitkeep",
    ".idea",
    ".vscode",
    ".exercism",
    ".meta",
    "rustfmt.toml",
    ".rustfmt.toml",
    ".editorconfig",
    "LICENSE",
    "README",
];

/// What has arrived so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    files: Vec<(String, Vec<u8>)>,
    folders: Vec<String>,
    aside: BTreeSet<String>,
    refusals: Vec<Refusal>,
    bytes: usize,
}

impl Gathered {
    /// Whether an entry may be a part of the submission, and is to be read; if not, it is left aside.
    pub(super) fn wants(&mut self, path: &str) -> bool {
        let Some(name) = junk(path) else { return true };
        if self.aside.len() < MAX_TOLD {
            self.aside.insert(name);
        }
        false
    }

    /// Bytes that may still come.
    pub(super) fn room(&self) -> usize {
        MAX_TOTAL_BYTES.saturating_sub(self.bytes)
    }

    /// Entries that may be a part of the submission.
    pub(super) fn count(&self) -> usize {
        self.files.len() + self.folders.len() + self.refusals.len()
    }

    /// Takes a file. More bytes than there is room for are refused and not kept.
    pub(super) fn add(&mut self, path: String, bytes: Vec<u8>) {
        if bytes.len() > self.room() {
            return self.refuse(too_large(&path));
        }
        self.bytes += bytes.len();
        self.files.push((path, bytes));
    }

    /// Takes a folder: it is harmless if a Rust file could lie in it.
    pub(super) fn add_folder(&mut self, path: String) {
        self.folders.push(path);
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        if self.refusals.len() < MAX_TOLD {
            self.refusals.push(refusal);
        }
    }

    /// Makes a submission of what has arrived, with notes on the folder taken off and on what was left aside.
    ///
    /// # Errors
    /// Every file and folder that breaks a rule, at most 20 of them, or the one rule that the whole breaks.
    pub(super) fn finish(mut self) -> Result<SubmittedFiles, Vec<Refusal>> {
        let outer = self.outer_folder();
        let inner = |path: &str| -> String {
            let path = plain(path);
            outer.as_deref().and_then(|outer| path.strip_prefix(outer)).unwrap_or(path).to_owned()
        };
        let mut files = SubmittedFiles::builder();
        for folder in std::mem::take(&mut self.folders) {
            if outer.as_deref().is_none_or(|outer| plain(&folder).trim_end_matches('/') != outer.trim_end_matches('/'))
            {
                check_folder(&inner(&folder)).unwrap_or_else(|refusal| self.refuse(refusal));
            }
        }
        for (path, bytes) in std::mem::take(&mut self.files) {
            files.add(&inner(&path), bytes).unwrap_or_else(|refusal| self.refuse(refusal));
        }
        if !self.refusals.is_empty() {
            return Err(self.refusals);
        }
        let mut notes = Vec::new();
        if let Some(outer) = &outer {
            notes.push(
                Refusal::new(outer.trim_end_matches('/'), "the folder around the crate is taken off").to_string(),
            );
        }
        notes.extend(self.aside.iter().map(|name| Refusal::new(name, "is left aside").to_string()));
        files.finish(notes).map_err(|refusal| vec![refusal])
    }

    /// The one folder that everything lies in, with `/` at its end, if the crate lies in it.
    fn outer_folder(&self) -> Option<String> {
        let mut paths =
            self.files.iter().map(|(path, _)| plain(path)).chain(self.folders.iter().map(|path| plain(path)));
        let (first, _) = paths.next()?.split_once('/')?;
        let outer = format!("{first}/");
        let is_crate = |path: &str| {
            let inside = path.strip_prefix(&outer).unwrap_or_default();
            inside == "Cargo.toml" || inside.starts_with("src/") || inside.starts_with("tests/")
        };
        let fits = !OWN.contains(&first) && !matches!(first, "." | ".." | "" | ".cargo");
        let all = self.files.iter().all(|(path, _)| plain(path).starts_with(&outer))
            && self.folders.iter().all(|path| format!("{}/", plain(path).trim_end_matches('/')).starts_with(&outer));
        (fits && all && self.files.iter().any(|(path, _)| is_crate(plain(path)))).then_some(outer)
    }
}

fn plain(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

/// What it is called that is left aside, if it is: `target/` for all that lies in there.
fn junk(path: &str) -> Option<String> {
    let parts: Vec<&str> = plain(path).split('/').collect();
    if let Some(at) =
        parts.iter().position(|part| OF_SYSTEMS.contains(part) || part.starts_with("._") || is_of_editor(part))
    {
        return Some(parts.get(..=at)?.join("/"));
    }
    let beside = |part: &str| BESIDE.contains(&part) || (part.ends_with(".md") && !part.starts_with('.'));
    // Beside the crate, or in the folder around it.
    let outer = usize::from(parts.len() > 1 && !parts.first().is_some_and(|first| OWN.contains(first)));
    let at = (0..=outer).find(|at| parts.get(*at).is_some_and(|part| beside(part)))?;
    Some(parts.get(..=at)?.join("/"))
}

/// Whether an editor makes files with such a name beside the one that is open: Vim's swap files and the file by which it tries
/// a folder, Emacs' locks and what it saves by itself, and copies of the last version.
fn is_of_editor(name: &str) -> bool {
    let is_swap = name.starts_with('.') && [".swp", ".swo", ".swx"].iter().any(|end| name.ends_with(end));
    let is_saved = name.len() > 1 && name.starts_with('#') && name.ends_with('#');
    is_swap || is_saved || name == "4913" || name.starts_with(".#") || name.ends_with('~')
}

fn check_folder(path: &str) -> Result<(), Refusal> {
    match path.trim_end_matches('/') {
        "" | "." | "src" | "tests" => Ok(()),
        inside => check_path(&format!("{inside}/x.rs")).map(drop).map_err(|refusal| Refusal::new(path, refusal.rule)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(paths: &[&str]) -> Result<(Vec<String>, Vec<String>), Vec<String>> {
        let mut gathered = Gathered::default();
        for path in paths {
            if gathered.wants(path) {
                match path.strip_suffix('/') {
                    Some(_) => gathered.add_folder((*path).to_owned()),
                    None => gathered.add((*path).to_owned(), Vec::new()),
                }
            }
        }
        let files = gathered.finish().map_err(|all| all.into_iter().map(|refusal| refusal.file).collect::<Vec<_>>())?;
        Ok((files.iter().map(|(path, _)| path.to_owned()).collect(), files.notes().to_vec()))
    }

    #[test]
    fn what_tools_and_systems_add_is_left_aside_and_said_so() {
        let (files, notes) = sorted(&[
            "clock-main/",
            "clock-main/src/",
            "clock-main/src/lib.rs",
            "clock-main/src/.DS_Store",
            "clock-main/Cargo.toml",
            "clock-main/Cargo.lock",
            "clock-main/target/debug/x",
            "clock-main/target/CACHEDIR.TAG",
            "clock-main/.git/HEAD",
            "__MACOSX/clock-main/src/._lib.rs",
            "README.md",
        ])
        .unwrap();
        assert_eq!(files, ["Cargo.toml", "src/lib.rs"]);
        assert_eq!(
            notes,
            [
                "clock-main: the folder around the crate is taken off",
                "README.md: is left aside",
                "__MACOSX: is left aside",
                "clock-main/.git: is left aside",
                "clock-main/Cargo.lock: is left aside",
                "clock-main/src/.DS_Store: is left aside",
                "clock-main/target: is left aside",
            ]
        );
        assert_eq!(sorted(&["src/target/own.rs", "src/lib.rs"]).unwrap().1, Vec::<String>::new());
    }

    #[test]
    fn what_editors_keep_beside_an_open_file_is_left_aside() {
        let beside = ["src/.lib.rs.swp", "src/4913", "src/lib.rs~", "src/#lib.rs#", "src/.#lib.rs"];
        let (files, notes) = sorted(&[&["src/lib.rs"], beside.as_slice()].concat()).unwrap();
        assert_eq!((files.as_slice(), notes.len()), (["src/lib.rs".to_owned()].as_slice(), beside.len()));
        assert!(sorted(&["src/lib.rs", "src/.hidden.rs", "src/#.rs"]).is_err());
    }

    #[test]
    fn all_that_is_not_accepted_is_named_at_once() {
        let refused = sorted(&["src/lib.rs", "build.rs", "src/data.txt", ".cargo/config.toml", "examples/a.rs"]);
        assert_eq!(refused.unwrap_err(), ["build.rs", "src/data.txt", ".cargo/config.toml", "examples/a.rs"]);
        // In a folder around the crate they are what they are.
        let refused = sorted(&["x/src/lib.rs", "x/build.rs", "x/../../etc/passwd"]);
        assert_eq!(refused.unwrap_err(), ["build.rs", "../../etc/passwd"]);
        // Two crates are none.
        assert!(sorted(&["a/src/lib.rs", "b/src/lib.rs"]).is_err());
        assert!(sorted(&[".cargo/src/lib.rs"]).is_err());
    }
}
