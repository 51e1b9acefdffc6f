//! Winnowing: which hashes of a text are kept as its fingerprints.
//!
//! S. Schleimer, D. S. Wilkerson and A. Aiken, *Winnowing: Local Algorithms for Document Fingerprinting*, SIGMOD 2003. Of every window of
//! w hashes the smallest is kept, and of equal ones the last. So two texts that have w hashes in a row in common keep one of these
//! hashes both, wherever it stands in each. On average, 2 of w + 1 hashes are kept.

/// The hashes that are kept, with where they stand, in order. A text with fewer hashes than a window has is one window.
pub(super) fn winnow(hashes: &[u64], window: usize) -> Vec<(usize, u64)> {
    let mut kept: Vec<(usize, u64)> = Vec::new();
    for (start, part) in hashes.windows(window.min(hashes.len()).max(1)).enumerate() {
        let smallest = part.iter().copied().enumerate().min_by_key(|(at, hash)| (*hash, std::cmp::Reverse(*at)));
        let Some((at, hash)) = smallest.map(|(at, hash)| (start + at, hash)) else { continue };
        if kept.last() != Some(&(at, hash)) {
            kept.push((at, hash));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;

    use super::*;

    #[test]
    fn the_example_of_the_paper_keeps_what_the_paper_says() {
        // Figure 2 there: 5-grams of "adorunrunrunadorunrun", and windows of four.
        let hashes = [77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98];
        assert_eq!(winnow(&hashes, 4), [(3, 17), (6, 17), (8, 8), (11, 39), (15, 17)]);
    }

    #[test]
    fn a_text_that_is_shorter_than_a_window_has_a_fingerprint() {
        assert_eq!(winnow(&[5, 3, 4], 4), [(1, 3)]);
        assert_eq!(winnow(&[], 4), []);
    }

    #[test]
    fn of_equal_hashes_the_last_of_a_window_is_kept() {
        assert_eq!(winnow(&[2, 1, 1, 3, 1, 4], 4), [(2, 1), (4, 1)]);
    }

    proptest::proptest! {
        /// The guarantee of the paper: w hashes in a row that two texts have in common leave a fingerprint that they have in common.
        #[test]
        fn what_is_as_long_as_a_window_is_found(
            before in vec(0..50_u64, 0..9), common in vec(0..50_u64, 4..9), after in vec(0..50_u64, 0..9), other in vec(0..50_u64, 0..9),
        ) {
            let kept = |text: Vec<u64>, begin: usize| -> BTreeSet<(usize, u64)> {
                let inside = winnow(&text, 4).into_iter().filter(|(at, _)| (begin..begin + common.len()).contains(at));
                inside.map(|(at, hash)| (at - begin, hash)).collect()
            };
            let one = kept([before.clone(), common.clone(), after.clone()].concat(), before.len());
            let two = kept([after.clone(), common.clone(), other].concat(), after.len());
            proptest::prop_assert!(!one.is_disjoint(&two), "{one:?} {two:?}");
        }
    }
}
