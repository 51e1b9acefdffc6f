//! All documents of a comparison, and which pairs of them have much in common.

use std::cmp::Reverse;

use super::document::Fingerprints;
use super::share::Share;
use super::weights::weight;

/// The most documents that are compared with each other.
pub const DOCUMENTS_MAX: usize = 2_000;

/// A document with fewer different fingerprints than this is in no pair: so little can be equal by chance.
pub const FINGERPRINTS_MIN: usize = 12;

/// The most pairs that are listed. Whoever sees so many should ask for a larger share.
pub const PAIRS_MAX: usize = 10_000;

/// There are more than [`DOCUMENTS_MAX`] documents, so none are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{documents} documents are more than the {DOCUMENTS_MAX} that are compared with each other")]
pub struct TooMany {
    documents: usize,
}

/// Two documents, by their places in the pool, and how much of each stands in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The place of the one that was added first.
    pub left: usize,
    /// The place of the other.
    pub right: usize,
    /// How much of the left one stands in the right one.
    pub of_left: Share,
    /// How much of the right one stands in the left one.
    pub of_right: Share,
}

impl Pair {
    /// The larger of the two shares. Somebody who adds to a copy can make the other one small.
    #[must_use]
    pub fn share(&self) -> Share {
        self.of_left.max(self.of_right)
    }
}

/// The fingerprints of documents with the same [`Given`](super::Given), and an index from each to those that have it.
#[derive(Debug)]
pub struct Pool {
    /// For each document, the fingerprints that others have too, as places in `shared`.
    prints: Vec<Vec<usize>>,
    shared: Vec<Shared>,
    /// The weight of all fingerprints of each document.
    wholes: Vec<u64>,
    too_short: Vec<usize>,
}

/// A fingerprint that several documents have.
#[derive(Debug)]
struct Shared {
    weight: u64,
    /// Their places, in ascending order.
    documents: Vec<usize>,
}

impl Pool {
    /// An index of these documents, which are called by their places from here on.
    ///
    /// # Errors
    /// [`TooMany`] if there are too many of them.
    pub fn new(documents: &[Fingerprints]) -> Result<Self, TooMany> {
        let count = documents.len();
        if count > DOCUMENTS_MAX {
            return Err(TooMany { documents: count });
        }
        let is_short = |(_, prints): &(usize, &Fingerprints)| prints.0.len() < FINGERPRINTS_MIN;
        let (short, long): (Vec<_>, Vec<_>) = documents.iter().enumerate().partition(is_short);
        let mut index: Vec<(u64, usize)> =
            long.into_iter().flat_map(|(place, prints)| prints.0.iter().map(move |hash| (*hash, place))).collect();
        index.sort_unstable();
        let too_short = short.into_iter().map(|(place, _)| place).collect();
        let mut pool = Self { prints: vec![Vec::new(); count], shared: Vec::new(), wholes: vec![0; count], too_short };
        for same in index.chunk_by(|(one, _), (other, _)| one == other) {
            pool.add(same.iter().map(|(_, place)| *place).collect());
        }
        Ok(pool)
    }

    /// Takes in a fingerprint that these documents have.
    fn add(&mut self, having: Vec<usize>) {
        let weight = weight(having.len(), self.wholes.len());
        let is_shared = having.len() > 1;
        for place in &having {
            if let Some(whole) = self.wholes.get_mut(*place) {
                *whole += weight;
            }
            if let Some(prints) = self.prints.get_mut(*place).filter(|_| is_shared) {
                prints.push(self.shared.len());
            }
        }
        if is_shared {
            self.shared.push(Shared { weight, documents: having });
        }
    }

    /// The places of documents that are too short to be in a pair, in ascending order.
    #[must_use]
    pub fn too_short(&self) -> &[usize] {
        &self.too_short
    }

    /// The pairs of which at least `min` of one stands in the other, those with the largest share first. Documents that have nothing in
    /// common are never a pair. Of more than [`PAIRS_MAX`] pairs, the first are listed.
    #[must_use]
    pub fn pairs(&self, min: Share) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for left in 0..self.wholes.len() {
            let row = self.row(left);
            let common = row.into_iter().enumerate().filter(|(_, weight)| *weight > 0);
            pairs.extend(
                common.map(|(right, weight)| self.pair(left, right, weight)).filter(|pair| pair.share() >= min),
            );
            if pairs.len() > 2 * PAIRS_MAX {
                keep_first(&mut pairs);
            }
        }
        keep_first(&mut pairs);
        pairs
    }

    /// The weight of what a document has in common with each of those behind it.
    fn row(&self, left: usize) -> Vec<u64> {
        let mut row = vec![0; self.wholes.len()];
        let prints = self.prints.get(left).map(Vec::as_slice).unwrap_or_default();
        for shared in prints.iter().filter_map(|print| self.shared.get(*print)) {
            let behind = shared.documents.partition_point(|place| *place <= left);
            for right in shared.documents.get(behind..).unwrap_or_default() {
                if let Some(weight) = row.get_mut(*right) {
                    *weight += shared.weight;
                }
            }
        }
        row
    }

    fn pair(&self, left: usize, right: usize, common: u64) -> Pair {
        let share = |place: usize| Share::of(common, self.wholes.get(place).copied().unwrap_or_default());
        Pair { left, right, of_left: share(left), of_right: share(right) }
    }
}

/// Sorts pairs by what is listed first, and leaves out what is too much.
fn keep_first(pairs: &mut Vec<Pair>) {
    pairs.sort_unstable_by_key(|pair| (Reverse(pair.share()), pair.left, pair.right));
    pairs.truncate(PAIRS_MAX);
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;

    use super::*;
    use crate::similarity::Given;

    /// A text of words that nobody else uses.
    fn text(author: &str, words: usize) -> String {
        (0..words).map(|word| format!("{author}{word} ")).collect()
    }

    fn pool(texts: &[String]) -> Pool {
        Pool::new(&texts.iter().map(|text| prints(text)).collect::<Vec<_>>()).unwrap()
    }

    fn prints(text: &str) -> Fingerprints {
        Given::prompt([]).document([("", text)]).unwrap().fingerprints()
    }

    fn shares(pool: &Pool, min: u16) -> Vec<(usize, usize, String)> {
        let shares = |pair: &Pair| (pair.left, pair.right, format!("{} {}", pair.of_left, pair.of_right));
        pool.pairs(Share::thousandths(min)).iter().map(shares).collect()
    }

    #[test]
    fn a_copy_with_additions_holds_all_of_its_original() {
        let (original, addition) = (text("a", 60), text("b", 60));
        let pool = pool(&[text("c", 60), original.clone(), original + &addition]);
        let pairs = pool.pairs(Share::thousandths(500));
        assert_eq!(pairs.len(), 1);
        assert_eq!((pairs[0].left, pairs[0].right, pairs[0].of_left), (1, 2, Share::thousandths(1_000)));
        assert!((0.4..0.6).contains(&pairs[0].of_right.fraction()), "{}", pairs[0].of_right);
    }

    #[test]
    fn a_solution_that_all_hand_in_is_found_all_the_same() {
        let leaked = vec![text("a", 60); 30];
        assert_eq!(shares(&pool(&leaked), 300).len(), 30 * 29 / 2);
    }

    #[test]
    fn what_most_have_in_common_says_little() {
        let idiom = text("idiom", 30);
        let texts: Vec<String> = (0..40).map(|author| idiom.clone() + &text(&format!("w{author}x"), 30)).collect();
        assert_eq!(shares(&pool(&texts), 100), []);
        // The same between two alone is half of each.
        assert_eq!(shares(&pool(&texts[..2]), 400).len(), 1);
    }

    #[test]
    fn what_is_too_short_is_in_no_pair_and_told() {
        let pool = pool(&[text("a", 5), text("a", 5), text("b", 60), String::new()]);
        assert_eq!((pool.too_short(), shares(&pool, 0)), (&[0, 1, 3][..], vec![]));
    }

    #[test]
    fn of_too_many_pairs_the_strongest_are_listed() {
        let mut texts = vec![text("a", 40) + &text("b", 40); 150];
        texts.extend(vec![text("a", 40); 2]);
        let pairs = pool(&texts).pairs(Share::thousandths(0));
        assert_eq!(pairs.len(), PAIRS_MAX);
        assert!(pairs.is_sorted_by_key(|pair| Reverse(pair.share())));
    }

    #[test]
    fn more_documents_than_are_compared_are_refused() {
        let refused = Pool::new(&vec![prints(""); DOCUMENTS_MAX + 1]).unwrap_err();
        assert_eq!(refused.to_string(), "2001 documents are more than the 2000 that are compared with each other");
    }

    proptest::proptest! {
        /// Each share is what comparing two lists of fingerprints gives, and the order of the documents changes nothing but places.
        #[test]
        fn the_index_finds_what_comparing_all_pairs_finds(texts in vec(vec(0..8_u8, 20..40), 2..8)) {
            let texts: Vec<String> = texts.iter().map(|words| words.iter().map(|word| format!("word{word} ")).collect()).collect();
            let forwards = pool(&texts);
            let all: Vec<Vec<u64>> = texts.iter().map(|text| prints(text).0).collect();
            for pair in forwards.pairs(Share::thousandths(0)) {
                let weigh = |hash: &u64| {
                    let having = all.iter().filter(|prints| prints.len() >= FINGERPRINTS_MIN && prints.contains(hash));
                    weight(having.count(), texts.len())
                };
                let (left, right) = (&all[pair.left], &all[pair.right]);
                let common: u64 = left.iter().filter(|hash| right.contains(hash)).map(weigh).sum();
                proptest::prop_assert_eq!(pair.of_left, Share::of(common, left.iter().map(weigh).sum()));
                proptest::prop_assert_eq!(pair.of_right, Share::of(common, right.iter().map(weigh).sum()));
            }
            let backwards: Vec<String> = texts.iter().rev().cloned().collect();
            let mut turned: Vec<_> = pool(&backwards).pairs(Share::thousandths(0)).into_iter().map(|pair| Pair {
                left: texts.len() - 1 - pair.right, right: texts.len() - 1 - pair.left, of_left: pair.of_right, of_right: pair.of_left,
            }).collect();
            keep_first(&mut turned);
            proptest::prop_assert_eq!(turned, forwards.pairs(Share::thousandths(0)));
        }
    }
}
