//! The two languages that texts are compared in, and the numbers that were found to work for each: see [`super`] for how.

use std::collections::BTreeSet;

use super::share::Share;
use super::symbol::Piece;
use super::{code, prose};

/// What the texts of a comparison are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    Prose,
}

/// Lengths in pieces: how much makes a difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lengths {
    /// The noise threshold of winnowing, k: what is shorter than this is never found.
    pub(super) gram: usize,
    /// The fingerprints that one is chosen from, w: what has at least k + w − 1 pieces is always found.
    pub(super) window: usize,
    /// So much in a row that was given to everybody is nobody's own.
    pub(super) given: usize,
}

impl Language {
    pub(super) const fn lengths(self) -> Lengths {
        match self {
            Self::Rust => Lengths { gram: 10, window: 4, given: 6 },
            Self::Prose => Lengths { gram: 3, window: 2, given: 4 },
        }
    }

    /// From which share on a pair is worth looking at.
    pub(super) const fn threshold(self) -> Share {
        Share::thousandths(match self {
            Self::Rust => 300,
            Self::Prose => 150,
        })
    }

    /// The pieces of each of some texts that belong together.
    pub(super) fn pieces(self, texts: &[&str], given_names: &BTreeSet<String>) -> Vec<Vec<Piece>> {
        match self {
            Self::Rust => code::pieces(texts, given_names),
            Self::Prose => texts.iter().map(|text| prose::pieces(text)).collect(),
        }
    }
}
