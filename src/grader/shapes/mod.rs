//! The compiler's incremental caches for submissions that have another shape than the solution.
//!
//! The time of a grading goes into compiling the tests, and a cache saves most of that. But it fits only where what the tests depend on is
//! the same: types, traits, signatures. The cache of the package ([`Prepared::incremental_cache`]) is of the solution. For any other shape,
//! one is made when a submission of that shape has been graded, while nothing else is graded, and used from the next one on.
//!
//! A cache is made of the submission's [skeleton] and of nothing else, and is found by the hash of that skeleton. So what the first submission
//! of a shape leaves behind is what any other of that shape would have left: its function bodies aren't in it, and it can't alter how another
//! is compiled, or tell what is in it. No code of the skeleton runs. It is compiled in the same jails as a submission, with the same limits.
//! What the compiler takes over from a cache it compares with the crate that it compiles; and tests that don't compile with a cache are
//! compiled again without. All that a submission shows to others is that its grading is quicker if somebody has handed in those very
//! signatures before.
//!
//! ```text
//! <prepared package>/shapes/<hidden|public>-<hash of the skeleton>/
//!   used            written anew at each use
//!   cache/          missing where the skeleton doesn't compile, so that it isn't tried again
//! ```

mod caches;
mod make;
mod skeleton;

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

pub(super) use caches::{Known, find};
pub(super) use make::Queue;

use super::tree;

/// Digits of a shape's key, in hexadecimal.
const KEY_DIGITS: usize = 32;

/// What tests can depend on in a crate.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The hash of the skeleton.
    key: String,
    skeleton: BTreeMap<String, String>,
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
