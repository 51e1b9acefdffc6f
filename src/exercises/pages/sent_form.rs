//! The editor's form as it is sent: to hand in, or to see what changed.

use std::collections::BTreeMap;

use crate::attempts::AttemptItem;
use crate::error::{Refusal, Result};
use crate::grader::diagnosis;
use crate::id::AttemptId;
use crate::submissions::{Files, Mode, checked_files};

/// How the names of the editor's fields begin in which choices of a diagnosis are; the question's name follows.
pub(super) const CHOICE_OF: &str = "choice.";
/// What is said of text without a path.
const NAMELESS: &str = "a new file has text but no path: type its path, or empty its text";
/// What such a text is called where files are compared.
const NO_PATH: &str = "(no path)";

/// What changes in the editor are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    Starter,
    /// The latest submission; the starter where there is none.
    Submission,
}

/// What the editor sent: fields `path` and `text` in turn, the choices of a diagnosis, and a button's `mode` or `since`.
#[derive(Debug, PartialEq)]
pub(super) struct SentForm {
    /// Paths and texts, as they stood in the editor. A text without a path has an empty one.
    pub(super) files: Vec<(String, String)>,
    /// The choices as a `diagnosis.toml`; nothing where none was made.
    pub(super) diagnosis: Option<String>,
    pub(super) mode: Mode,
    pub(super) since: Since,
    attempt: Option<String>,
    position: Option<String>,
}

impl SentForm {
    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let mut sent = Self {
            files: Vec::new(),
            diagnosis: None,
            mode: Mode::Graded,
            since: Since::Starter,
            attempt: None,
            position: None,
        };
        let mut path = String::new();
        let mut diagnosis: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in fields {
            if let Some(question) = name.strip_prefix(CHOICE_OF) {
                diagnosis.entry(question.to_owned()).or_default().push(value);
                continue;
            }
            match name.as_str() {
                "path" => path = value.trim().to_owned(),
                // A browser sends its own line ends.
                "text" => sent.files.push((std::mem::take(&mut path), value.replace("\r\n", "\n"))),
                "mode" if value == "public" => sent.mode = Mode::Public,
                "since" if value == "submission" => sent.since = Since::Submission,
                "attempt" => sent.attempt = Some(value),
                "position" => sent.position = Some(value),
                _ => {}
            }
        }
        // A new file with neither a path nor a text is none.
        sent.files.retain(|(path, text)| !path.is_empty() || !text.is_empty());
        sent.diagnosis = (!diagnosis.is_empty()).then(|| diagnosis::written(&diagnosis));
        sent
    }

    /// The item of an attempt that the files are for. A damaged one is refused rather than taken for practice.
    pub(super) fn item(&self) -> Result<Option<AttemptItem>> {
        let attempt = self.attempt.as_deref().map(str::parse::<AttemptId>).transpose().map_err(|_| damaged())?;
        let position = self.position.as_deref().map(str::parse::<i32>).transpose().map_err(|_| damaged())?;
        AttemptItem::of(attempt, position)
    }

    /// The files to be graded.
    ///
    /// # Errors
    /// 422 `invalid` for text without a path, and for a file that breaks a rule.
    pub(super) fn submitted(&self) -> Result<Files> {
        if self.files.iter().any(|(path, _)| path.is_empty()) {
            return Err(Refusal::invalid_field("", NAMELESS).into());
        }
        checked_files(self.all())
    }

    /// Everything that was typed, each text under a name of its own, to be compared.
    pub(super) fn compared(&self) -> Files {
        let mut files = Files::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (path, text) in self.all() {
            let path = if path.is_empty() { NO_PATH.to_owned() } else { path };
            let count = counts.entry(path.clone()).or_default();
            *count += 1;
            let name = if *count == 1 { path } else { format!("{path} ({count})") };
            files.insert(name, text);
        }
        files
    }

    fn all(&self) -> impl Iterator<Item = (String, String)> {
        let diagnosis = self.diagnosis.iter().map(|text| (diagnosis::FILE.to_owned(), text.clone()));
        self.files.iter().cloned().chain(diagnosis)
    }
}

fn damaged() -> Refusal {
    Refusal::invalid_field("", "the form does not name an attempt of yours: open the exercise from the attempt again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> SentForm {
        SentForm::read(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn file(path: &str, text: &str) -> (String, String) {
        (path.to_owned(), text.to_owned())
    }

    #[test]
    fn the_editor_sends_paths_and_texts_in_turn() {
        let sent = read(&[
            ("path", "src/lib.rs"),
            ("text", "a\r\nb"),
            ("path", " "),
            ("text", "kept"),
            ("path", "src/x.rs"),
            ("text", ""),
            ("path", ""),
            ("text", ""),
            ("choice.trigger", "b"),
            ("mode", "public"),
        ]);
        assert_eq!(sent.files, [file("src/lib.rs", "a\nb"), file("", "kept"), file("src/x.rs", "")]);
        assert_eq!(sent.diagnosis.as_deref(), Some("trigger = \"b\"\n"));
        assert_eq!(sent.mode, Mode::Public);
    }

    #[test]
    fn texts_of_one_path_and_of_none_are_compared_each_by_itself() {
        let sent = read(&[("path", "a"), ("text", "1"), ("path", "a"), ("text", "2"), ("path", ""), ("text", "3")]);
        assert_eq!(sent.compared(), Files::from([file("a", "1"), file("a (2)", "2"), file("(no path)", "3")]));
    }
}
