//! Files with a JSON object on each line.

use serde_json::{Map, Value};

use super::mistake::{FILE_MAX_MISTAKES, LineMistake};
use super::moment::Moment;

/// Parses every line of a file by `parse`, up to `max_lines`. Empty lines are passed over.
///
/// # Errors
/// The mistakes, each with its line.
pub(super) fn parse_lines<T>(
    text: &str,
    max_lines: usize,
    parse: impl Fn(&mut Fields, usize) -> Result<T, String>,
) -> Result<Vec<T>, Vec<LineMistake>> {
    let (mut parsed, mut mistakes) = (Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if index >= max_lines {
            mistakes.push(LineMistake::new(index + 1, format!("there are more than {max_lines} lines")));
            break;
        }
        match Fields::read(line).and_then(|mut fields| parse(&mut fields, index + 1)) {
            Ok(one) => parsed.push(one),
            Err(message) => mistakes.push(LineMistake::new(index + 1, message)),
        }
        if mistakes.len() >= FILE_MAX_MISTAKES {
            break;
        }
    }
    if mistakes.is_empty() { Ok(parsed) } else { Err(mistakes) }
}

/// The fields of one line, taken out one by one; what is left over are attributes.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map(Self).map_err(|error| format!("this is no JSON object: {error}"))
    }

    /// A text that must be there.
    pub(super) fn text(&mut self, key: &str) -> Result<String, String> {
        self.optional_text(key)?.ok_or_else(|| format!("`{key}` is missing"))
    }

    /// A text that may be missing or null.
    pub(super) fn optional_text(&mut self, key: &str) -> Result<Option<String>, String> {
        match self.0.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(format!("`{key}` must be a text, and not empty")),
        }
    }

    /// A time that must be there.
    pub(super) fn moment(&mut self, key: &str) -> Result<Moment, String> {
        Moment::parse(&self.text(key)?).map_err(|message| format!("{key}: {message}"))
    }

    /// Everything that wasn't taken out, as names and values for people.
    pub(super) fn attributes(&mut self) -> Vec<(String, String)> {
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        std::mem::take(&mut self.0).into_iter().map(|(name, value)| (name, text(value))).collect()
    }
}
