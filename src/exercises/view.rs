//! Parts of pages that show exercises and submissions alike: files, limits and other facts.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::grader::Limits;
use crate::quantity::{duration, millis, size};

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
    /// A file as the editor shows it.
    #[must_use]
    pub(crate) fn of(path: String, text: String) -> Self {
        let open = path.ends_with(".rs");
        Self { rows: (text.lines().count() + 2).clamp(6, 32), open, path, text }
    }

    /// Whether it is the root of the crate.
    #[must_use]
    pub(crate) fn is_root(&self) -> bool {
        self.path == "src/lib.rs"
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

/// The limits of an exercise in words, each with its name.
#[must_use]
pub(crate) fn limits(limits: &Limits) -> Vec<Fact> {
    vec![
        Fact::new("Time of a test", wall(limits.test_wall)),
        Fact::new("CPU time of a test", wall(limits.test_cpu)),
        Fact::new("Memory of a test", size(limits.memory_bytes)),
        Fact::new("Threads of a test", limits.processes.to_string()),
        Fact::new("Output of a test", size(limits.output_bytes)),
        Fact::new("Files of a test", size(limits.disk_bytes)),
        Fact::new("Time to compile", wall(limits.build_wall)),
        Fact::new("Memory to compile", size(limits.build_memory_bytes)),
    ]
}

fn wall(time: Duration) -> String {
    duration(millis(time))
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
    use super::*;

    #[test]
    fn limits_read_well() {
        let shown =
            limits(&Limits { memory_bytes: 536_870_912, test_wall: Duration::from_secs(10), ..Limits::default() });
        assert_eq!(shown[0], Fact::new("Time of a test", "10 s".to_owned()));
        assert_eq!(shown[2], Fact::new("Memory of a test", "512 MiB".to_owned()));
    }
}
