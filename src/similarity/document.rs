//! What one person handed in, ready to be compared.

use std::fmt;

use super::language::Lengths;
use super::symbol::{self, Piece};
use super::winnow::winnow;

/// The most bytes of text that one person's files may have together to be compared. A right solution of the largest exercise has 12 KiB.
pub const DOCUMENT_BYTES_MAX: usize = 64 << 10;

/// There is more than [`DOCUMENT_BYTES_MAX`] of it, so it's not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} bytes are more than the {DOCUMENT_BYTES_MAX} that are compared")]
pub struct TooLarge {
    bytes: usize,
}

impl TooLarge {
    pub(super) const fn check(bytes: usize) -> Result<(), Self> {
        if bytes > DOCUMENT_BYTES_MAX { Err(Self { bytes }) } else { Ok(()) }
    }
}

/// What one person wrote, without what was given. It's some ten times as large as its text, which it doesn't keep: of many documents
/// keep the [`Fingerprints`], and make the two documents again whose passages are to be shown.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) files: Vec<File>,
    pub(super) runs: Vec<Run>,
    pub(super) prints: Vec<Print>,
    pub(super) lengths: Lengths,
}

/// The different fingerprints of a document, as hashes in ascending order. A text of 4 KiB has about 250, of 8 bytes each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprints(pub(super) Vec<u64>);

/// Where a file is, and where its lines begin.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) path: String,
    line_starts: Vec<usize>,
}

/// Pieces that follow each other in a file, with nothing between them that was given.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) file: usize,
    pub(super) pieces: Vec<Piece>,
}

/// A fingerprint: the hash of so many pieces of a run, from one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) hash: u64,
    pub(super) run: usize,
    pub(super) at: usize,
}

impl Document {
    pub(super) fn new(paths: &[&str], texts: &[&str], runs: Vec<Run>, lengths: Lengths) -> Self {
        let files = paths.iter().zip(texts).map(|(path, text)| File::new(path, text)).collect();
        let prints = runs.iter().enumerate().flat_map(|(number, run)| prints(number, run, lengths)).collect();
        Self { files, runs, prints, lengths }
    }

    /// What is enough to compare it with many others.
    #[must_use]
    pub fn fingerprints(&self) -> Fingerprints {
        let mut hashes: Vec<u64> = self.prints.iter().map(|print| print.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Fingerprints(hashes)
    }
}

fn prints(run: usize, text: &Run, lengths: Lengths) -> Vec<Print> {
    let gram = |pieces: &[Piece]| symbol::gram(pieces.iter().map(|piece| &piece.symbol));
    let grams: Vec<u64> = text.pieces.windows(lengths.gram).map(gram).collect();
    winnow(&grams, lengths.window).into_iter().map(|(at, hash)| Print { hash, run, at }).collect()
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { path: path.to_owned(), line_starts: std::iter::once(0).chain(starts).collect() }
    }

    /// The line that a byte stands in, from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= byte)
    }
}

/// Of a run, its length is enough to know in a message.
impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} pieces of file {}", self.pieces.len(), self.file)
    }
}
