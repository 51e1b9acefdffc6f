//! The tree as text, and how a rule reports what breaks it.

use std::fs;
use std::path::Path;

use regex::Regex;

/// Not of this program: built into those that are graded.
const PROGRAM_OF_TESTS: &str = "src/grader/runner/";

/// A file, without its comments and its unit tests.
#[derive(Clone)]
pub struct Source {
    /// From the root of the repository.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Whether the path is that file, begins with that `folder/`, or ends with that `*/name.rs`.
    pub fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| match place.strip_prefix('*') {
            Some(end) => self.path.ends_with(end),
            None if place.ends_with('/') => self.path.starts_with(place),
            None => self.path == *place,
        })
    }

    /// `file:line` of a place in the text.
    pub fn line(&self, offset: usize) -> String {
        format!("{}:{}", self.path, self.text[..offset].matches('\n').count() + 1)
    }
}

/// The Rust files under a folder.
pub fn rust(folder: &str) -> Vec<Source> {
    let unit_tests = |path: &str| path.ends_with("/tests.rs") || path.contains("/tests/");
    let mut files = files(folder, &["rs"]);
    files.retain(|file| folder != "src" || !unit_tests(&file.path) && !file.path.starts_with(PROGRAM_OF_TESTS));
    for file in &mut files {
        file.text = code(&file.text);
    }
    files
}

/// The files under a folder with one of the extensions, whole.
pub fn files(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    walk(Path::new(folder), &mut |path| {
        let wanted = path.extension().is_some_and(|extension| extensions.contains(&extension.to_str().unwrap()));
        if wanted {
            found.push(Source { path: path.display().to_string(), text: fs::read_to_string(path).unwrap() });
        }
    });
    assert!(!found.is_empty(), "there is nothing to check in {folder}");
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

/// Lines of comments are blanked, so that line numbers stay; what follows `#[cfg(test)] mod` is left out.
fn code(text: &str) -> String {
    let tests = Regex::new(r"#\[cfg\(test\)\]\s*mod \w+ \{").unwrap();
    let text = tests.find(text).map_or(text, |found| &text[..found.start()]);
    text.lines()
        .map(|line| if line.trim_start().starts_with("//") { "\n".to_owned() } else { format!("{line}\n") })
        .collect()
}

/// What breaks a rule, each with its place.
pub struct Rule {
    remedy: &'static str,
    broken: Vec<String>,
}

impl Rule {
    /// With what to do about it.
    pub const fn new(remedy: &'static str) -> Self {
        Self { remedy, broken: Vec::new() }
    }

    /// Something is not as it should be at a place.
    pub fn breaks(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        self.broken.push(format!("{place}: {what}"));
    }

    /// Breaks wherever the pattern is found outside of some places.
    pub fn forbid(mut self, files: &[Source], pattern: &str, except: &[&str]) -> Self {
        let pattern = Regex::new(pattern).unwrap();
        for file in files.iter().filter(|file| !file.is_in(except)) {
            for found in pattern.find_iter(&file.text) {
                self.breaks(file.line(found.start()), found.as_str());
            }
        }
        self
    }

    /// Fails with everything that breaks the rule.
    #[track_caller]
    pub fn hold(self) {
        assert!(self.broken.is_empty(), "{}\n  {}", self.remedy, self.broken.join("\n  "));
    }
}
