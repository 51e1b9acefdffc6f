//! Which version of a file: a hash of what in it can alter a score.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use crate::hex::hex;

/// A version of a question, prompt or set, such as `q1_90bd3ac06cfc1e4f`. Equal versions score alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Version(String);

impl Version {
    /// The version of a TOML source, whatever its layout, comments and order of keys. `aside` names keys that cannot alter a
    /// score, at any depth. The prefix says what was hashed, and how: a change of either needs a new one.
    pub(in crate::bank) fn of(prefix: &str, source: &str, aside: &[&str]) -> Self {
        let table: Table = source.parse().unwrap_or_default();
        let mut canonical = String::new();
        write_table(&mut canonical, &table, aside);
        let digest = Sha256::digest(canonical.as_bytes());
        Self(format!("{prefix}_{}", hex(digest.into_iter().take(8))))
    }

    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn write_table(out: &mut String, table: &Table, aside: &[&str]) {
    let mut keys: Vec<_> = table.iter().filter(|(key, _)| !aside.contains(&key.as_str())).collect();
    // Not left to the library, whose order depends on its features.
    keys.sort_by_key(|(key, _)| *key);
    out.push('{');
    for (key, value) in keys {
        let _ = write!(out, "{key:?}:");
        write_value(out, value, aside);
        out.push(',');
    }
    out.push('}');
}

fn write_value(out: &mut String, value: &Value, aside: &[&str]) {
    match value {
        Value::Table(table) => write_table(out, table, aside),
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_value(out, item, aside);
                out.push(',');
            }
            out.push(']');
        }
        // Bytes with their number: no escaping whose rules could change.
        Value::String(text) => {
            let text = text.replace("\r\n", "\n");
            let _ = write!(out, "{}:{text}", text.len());
        }
        Value::Float(number) => {
            let _ = write!(out, "{}", number);
        }
        Value::Integer(number) => {
            let _ = write!(out, "{number}");
        }
        Value::Boolean(flag) => {
            let _ = write!(out, "{flag}");
        }
        Value::Datetime(time) => {
            let _ = write!(out, "{time}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(source: &str) -> String {
        Version::of("q1", source, &["explanation", "feedback"]).0
    }

    #[test]
    fn layout_and_asides_do_not_matter_and_the_rest_does() {
        let first = version("kind = 'x'\n[[choices]]\nid = 'a'\nfeedback = 'no'\n");
        assert_eq!(
            first,
            version("explanation = 'why' # a comment\nchoices = [{ id = \"a\", feedback = 'other' }]\nkind = 'x'")
        );
        assert_ne!(first, version("kind = 'x'\n[[choices]]\nid = 'b'\n"));
        assert_ne!(first, version("kind = 'x'\n[[choices]]\nid = 'a'\n[[choices]]\n"));
        assert_eq!(version("a = \"\"\"x\r\ny\"\"\""), version("a = \"\"\"x\ny\"\"\""));
    }

    /// Versions are stored with attempts: the same source must have the same version in every release.
    #[test]
    fn a_version_never_changes() {
        let source = "kind = 'numeric'\npoints = 1.5\nflag = true\n[numeric]\nvalue = -3\n";
        insta::assert_snapshot!(version(source), @"q1_70c52e8750cb4bdd");
    }
}
