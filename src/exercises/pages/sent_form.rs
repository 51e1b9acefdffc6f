//! The editor's form as it is sent: to hand in, or to see what changed.

use std::collections::BTreeMap;

use super::editor::CHOICE_OF;
use crate::attempts::AttemptItem;
use crate::error::{Refusal, Result};
use crate::grader::diagnosis;
use crate::id::AttemptId;
use crate::submissions::{Files, Mode};

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
    pub(super) files: Vec<(String, String)>,
    pub(super) mode: Mode,
    pub(super) since: Since,
    attempt: Option<String>,
    position: Option<String>,
}

impl SentForm {
    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let mut sent =
            Self { files: Vec::new(), mode: Mode::Graded, since: Since::Starter, attempt: None, position: None };
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
                "text" if !path.is_empty() => sent.files.push((std::mem::take(&mut path), value.replace("\r\n", "\n"))),
                "mode" if value == "public" => sent.mode = Mode::Public,
                "since" if value == "submission" => sent.since = Since::Submission,
                "attempt" => sent.attempt = Some(value),
                "position" => sent.position = Some(value),
                _ => {}
            }
        }
        if !diagnosis.is_empty() {
            sent.files.push((diagnosis::FILE.to_owned(), diagnosis::written(&diagnosis)));
        }
        sent
    }

    /// The item of an attempt that the files are for. A damaged one is refused rather than taken for practice.
    pub(super) fn item(&self) -> Result<Option<AttemptItem>> {
        let attempt = self.attempt.as_deref().map(str::parse::<AttemptId>).transpose().map_err(|_| damaged())?;
        let position = self.position.as_deref().map(str::parse::<i32>).transpose().map_err(|_| damaged())?;
        AttemptItem::of(attempt, position)
    }

    /// To be shown again; of two files of one name, the last.
    pub(super) fn shown(&self) -> Files {
        self.files.iter().cloned().collect()
    }
}

fn damaged() -> Refusal {
    Refusal::invalid_field("", "the form does not name an attempt of yours: open the exercise from the attempt again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_sends_paths_and_texts_in_turn() {
        let fields = [
            ("path", "src/lib.rs"),
            ("text", "a\r\nb"),
            ("path", " "),
            ("text", "dropped"),
            ("path", "src/x.rs"),
            ("text", ""),
            ("choice.trigger", "b"),
            ("mode", "public"),
        ];
        let sent = SentForm::read(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let diagnosis = file("diagnosis.toml", "trigger = \"b\"\n");
        assert_eq!(sent.files, [file("src/lib.rs", "a\nb"), file("src/x.rs", ""), diagnosis]);
        assert_eq!(sent.mode, Mode::Public);
    }
}
