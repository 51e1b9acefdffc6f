//! What the tests can depend on in a submission.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::skeleton;
use crate::grader::tree;

/// Digits of a shape's key, in hexadecimal.
const KEY_DIGITS: usize = 32;

/// What tests can depend on in a crate.
#[derive(Debug, Clone)]
pub(in crate::grader) struct Shape {
    /// The hash of the skeleton.
    pub(super) key: String,
    pub(super) skeleton: BTreeMap<String, String>,
}

impl Shape {
    /// The shape of all sources of a crate; `None` if they aren't understood.
    pub(super) fn of(sources: &BTreeMap<String, String>) -> Option<Self> {
        let skeleton = skeleton::skeleton(sources)?;
        let mut hash = Sha256::new();
        for part in skeleton.iter().flat_map(|(path, text)| [path, text]) {
            tree::hash_bytes(part.as_bytes(), &mut hash);
        }
        Some(Self { key: tree::hex(hash, KEY_DIGITS), skeleton })
    }
}
