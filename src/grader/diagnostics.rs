//! Reads the compiler's JSON messages: in full about the candidate's own files, in code words about hidden ones.

use std::collections::BTreeSet;

use serde_json::Value;

use super::report::Diagnostic;

/// Diagnostics kept of one build.
const MAX_DIAGNOSTICS: usize = 100;
/// Bytes kept of all their texts.
const MAX_RENDERED_BYTES: usize = 256 << 10;

fn diagnostic(message: &Value) -> Option<Diagnostic> {
    let text = |key: &str| message.get(key).and_then(Value::as_str).map(str::to_owned);
    let level = text("level").filter(|level| level == "error" || level == "warning")?;
    let primary = primary_span(message);
    let place = |key: &str| primary.and_then(|span| span.get(key));
    let number = |key: &str| place(key).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
    let one_line = shown(&text("message")?);
    // "aborting due to 2 previous errors" says nothing that the errors do not.
    if primary.is_none() && one_line.starts_with("aborting due to") {
        return None;
    }
    Some(Diagnostic {
        level,
        code: message.get("code").and_then(|code| code.get("code")).and_then(Value::as_str).map(str::to_owned),
        message: one_line,
        file: place("file_name").and_then(Value::as_str).map(str::to_owned),
        line: number("line_start"),
        column: number("column_start"),
        end_line: number("line_end"),
        end_column: number("column_end"),
        rendered: shown(&text("rendered").unwrap_or_default()),
    })
}

/// Where an error is: of the spans that are marked as the place, and then of all others, the first in a file that was handed
/// in. What fails while a constant is evaluated is said to be in the standard library.
fn primary_span(message: &Value) -> Option<&Value> {
    let marked = || listed(message, "spans").filter(|span| span.get("is_primary") == Some(&Value::Bool(true)));
    let own = |span: &&Value| {
        let file = span.get("file_name").and_then(Value::as_str).unwrap_or_default();
        file.starts_with("src/") || file.starts_with("tests/")
    };
    let cache = listed(message, "children").flat_map(|note| listed(note, "spans"));
    let mut anywhere = listed(message, "spans").chain(cache);
    marked().find(own).or_else(|| anywhere.find(own)).or_else(|| marked().next())
}

fn listed<'m>(message: &'m Value, key: &str) -> impl Iterator<Item = &'m Value> {
    message.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Errors about a library that can't be read: another one than others were compiled against, one of another compiler, one that is damaged.
const OF_LIBRARIES: [&str; 3] = ["E0460", "E0514", "E0786"];
/// The error about a library that isn't there.
const NO_LIBRARY: &str = "E0463";

/// What the compiler says of a library that it can't read, or can't find and another one depends on. No source has a say in that: it
/// can only name a crate that was never there, and no message that it words has a code.
pub(super) fn of_lost_library(rustc_errors: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(rustc_errors);
    text.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let code = message.get("code")?.get("code")?.as_str()?;
        let said = message.get("message")?.as_str()?;
        let is_lost = OF_LIBRARIES.contains(&code) || (code == NO_LIBRARY && said.contains("` which `"));
        is_lost.then(|| said.to_owned())
    })
}

/// How a linker failed, by the compiler that has called it.
pub(super) struct LinkerFailure {
    /// How it ended, such as `exit status: 1`.
    pub(super) how: String,
    /// What it printed, and the command.
    pub(super) printed: String,
}

/// Whether it is the linker that failed, and not the compiler.
pub(super) fn of_linker(rustc_errors: &[u8]) -> bool {
    String::from_utf8_lossy(rustc_errors).lines().any(|line| linker_failure(line).is_some())
}

/// What a line of the compiler's output says of a linker's failure. Such a message is about no place of a source and has no
/// code, while every message that a source can word has a place.
pub(super) fn linker_failure(line: &str) -> Option<LinkerFailure> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_about_no_source = message.get("code") == Some(&Value::Null) && listed(&message, "spans").next().is_none();
    let text = message.get("message")?.as_str().filter(|_| is_about_no_source)?;
    let (_, how) = text.strip_prefix("linking with `")?.split_once("` failed: ")?;
    let printed: Vec<&str> = listed(&message, "children").filter_map(|note| note.get("message")?.as_str()).collect();
    Some(LinkerFailure { how: how.to_owned(), printed: printed.join("\n") })
}

/// A text that may quote what was handed in, without what would be a command to a terminal or turn its letters round; the
/// compiler's own colours (`ESC [ … m`) stay.
fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(colour) = colour(rest) {
            safe.push_str(colour);
            rest = rest.get(colour.len()..).unwrap_or_default();
            continue;
        }
        let turns = matches!(next, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let command = next.is_control() && next != '\n' && next != '\t';
        safe.push(if turns || command { '\u{fffd}' } else { next });
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
    }
    safe
}

/// The colour that a text begins with.
fn colour(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("\u{1b}[")?;
    let end = inner.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    inner.get(end..)?.starts_with('m').then(|| text.get(..end + 3)).flatten()
}

/// The diagnostics in what the compiler prints of a crate that is the candidate's as a whole.
pub(super) fn of_compiler(messages: &[u8]) -> Vec<Diagnostic> {
    let text = String::from_utf8_lossy(messages);
    let parsed = |line: &str| diagnostic(&serde_json::from_str(line).ok()?);
    bounded(text.lines().filter_map(parsed))
}

fn bounded(diagnostics: impl Iterator<Item = Diagnostic>) -> Vec<Diagnostic> {
    let mut room = MAX_RENDERED_BYTES;
    let fits = |diagnostic: &Diagnostic| {
        room = room.saturating_sub(diagnostic.rendered.len());
        room > 0
    };
    diagnostics.take(MAX_DIAGNOSTICS).take_while(fits).collect()
}

/// What a lint of clippy found, or what keeps clippy from looking.
pub(super) struct Lint {
    /// The lint's name, without `clippy::`; `None` for an error, such as an attribute that would allow what is forbidden.
    pub(super) name: Option<String>,
    /// The finding in one line, as clippy words it.
    pub(super) message: String,
    /// The file it is about, by its path in the crate.
    pub(super) file: String,
    /// The line in that file, counted from 1; 0 where clippy names none.
    pub(super) line: usize,
}

/// The findings in what clippy's driver prints.
pub(super) fn lints(messages: &[u8]) -> Vec<Lint> {
    let text = String::from_utf8_lossy(messages);
    let lint = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let code = message.get("code").and_then(|code| code.get("code")).and_then(Value::as_str);
        let name = code.and_then(|code| code.strip_prefix("clippy::")).map(str::to_owned);
        let found = diagnostic(&message).filter(|found| name.is_some() || found.level == "error")?;
        let line = found.line.and_then(|line| usize::try_from(line).ok()).unwrap_or_default();
        Some(Lint { name, message: found.message, file: found.file.unwrap_or_default(), line })
    };
    text.lines().filter_map(lint).collect()
}

/// What may be said about errors in hidden tests: codes, and names that the candidate knows from the starter.
pub(super) fn of_hidden(rustc_errors: &[u8], known: &BTreeSet<String>) -> Vec<String> {
    let text = String::from_utf8_lossy(rustc_errors);
    let mut said = BTreeSet::new();
    for line in text.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else { continue };
        if message.get("level").and_then(Value::as_str) != Some("error") {
            continue;
        }
        let code = message.get("code").and_then(|code| code.get("code")).and_then(Value::as_str);
        let text = message.get("message").and_then(Value::as_str).unwrap_or_default();
        let names: Vec<String> =
            quoted_words(text).filter(|word| known.contains(*word)).map(|word| format!("`{word}`")).collect();
        match (code, names.is_empty()) {
            (Some(code), false) => said.insert(format!("{} ({code})", names.join(", "))),
            (Some(code), true) => said.insert(code.to_owned()),
            (None, _) => false,
        };
    }
    said.into_iter().take(20).collect()
}

/// Words between backticks: `` no method `tick` on `Clock<T>` `` has tick, Clock and T.
fn quoted_words(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).flat_map(words)
}

/// The identifiers of a text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    // A number is nobody's name.
    words.filter(|word| word.starts_with(|c: char| !c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_command_to_the_terminal_is_none_any_more() {
        assert_eq!(shown("\u{1b}[1;31mred\u{1b}[0m\tx\n"), "\u{1b}[1;31mred\u{1b}[0m\tx\n");
        assert_eq!(shown("\u{1b}[2J\u{7}\u{9b}\u{202e}é\u{1b}["), "\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}é\u{fffd}[");
    }

    #[test]
    fn a_library_that_is_lost_is_told_from_one_that_never_was() {
        let lost = |code: Value, message: &str| {
            let line = serde_json::json!({"level": "error", "code": code, "message": message}).to_string();
            of_lost_library(line.as_bytes()).is_some()
        };
        let code = |code: &str| serde_json::json!({ "code": code });
        let dependency = "can't find crate for `bytes` which `http` depends on";
        assert!(
            lost(code("E0463"), dependency)
                && lost(code("E0514"), "found crate `itoa` compiled by an incompatible version")
        );
        assert!(
            !lost(code("E0463"), "can't find crate for `mine`") && !lost(code("E0432"), "unresolved import `itoa`")
        );
        assert!(!lost(Value::Null, dependency), "worded by compile_error!");
    }

    #[test]
    fn errors_in_hidden_tests_are_told_in_words_the_candidate_knows() {
        let line = r#"{"level":"error","code":{"code":"E0599"},"message":"no method named `secret_case` found for struct `Clock<u8>`","rendered":"assert_eq!(secret)"}"#;
        let known = BTreeSet::from(["Clock".to_owned()]);
        assert_eq!(of_hidden(line.as_bytes(), &known), ["`Clock` (E0599)"]);
        assert_eq!(of_hidden(line.as_bytes(), &BTreeSet::new()), ["E0599"]);
    }
}
