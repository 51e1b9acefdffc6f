//! Which of many people handed in the same thing, so that somebody can look at it. It's never a verdict.
//!
//! [`Given`] is what everybody had before they began. It makes a [`Document`] of what each of them handed in, a [`Pool`] compares the
//! [`Fingerprints`] of all with each other and lists [`Pair`]s, and for one pair the documents say which [`Passage`]s they have in common:
//!
//! ```
//! use std::error::Error;
//!
//! use quorate::similarity::{Given, Pool};
//!
//! fn main() -> Result<(), Box<dyn Error>> {
//!     let given = Given::starter([("src/lib.rs", "pub fn add(left: u64, right: u64) -> u64 { todo!() }")]);
//!     let documents = [given.document([("src/lib.rs", "…")])?, given.document([("src/lib.rs", "…")])?];
//!     let pool = Pool::new(&documents.each_ref().map(|document| document.fingerprints()))?;
//!     for pair in pool.pairs(given.threshold()) {
//!         let passages = documents[pair.left].passages(&documents[pair.right]);
//!         println!("{} of one, {} of the other: {passages:?}", pair.of_left, pair.of_right);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # How
//!
//! Texts become symbols (`code`, `prose`), and what was given is taken away (`given`). Every k symbols in a row have a hash, and
//! winnowing (`winnow`) keeps some of the hashes as fingerprints. The share of one document that stands in another is the weight of the
//! fingerprints that both have, as a part of the weight of all that it has. A fingerprint weighs the more, the fewer documents have it
//! (`weights`). Where a fingerprint stands doesn't matter, so neither does the order of functions or sentences. An index leads from
//! each fingerprint to its documents (`pool`), so documents with nothing in common cost nothing. The same documents always give the
//! same pairs.
//!
//! # Why these numbers
//!
//! They were chosen by how the shares of the texts in `tests/similarity/` are distributed. Some of these were written after the lengths
//! had been chosen, but only the two copies that are missed after the threshold. `docs/similarity.md` has the figures, and
//! `tests/it/similarity.rs` holds them. For code, these were the largest share of an honest pair and the smallest of a copy that isn't
//! rewritten, by the length k of a fingerprint in symbols:
//!
//! | k | honest | copies | |
//! | --- | --- | --- | --- |
//! | 6 | 35 % | 43 % | idioms that everybody writes count |
//! | 8 | 36 % | 38 % | |
//! | **10** | 22 % | 31 % | about a line and a half |
//! | 12 | 22 % | 25 % | one change hides more, and a short answer has too few fingerprints to be compared |
//! | 14 | 15 % | 22 % | the same, and more of it |
//!
//! For prose, in words that aren't common: 15 % and 38 % for two, 5 % and 22 % for **three**, 1 % and 15 % for four.
//!
//! **Windows** of 3 to 5 hashes make a difference of at most 3 %. For code 4 are used, so that two of five hashes are kept; for prose,
//! whose texts are short, 2, so that two of three are.
//!
//! The **threshold** is 30 % for code and 15 % for prose. It lies well above what honest pairs reached, and only just below what the
//! most disguised copies reached, since accusing somebody wrongly is worse than missing a copy.
//!
//! **What was given** is taken away from 6 symbols in a row on, which is less than a signature has. From 8 on, what is left of the
//! starter made two honest answers to an exercise of refactoring look alike (36 %).

mod code;
mod document;
mod given;
mod language;
mod names;
mod passages;
mod pool;
mod prose;
mod share;
mod symbol;
mod weights;
mod winnow;

pub use document::{DOCUMENT_BYTES_MAX, Document, Fingerprints, TooLarge};
pub use given::Given;
pub use passages::{Passage, Span};
pub use pool::{DOCUMENTS_MAX, FINGERPRINTS_MIN, PAIRS_MAX, Pair, Pool, TooMany};
pub use share::Share;
