//! Parts of pages that show exercises and submissions alike: files, limits and other facts.

use serde::Serialize;
use serde_json::Value;

use crate::quantity::{duration, size};

/// A file in the editor.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FileView {
    path: String,
    text: String,
    /// Lines that the editor shows.
    rows: usize,
    /// Whether it is what one works on, which is shown at once.
    open: bool,
}

impl FileView {
    /// Of a file.
    #[must_use]
    pub(crate) fn of(path: String, text: String) -> Self {
        let open = path.ends_with(".rs");
        Self { rows: (text.lines().count() + 2).clamp(6, 32), open, path, text }
    }

    /// Whether it is shown at once.
    #[must_use]
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }
}

/// Something with its name, in a list of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fact {
    name: &'static str,
    value: String,
}

impl Fact {
    /// A fact with its name.
    #[must_use]
    pub(crate) const fn new(name: &'static str, value: String) -> Self {
        Self { name, value }
    }
}

/// A limit's key in a report, its name, and how its number is written.
type DescribedLimit = (&'static str, &'static str, fn(u64) -> String);

/// The fields of limits, with their names and with how to read them out.
const LIMITS: [DescribedLimit; 8] = [
    ("test_wall_ms", "Time of a test", duration),
    ("test_cpu_ms", "CPU time of a test", duration),
    ("memory_bytes", "Memory of a test", size),
    ("processes", "Threads of a test", plain),
    ("output_bytes", "Output of a test", size),
    ("disk_bytes", "Files of a test", size),
    ("build_wall_ms", "Time to compile", duration),
    ("build_memory_bytes", "Memory to compile", size),
];

fn plain(count: u64) -> String {
    count.to_string()
}

/// Limits in words, from the form in which reports keep them.
#[must_use]
pub(crate) fn limits(limits: &Value) -> Vec<Fact> {
    let known = LIMITS.iter().filter_map(|(key, name, words)| Some((*name, words(limits.get(key)?.as_u64()?))));
    known.map(|(name, value)| Fact { name, value }).collect()
}

/// Crates that may be used, each with its version.
#[must_use]
pub(crate) fn dependencies(list: &Value) -> Vec<String> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = |value: &Value| format!("{} {}", text(value, "name"), text(value, "version"));
    list.as_array().into_iter().flatten().map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_read_well_and_unknown_ones_are_left_out() {
        let shown = limits(&json!({"memory_bytes": 536_870_912_u64, "test_wall_ms": 10_000, "new": 1}));
        let fact = |name, value: &str| Fact { name, value: value.to_owned() };
        assert_eq!(shown, [fact("Time of a test", "10 s"), fact("Memory of a test", "512 MiB")]);
    }
}
