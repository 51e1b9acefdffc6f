//! The randomness of tests, made repeatable: the same files get the same random numbers, and so the same verdict.
//!
//! What a test asks of the operating system's randomness (the order of a `HashMap` hangs on it) comes from a seed that is made
//! of the submission's files and the test's name. So a score can be replayed. A solution that depends on chance passes or
//! fails by its seed; to find that out, a test that failed is tried with another one, and so is a solution that is checked.

use sha2::{Digest, Sha256};

use super::files::SubmittedFiles;
use super::prepared::Record;
use super::tree;

/// The seed of a submission, of which each test's is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seed([u8; 32]);

impl Seed {
    /// The seed of a submission. `draw` is 0 in every grading; another number is another seed.
    ///
    /// The key of the package is in it, which nobody outside knows: otherwise a submission could try which test's name
    /// explains the random numbers that it got.
    pub(super) fn of(record: &Record, files: &SubmittedFiles, draw: u32) -> Self {
        let mut hash = Sha256::new();
        tree::hash_bytes(record.seed_key.as_bytes(), &mut hash);
        tree::hash_bytes(&draw.to_le_bytes(), &mut hash);
        for (path, text) in files.iter() {
            tree::hash_bytes(path.as_bytes(), &mut hash);
            tree::hash_bytes(text.as_bytes(), &mut hash);
        }
        Self(hash.finalize().into())
    }

    /// Another seed of the same submission.
    pub(super) fn another(self) -> Self {
        Self(Sha256::new().chain_update(self.0).chain_update(b"another").finalize().into())
    }

    /// The seed of one test.
    pub(super) fn of_test(self, name: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.0).chain_update(name).finalize().into()
    }
}
