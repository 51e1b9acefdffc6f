//! The strongest and the weakest candidates, by what they did on the rest of the set.

use super::cohort::Observation;
use super::figure::{FIGURE_MIN_N, Withheld};

/// The share of the candidates in each group, in per cent.
///
/// Kelley, *The Selection of Upper and Lower Groups for the Validation of Test Items*, Journal of Educational Psychology 30, 1939:
/// with 27 %, the difference between the groups is told from chance most easily.
pub const GROUP_PER_CENT: usize = 27;

/// From which share of the rest a candidate belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Groups {
    lower_most: f64,
    upper_least: f64,
}

impl Groups {
    /// Splits the candidates. Those who are level with the last one in a group belong to it too, so it doesn't depend on any order.
    ///
    /// # Errors
    /// When nobody or hardly anybody has a rest, or when so many are level that somebody would belong to both groups.
    pub(super) fn of(observations: &[Observation<'_>]) -> Result<Self, Withheld> {
        let mut rests: Vec<f64> = observations.iter().filter_map(|observation| observation.rest).collect();
        rests.sort_by(f64::total_cmp);
        let size = (rests.len() * GROUP_PER_CENT).div_ceil(100);
        match (rests.get(size.saturating_sub(1)), rests.get(rests.len() - size)) {
            (None, _) | (_, None) => Err(Withheld::OneItem),
            _ if rests.len() < FIGURE_MIN_N => Err(Withheld::TooFew),
            (Some(lower_most), Some(upper_least)) if lower_most < upper_least => {
                Ok(Self { lower_most: *lower_most, upper_least: *upper_least })
            }
            _ => Err(Withheld::NoVariance),
        }
    }

    /// Whether a candidate is among the strongest.
    pub(super) fn is_upper(&self, observation: &Observation<'_>) -> bool {
        observation.rest.is_some_and(|rest| rest >= self.upper_least)
    }

    /// Whether a candidate is among the weakest.
    pub(super) fn is_lower(&self, observation: &Observation<'_>) -> bool {
        observation.rest.is_some_and(|rest| rest <= self.lower_most)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bank::Points;
    use crate::statistics::cohort::Response;

    /// How many are in the lower and the upper group when there are four candidates with each of these rests.
    fn sizes(rests: &[u8]) -> Result<(usize, usize), Withheld> {
        let (item, chosen) = (String::new(), vec![]);
        let response = Response { item, score: Points::ZERO, max_score: Points::ONE, chosen, seconds: None };
        let seen = |rest: &u8| [Observation { response: &response, rest: Some(f64::from(*rest)) }; 4];
        let seen: Vec<_> = rests.iter().flat_map(seen).collect();
        let groups = Groups::of(&seen)?;
        let upper = seen.iter().filter(|one| groups.is_upper(one)).count();
        Ok((seen.iter().filter(|one| groups.is_lower(one)).count(), upper))
    }

    #[test]
    fn who_is_level_with_the_last_belongs_to_the_group() {
        assert_eq!(sizes(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), Ok((12, 12)));
        assert_eq!(sizes(&[0, 1, 2, 2, 2, 5, 6, 7, 7, 7]), Ok((20, 12)));
    }

    #[test]
    fn there_are_no_groups_when_somebody_would_be_in_both() {
        assert_eq!(sizes(&[5, 5, 5, 5, 5, 5, 5, 9]), Err(Withheld::NoVariance));
        assert_eq!(sizes(&[0, 1, 2, 3, 4, 5, 6]), Err(Withheld::TooFew));
        assert_eq!(sizes(&[]), Err(Withheld::OneItem));
    }

    proptest! {
        #[test]
        fn nobody_is_in_both_groups(rests in proptest::collection::vec(0..20_u8, 8..40)) {
            match sizes(&rests) {
                Ok((lower, upper)) => {
                    prop_assert!(lower + upper <= 4 * rests.len());
                    prop_assert!(lower.min(upper) * 100 >= 4 * rests.len() * GROUP_PER_CENT);
                }
                // Nearly half of them are level.
                Err(why) => prop_assert_eq!(why, Withheld::NoVariance),
            }
        }
    }
}
