//! How far reviewers agree who scored the same answers by the same criterion without seeing each other's levels.
//!
//! The measure is weighted kappa with quadratic weights: Cohen, *Weighted Kappa: Nominal Scale Agreement With Provision for Scaled
//! Disagreement or Partial Credit*, Psychological Bulletin 70, 1968. It is 1 when all levels are equal, 0 when they agree as far as
//! they would by chance, and below 0 when they agree less. Two levels apart count four times as much as one level apart.

use std::collections::BTreeMap;

use serde::Serialize;

use super::figure::{FIGURE_MIN_N, Figure, Withheld};
use super::moments::count;

/// A level that a reviewer gave an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// The name of the reviewer.
    pub rater: String,
    /// The name of the answer that was rated.
    pub answer: String,
    /// The level, counted from the worst one of its scale. Levels are taken to be equally far apart.
    pub level: u8,
}

/// The agreement of reviewers by one criterion, or by all criteria of a rubric when an answer is named with each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Weighted kappa of all pairs of levels that one answer got from two reviewers. It doesn't depend on who is called the first: each pair
    /// counts in both orders, as in Scott, *Reliability of Content Analysis*, Public Opinion Quarterly 19, 1955. So it is at most as
    /// large as Cohen's.
    pub overall: Figure<f64>,
    /// Weighted kappa of every two reviewers with an answer in common, in the order of their names.
    pub pairs: Vec<PairAgreement>,
    /// Weighted kappa of each reviewer with whoever rated the same answers, in the order of their names.
    pub raters: Vec<RaterAgreement>,
}

/// The agreement of two reviewers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairAgreement {
    /// The one whose name comes first.
    pub first: String,
    /// The one whose name comes second.
    pub second: String,
    /// Weighted kappa, with the number of answers that both rated.
    pub kappa: Figure<f64>,
}

/// The agreement of a reviewer with all others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RaterAgreement {
    /// The name of the reviewer.
    pub rater: String,
    /// Weighted kappa, with the number of levels of others that it compares with.
    pub kappa: Figure<f64>,
}

impl Agreement {
    /// Computes the agreement. Only levels that were given blind belong here: whoever decides between two others has seen that they differ.
    /// If a reviewer rated an answer twice, the later level counts.
    #[must_use]
    pub fn of(ratings: &[Rating]) -> Self {
        let mut pairs: BTreeMap<(&str, &str), Vec<(u8, u8)>> = BTreeMap::new();
        let mut raters: BTreeMap<&str, Vec<(u8, u8)>> = BTreeMap::new();
        let mut both_orders = Vec::new();
        for (one, other) in by_answer(ratings).values().flat_map(each_two) {
            pairs.entry((one.0, other.0)).or_default().push((one.1, other.1));
            raters.entry(one.0).or_default().push((one.1, other.1));
            raters.entry(other.0).or_default().push((other.1, one.1));
            both_orders.extend([(one.1, other.1), (other.1, one.1)]);
        }
        let pair = |((first, second), levels): ((&str, &str), Vec<(u8, u8)>)| PairAgreement {
            first: first.to_owned(),
            second: second.to_owned(),
            kappa: weighted_kappa(&levels),
        };
        let rater = |(rater, levels): (&str, Vec<(u8, u8)>)| RaterAgreement {
            rater: rater.to_owned(),
            kappa: weighted_kappa(&levels),
        };
        Self {
            overall: Figure::of(both_orders.len() / 2, FIGURE_MIN_N, || kappa(&both_orders)),
            pairs: pairs.into_iter().map(pair).collect(),
            raters: raters.into_iter().map(rater).collect(),
        }
    }
}

/// The levels that each answer got, by reviewer.
fn by_answer(ratings: &[Rating]) -> BTreeMap<&str, BTreeMap<&str, u8>> {
    let mut answers: BTreeMap<&str, BTreeMap<&str, u8>> = BTreeMap::new();
    for rating in ratings {
        answers.entry(&rating.answer).or_default().insert(&rating.rater, rating.level);
    }
    answers
}

/// A reviewer, and the level that they gave.
type Given<'r> = (&'r str, u8);

/// Every two reviewers of an answer with their levels, in the order of their names.
fn each_two<'r>(levels: &BTreeMap<&'r str, u8>) -> Vec<(Given<'r>, Given<'r>)> {
    let levels: Vec<Given<'r>> = levels.iter().map(|(rater, level)| (*rater, *level)).collect();
    let with_later = |(place, one): (usize, &Given<'r>)| {
        let one = *one;
        levels.iter().skip(place + 1).map(|later| (one, *later)).collect::<Vec<_>>()
    };
    levels.iter().enumerate().flat_map(with_later).collect()
}

/// Weighted kappa, with quadratic weights, of pairs of levels on the same scale. It is withheld for fewer than 30 pairs, and undefined when
/// both sides gave one and the same level to everything, since then chance would agree as well.
#[must_use]
pub fn weighted_kappa(pairs: &[(u8, u8)]) -> Figure<f64> {
    Figure::of(pairs.len(), FIGURE_MIN_N, || kappa(pairs))
}

/// 1 − the mean of (a − b)² over the pairs ÷ its mean over all combinations of an a with a b. The number of levels would stand on
/// both sides of the division, so it isn't needed.
fn kappa(pairs: &[(u8, u8)]) -> Result<f64, Withheld> {
    // Whole numbers, which a float holds exactly up to 2^53: that is enough for 300,000 pairs.
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(a, b)| of(f64::from(*a), f64::from(*b))).sum::<f64>();
    let n = count(pairs.len());
    let observed = n * sum(&|a, b| (a - b).powi(2));
    let expected = n * sum(&|a, b| a * a + b * b) - 2.0 * sum(&|a, _| a) * sum(&|_, b| b);
    if expected > 0.0 { Ok(1.0 - observed / expected) } else { Err(Withheld::NoVariance) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn levels() -> impl Strategy<Value = Vec<(u8, u8)>> {
        proptest::collection::vec((0..5_u8, 0..5_u8), FIGURE_MIN_N..80)
    }

    #[test]
    fn undefined_cases_are_named() {
        assert_eq!(weighted_kappa(&[(2, 2); 30]).get(), Err(Withheld::NoVariance));
        assert_eq!(weighted_kappa(&[(2, 3); 29]).get(), Err(Withheld::TooFew));
        // One who always says the same agrees with anybody as chance does.
        assert_eq!(weighted_kappa(&[(2, 3); 30]).get(), Ok(&0.0));
    }

    #[test]
    fn half_of_the_levels_being_one_apart_is_between_chance_and_agreement() {
        // Each side has every level equally often: Σ(a − b)² is 20 of 40 pairs, and by chance 100.
        let pairs: Vec<_> = [(0, 0), (0, 1), (1, 1), (1, 0), (2, 2), (2, 3), (3, 3), (3, 2)].repeat(5);
        assert_eq!(weighted_kappa(&pairs).get(), Ok(&0.8));
    }

    #[test]
    fn reviewers_are_compared_where_they_rated_the_same_answer() {
        let rate =
            |rater: &str, answer: u8, level: u8| Rating { rater: rater.to_owned(), answer: answer.to_string(), level };
        let first = (0..60).map(|answer| rate("ada", answer, answer % 4));
        let second = (0..30).map(|answer| rate("bob", answer, answer % 4));
        let third = (30..60).map(|answer| rate("cyd", answer, 3 - answer % 4));
        let agreement = Agreement::of(&first.chain(second).chain(third).collect::<Vec<_>>());
        let pairs: Vec<_> = agreement.pairs.iter().map(|pair| (&*pair.first, &*pair.second, pair.kappa.n())).collect();
        assert_eq!(pairs, [("ada", "bob", 30), ("ada", "cyd", 30)]);
        assert_eq!(agreement.pairs[0].kappa.get(), Ok(&1.0));
        assert!(agreement.pairs[1].kappa.get().unwrap() < &-0.9);
        let raters: Vec<_> = agreement.raters.iter().map(|rater| (&*rater.rater, rater.kappa.n())).collect();
        assert_eq!(raters, [("ada", 60), ("bob", 30), ("cyd", 30)]);
        assert_eq!(agreement.overall.n(), 60);
    }

    proptest! {
        #[test]
        fn those_who_agree_have_one_and_nobody_more(pairs in levels()) {
            let same: Vec<_> = pairs.iter().map(|(one, _)| (*one, *one)).collect();
            if let Ok(kappa) = weighted_kappa(&same).get() {
                prop_assert_eq!(*kappa, 1.0);
            }
            if let Ok(kappa) = weighted_kappa(&pairs).get() {
                prop_assert!(*kappa <= 1.0);
            }
        }

        #[test]
        fn neither_order_nor_names_nor_the_origin_matter(pairs in levels(), up in 0..9_u8) {
            let swapped: Vec<_> = pairs.iter().rev().map(|(one, other)| (*other, *one)).collect();
            let moved: Vec<_> = pairs.iter().map(|(one, other)| (one + up, other + up)).collect();
            prop_assert_eq!(weighted_kappa(&pairs), weighted_kappa(&swapped));
            prop_assert_eq!(weighted_kappa(&pairs), weighted_kappa(&moved));
        }

        #[test]
        fn it_does_not_matter_whose_name_comes_first(levels in proptest::collection::vec((0..5_u8, 0..5_u8, 0..5_u8), 30..60)) {
            let named = |names: [&str; 3]| {
                let of = |(answer, (one, two, three)): (usize, &(u8, u8, u8))| {
                    let given = [(names[0], *one), (names[1], *two), (names[2], *three)];
                    given.map(|(rater, level)| Rating { rater: rater.to_owned(), answer: answer.to_string(), level })
                };
                Agreement::of(&levels.iter().enumerate().flat_map(of).collect::<Vec<_>>())
            };
            let (one, other) = (named(["a", "b", "c"]), named(["b", "c", "a"]));
            prop_assert_eq!(one.overall, other.overall);
            prop_assert_eq!(one.raters[0].kappa, other.raters[1].kappa);
            prop_assert_eq!(one.raters[1].kappa, other.raters[2].kappa);
            prop_assert_eq!(one.raters[2].kappa, other.raters[0].kappa);
        }

        #[test]
        fn both_orders_agree_at_most_as_far_as_one(pairs in levels()) {
            let rate = |(rater, answer, level): (&str, usize, u8)| Rating {
                rater: rater.to_owned(), answer: answer.to_string(), level,
            };
            let ratings: Vec<_> = pairs.iter().enumerate()
                .flat_map(|(answer, (one, other))| [("a", answer, *one), ("b", answer, *other)]).map(rate).collect();
            let agreement = Agreement::of(&ratings);
            prop_assert_eq!(&agreement.pairs[0].kappa, &agreement.raters[0].kappa);
            if let (Ok(overall), Ok(cohen)) = (agreement.overall.get(), agreement.pairs[0].kappa.get()) {
                prop_assert!(*overall <= cohen + 1e-12);
            }
        }
    }
}
