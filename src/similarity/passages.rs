//! What two documents have in common, as spans to mark when they are shown side by side.
//!
//! Each common fingerprint is extended as far as both texts are equal. The longest matches are kept first, and no piece is in two of
//! them, as in greedy string tiling: M. J. Wise, *String Similarity via Greedy String Tiling and Running Karp-Rabin Matching*, University
//! of Sydney, 1993. Matches that only a few pieces part are then joined, so that a changed word doesn't cut a passage.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::{Range, RangeInclusive};

use super::document::{Document, Run};
use super::symbol::Piece;

/// Of what a document repeats, so many places are tried. Whoever repeats the same more often sees some of it unmarked.
const REPEATS_MAX: usize = 8;

/// So many pieces are compared for one pair. Only texts that were made for it reach that; what was found until then is marked.
const COMPARED_PIECES_MAX: usize = 10_000_000;

/// Something that stands in two documents, if not word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where it is in the left one.
    pub left: Span,
    /// Where it is in the right one.
    pub right: Span,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The path of the file, as it was handed in.
    pub path: String,
    /// Its bytes, which begin and end between characters.
    pub bytes: Range<usize>,
    /// The lines that it begins and ends in, from 1.
    pub lines: RangeInclusive<usize>,
}

/// Pieces that are equal: so many from these places on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    left: Place,
    right: Place,
    length: usize,
}

/// A piece of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    run: usize,
    at: usize,
}

impl Document {
    /// What this document, the left one, and another have in common, in the order of this one.
    #[must_use]
    pub fn passages(&self, other: &Self) -> Vec<Passage> {
        passages(self, other)
    }
}

fn passages(left: &Document, right: &Document) -> Vec<Passage> {
    let tiles = tiles(left, right, matches(left, right));
    let span = |document: &Document, place: Place, length: usize| {
        let run = document.runs.get(place.run)?;
        let pieces = run.pieces.get(place.at..place.at + length)?;
        let (first, last) = pieces.first().zip(pieces.last())?;
        let file = document.files.get(run.file)?;
        let bytes = first.bytes.start..last.bytes.end;
        let lines = file.line(bytes.start)..=file.line(bytes.end.saturating_sub(1).max(bytes.start));
        Some(Span { path: file.path.clone(), bytes, lines })
    };
    let passage = |joined: Joined| {
        let Joined { first, left_length, right_length } = joined;
        Some(Passage { left: span(left, first.left, left_length)?, right: span(right, first.right, right_length)? })
    };
    joined(tiles, left.lengths.gram).into_iter().filter_map(passage).collect()
}

/// The longest matches through common fingerprints.
fn matches(left: &Document, right: &Document) -> Vec<Match> {
    let mut places: HashMap<u64, Vec<Place>> = HashMap::new();
    for print in &right.prints {
        let of_hash = places.entry(print.hash).or_default();
        if of_hash.len() < REPEATS_MAX {
            of_hash.push(Place { run: print.run, at: print.at });
        }
    }
    let mut found = Vec::new();
    // Where the last match between two runs at this distance ended: a fingerprint before that is within it.
    let mut ends: HashMap<(usize, usize, usize), usize> = HashMap::new();
    let mut compared = 0;
    for print in &left.prints {
        let here = Place { run: print.run, at: print.at };
        for there in places.get(&print.hash).into_iter().flatten() {
            let Some((one, other)) = left.runs.get(here.run).zip(right.runs.get(there.run)) else { continue };
            let end = ends.entry((here.run, there.run, one.pieces.len() + there.at - here.at)).or_default();
            if here.at < *end {
                continue;
            }
            let whole = extended(one, here, other, *there);
            *end = whole.left.at + whole.length;
            compared += whole.length;
            found.push(whole);
        }
        if compared > COMPARED_PIECES_MAX {
            break;
        }
    }
    found
}

/// The whole of the match that two places are in.
fn extended(left: &Run, here: Place, right: &Run, there: Place) -> Match {
    let equal = |(one, other): &(&Piece, &Piece)| one.symbol == other.symbol;
    let (before, from) = left.pieces.split_at_checked(here.at).unwrap_or_default();
    let (before_there, from_there) = right.pieces.split_at_checked(there.at).unwrap_or_default();
    let forwards = from.iter().zip(from_there).take_while(equal).count();
    let backwards = before.iter().rev().zip(before_there.iter().rev()).take_while(equal).count();
    Match {
        left: Place { at: here.at - backwards, ..here },
        right: Place { at: there.at - backwards, ..there },
        length: backwards + forwards,
    }
}

/// The longest matches, so that no piece is in two of them. In the order of the left document.
fn tiles(left: &Document, right: &Document, mut matches: Vec<Match>) -> Vec<Match> {
    matches.sort_by_key(|found| (Reverse(found.length), found.left, found.right));
    let (mut left_taken, mut right_taken) = (Taken::of(left), Taken::of(right));
    let mut tiles = Vec::new();
    for found in matches {
        for part in free_parts(found, &left_taken, &right_taken) {
            if part.length >= left.lengths.gram {
                left_taken.take(part.left, part.length);
                right_taken.take(part.right, part.length);
                tiles.push(part);
            }
        }
    }
    tiles.sort_unstable();
    tiles
}

/// The pieces of each run of a document that are in a match.
struct Taken(Vec<Vec<bool>>);

impl Taken {
    fn of(document: &Document) -> Self {
        Self(document.runs.iter().map(|run| vec![false; run.pieces.len()]).collect())
    }

    fn part(&self, place: Place, length: usize) -> &[bool] {
        self.0.get(place.run).and_then(|run| run.get(place.at..place.at + length)).unwrap_or_default()
    }

    fn take(&mut self, place: Place, length: usize) {
        if let Some(part) = self.0.get_mut(place.run).and_then(|run| run.get_mut(place.at..place.at + length)) {
            part.fill(true);
        }
    }
}

/// What is left of a match without the pieces that are in others.
fn free_parts(found: Match, left: &Taken, right: &Taken) -> Vec<Match> {
    let taken = left.part(found.left, found.length).iter().zip(right.part(found.right, found.length));
    let taken: Vec<bool> = taken.map(|(left, right)| *left || *right).collect();
    let mut parts = Vec::new();
    let mut at = 0;
    for part in taken.chunk_by(|one, other| one == other) {
        if part.first() == Some(&false) {
            let moved = |place: Place| Place { at: place.at + at, ..place };
            parts.push(Match { left: moved(found.left), right: moved(found.right), length: part.len() });
        }
        at += part.len();
    }
    parts
}

/// Matches that are one passage: from where the first begins in each document, so many pieces of each.
struct Joined {
    first: Match,
    left_length: usize,
    right_length: usize,
}

impl Joined {
    const fn of(first: Match) -> Self {
        Self { first, left_length: first.length, right_length: first.length }
    }

    /// Goes on to the end of another match, if in both documents it follows before anything of this length could stand between them.
    /// Says whether it does.
    fn join(&mut self, next: &Match, length: usize) -> bool {
        let left = gap(self.first.left, self.left_length, next.left).filter(|gap| *gap < length);
        let right = gap(self.first.right, self.right_length, next.right).filter(|gap| *gap < length);
        let Some((left, right)) = left.zip(right) else { return false };
        self.left_length += left + next.length;
        self.right_length += right + next.length;
        true
    }
}

/// How many pieces are between a part of a run and a place behind it in the same run.
fn gap(part: Place, length: usize, next: Place) -> Option<usize> {
    next.at.checked_sub(part.at + length).filter(|_| part.run == next.run)
}

/// Matches in the order of the left document, those that few pieces part as one.
fn joined(matches: Vec<Match>, length: usize) -> Vec<Joined> {
    let mut passages: Vec<Joined> = Vec::new();
    for next in matches {
        if !passages.last_mut().is_some_and(|last| last.join(&next, length)) {
            passages.push(Joined::of(next));
        }
    }
    passages
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;

    use super::*;
    use crate::similarity::Given;

    fn of(left: &[(&str, &str)], right: &[(&str, &str)]) -> Vec<Passage> {
        let given = Given::starter([]);
        let document = |files: &[(&str, &str)]| given.document(files.iter().copied()).unwrap();
        document(left).passages(&document(right))
    }

    const COPIED: &str = "fn largest(counts: &[u64]) -> u64 {\n    let mut best = 0;\n    for count in counts {\n        \
                          best = best.max(*count);\n    }\n    best\n}\n";

    #[test]
    fn a_function_that_was_moved_and_renamed_is_marked_where_it_is() {
        let left = format!("struct A;\n\n{COPIED}");
        let moved = COPIED.replace("largest", "top").replace("best", "winner");
        let right = format!("{moved}enum B {{}}\n");
        let found = of(&[("src/lib.rs", &left)], &[("src/a.rs", "struct C;"), ("src/b.rs", &right)]);
        assert_eq!(found.len(), 1);
        let span = |path: &str, bytes, lines| Span { path: path.to_owned(), bytes, lines };
        assert_eq!(found[0].left, span("src/lib.rs", 11..left.len() - 1, 3..=9));
        assert_eq!(found[0].right, span("src/b.rs", 0..moved.len() - 1, 1..=7));
    }

    #[test]
    fn a_statement_more_does_not_cut_a_passage() {
        let changed = COPIED
            .replace("    best\n}", "    drop(counts);\n    best\n}")
            .replace("let mut best = 0;\n", "let mut best = 0;\n    check();\n");
        let longer = |text: &str| text.to_owned() + &text.replace("for", "while").replace("max", "min");
        let found = of(&[("a.rs", &longer(COPIED))], &[("a.rs", &longer(&changed))]);
        // What follows the last statement that was added is too short to be found.
        assert_eq!(found.iter().map(|passage| passage.left.lines.clone()).collect::<Vec<_>>(), [1..=12]);
    }

    #[test]
    fn texts_with_nothing_in_common_have_no_passage() {
        assert_eq!(of(&[("a.rs", COPIED)], &[("a.rs", "struct A { b: Vec<u8>, c: Option<String>, d: (u8, u8) }")]), []);
    }

    proptest::proptest! {
        /// Passages are parts of the files, none overlaps another in the left document, and both sides of one begin with the same.
        #[test]
        fn passages_are_parts_that_do_not_overlap(left in vec(0..3_usize, 0..80), right in vec(0..3_usize, 0..80)) {
            let text = |words: &[usize]| words.iter().map(|word| ["+ ", "- ", "( "][*word]).collect::<String>();
            let (left, right) = (text(&left), text(&right));
            let mut end = 0;
            for passage in of(&[("a.rs", &left)], &[("a.rs", &right)]) {
                proptest::prop_assert!(passage.left.bytes.start >= end);
                end = passage.left.bytes.end;
                let (one, other) = (&left[passage.left.bytes], &right[passage.right.bytes]);
                proptest::prop_assert_eq!(&one[..1], &other[..1]);
            }
        }
    }
}
