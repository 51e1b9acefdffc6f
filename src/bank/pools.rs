//! Checks that the pools of a set can always be filled.
//!
//! Pools draw one after the other, by chance, and none draws what another has drawn. A pool that shares questions with those before it may
//! find them gone. What they can take from it at the most is a maximum matching between their draws and its questions, found here by
//! augmenting paths (Kuhn, *The Hungarian Method for the Assignment Problem*, 1955).

use std::collections::{BTreeMap, BTreeSet};

/// A pool as the check sees it: what it may draw, and how many of them it wants.
pub(super) struct Draw<'q, Q> {
    /// The questions that it can draw, without those that the set names.
    pub(super) from: BTreeSet<&'q Q>,
    /// The number of questions that it draws.
    pub(super) count: usize,
}

/// How many of the questions that the last of these draws may draw are there for it, whatever the draws before it took.
pub(super) fn left_for_last<Q: Ord>(draws: &[Draw<'_, Q>]) -> usize {
    let Some((last, before)) = draws.split_last() else { return 0 };
    let mut taken_by = BTreeMap::new();
    let single_draws = before.iter().enumerate().flat_map(|(pool, draw)| std::iter::repeat_n(pool, draw.count));
    let taken = single_draws.filter(|pool| takes(*pool, before, last, &mut taken_by, &mut BTreeSet::new())).count();
    last.from.len() - taken
}

/// Whether the draws so far can be arranged so that `pool` takes one more question of the last draw.
fn takes<'q, Q: Ord>(
    pool: usize,
    before: &[Draw<'q, Q>],
    last: &Draw<'q, Q>,
    taken_by: &mut BTreeMap<&'q Q, usize>,
    seen: &mut BTreeSet<&'q Q>,
) -> bool {
    let Some(draw) = before.get(pool) else { return false };
    for question in draw.from.intersection(&last.from) {
        if !seen.insert(question) {
            continue;
        }
        let free = match taken_by.get(question).copied() {
            None => true,
            Some(other) => takes(other, before, last, taken_by, seen),
        };
        if free {
            taken_by.insert(question, pool);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every way in which pools can draw one after the other, and the fewest questions that the last finds.
    fn fewest_by_trying(draws: &[(BTreeSet<u8>, usize)], taken: &BTreeSet<u8>) -> usize {
        let ((from, count), rest) = draws.split_first().unwrap();
        let there: Vec<u8> = from.difference(taken).copied().collect();
        if rest.is_empty() {
            return there.len();
        }
        let subsets = (0..1_u32 << there.len())
            .filter(|chosen| chosen.count_ones() == u32::try_from((*count).min(there.len())).unwrap());
        let after = subsets.map(|chosen| {
            let drawn = there.iter().enumerate().filter(|(index, _)| chosen >> index & 1 == 1).map(|(_, id)| *id);
            fewest_by_trying(rest, &taken.iter().copied().chain(drawn).collect())
        });
        after.min().unwrap()
    }

    #[test]
    fn a_pool_may_find_its_questions_gone() {
        let ids = [0, 1, 2, 3, 4];
        let all: BTreeSet<_> = ids.iter().collect();
        let draw = |count| Draw { from: all.clone(), count };
        assert_eq!(left_for_last(&[draw(3), draw(2)]), 2);
        assert_eq!(left_for_last(&[draw(3), draw(1), draw(2)]), 1);
        assert_eq!(left_for_last(&[Draw { from: [&4].into(), count: 1 }, Draw { from: [&0, &1].into(), count: 2 }]), 2);
    }

    proptest! {
        /// Never more than the pool may find, so that what passes the check can always be drawn; and exactly that for two pools.
        #[test]
        fn what_is_promised_is_there(
            pools in proptest::collection::vec((proptest::collection::btree_set(0..6_u8, 0..6), 0..4_usize), 1..4),
        ) {
            let draws: Vec<_> =
                pools.iter().map(|(from, count)| Draw { from: from.iter().collect(), count: *count }).collect();
            let (promised, found) = (left_for_last(&draws), fewest_by_trying(&pools, &BTreeSet::new()));
            prop_assert!(promised <= found, "{promised} > {found}");
            if pools.len() <= 2 {
                prop_assert_eq!(promised, found);
            }
        }
    }
}
