//! The hashes that hold the entries of a log together.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;
use crate::hex::hex;

/// What the hash of an entry covers, beside the hash of the entry before. `detail` is the text that is stored, since a value could
/// be written in more than one way.
pub(super) struct Link<'e> {
    pub(super) team: &'e str,
    pub(super) seq: i64,
    pub(super) at: Timestamp,
    pub(super) actor: &'e str,
    pub(super) action: &'e str,
    pub(super) subject: &'e str,
    pub(super) detail: &'e str,
}

impl Link<'_> {
    /// The hash of the entry that follows the one with the hash `before`; the first one follows an empty hash. The fields are hashed as
    /// a JSON array, in which no field can run into the next.
    pub(super) fn hash(&self, before: &str) -> String {
        let Link { team, seq, at, actor, action, subject, detail } = self;
        let fields: Value = json!([before, team, seq, at.as_micros(), actor, action, subject, detail]);
        hex(Sha256::digest(fields.to_string().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link<'static> {
        let at = Timestamp::from_micros(7);
        Link { team: "tea_1", seq: 1, at, actor: "usr_1", action: "team.made", subject: "tea_1", detail: "{}" }
    }

    #[test]
    fn each_field_and_the_entry_before_change_the_hash() {
        let other = [
            link().hash("x"),
            Link { team: "tea_2", ..link() }.hash(""),
            Link { seq: 2, ..link() }.hash(""),
            Link { at: Timestamp::from_micros(8), ..link() }.hash(""),
            Link { actor: "usr_2", ..link() }.hash(""),
            Link { action: "team.changed", ..link() }.hash(""),
            Link { subject: "tea_2", ..link() }.hash(""),
            Link { detail: "[]", ..link() }.hash(""),
            Link { actor: "usr_1team.made", action: "", ..link() }.hash(""),
        ];
        let all: std::collections::BTreeSet<_> = other.into_iter().chain([link().hash("")]).collect();
        assert_eq!(all.len(), 10);
    }
}
