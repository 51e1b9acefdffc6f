//! How often which score occurs.

use serde::Serialize;

use crate::bank::Points;

/// Most bins of equal width. The maximum has one more if it begins a bin.
const BINS_MAX: u32 = 10;
/// Widths of bins in thousandths of a point: each is 2 or 2.5 times the one before it.
const WIDTHS: [u32; 14] =
    [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000];
/// The least width when all scores are whole points.
const WHOLE_POINT: u32 = 1_000;

/// How many attempts have which score, in bins that have the same round width.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Histogram {
    /// The most points that an attempt could have.
    pub max_score: Points,
    /// All bins from 0 to the maximum, without a gap.
    pub bins: Vec<Bin>,
}

/// A range of scores, and how many attempts have one of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// The lowest score that belongs to it.
    pub from: Points,
    /// The first score that is too high for it; for the last bin, the maximum, which belongs to it.
    pub to: Points,
    /// The number of attempts.
    pub count: usize,
}

impl Histogram {
    /// The histogram of scores of at most `max_score`.
    #[must_use]
    pub(super) fn of(scores: &[Points], max_score: Points) -> Self {
        let max = max_score.thousandths();
        let are_whole = scores.iter().chain([&max_score]).all(|score| score.thousandths().is_multiple_of(WHOLE_POINT));
        let fits = |width: &u32| (!are_whole || *width >= WHOLE_POINT) && max / width <= BINS_MAX;
        let width = WIDTHS.into_iter().find(fits).unwrap_or_else(|| max.div_ceil(BINS_MAX));
        let bin = |index: u32| {
            let from = index.saturating_mul(width);
            let is_in = |score: &&Points| score.thousandths().min(max) / width == index;
            Bin {
                from: Points::from_thousandths(from),
                to: Points::from_thousandths(from.saturating_add(width).min(max)),
                count: scores.iter().filter(is_in).count(),
            }
        };
        Self { max_score, bins: (0..=max / width).map(bin).collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bins(scores: &[u32], max_score: u32) -> Vec<(String, String, usize)> {
        let scores: Vec<_> = scores.iter().copied().map(Points::from_thousandths).collect();
        let histogram = Histogram::of(&scores, Points::from_thousandths(max_score));
        histogram.bins.iter().map(|bin| (bin.from.to_string(), bin.to.to_string(), bin.count)).collect()
    }

    #[test]
    fn whole_points_have_bins_of_whole_points() {
        let counted = bins(&[0, 1_000, 3_000, 3_000], 3_000).into_iter().map(|(from, _, count)| (from, count));
        let expected = [("0", 1), ("1", 1), ("2", 0), ("3", 2)].map(|(from, count)| (from.to_owned(), count));
        assert_eq!(counted.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_maximum_belongs_to_the_last_bin() {
        let counted = bins(&[499, 500, 12_000, 12_500], 12_500);
        assert_eq!(counted.len(), 7);
        assert_eq!(counted[0], ("0".into(), "2".into(), 2));
        assert_eq!(counted[6], ("12".into(), "12.5".into(), 2));
    }

    proptest! {
        #[test]
        fn every_attempt_is_in_one_bin(max_score in 1..=u32::MAX, parts in proptest::collection::vec(0..=1_000_u64, 0..50)) {
            let max = Points::from_thousandths(max_score);
            let scores: Vec<_> = parts.iter().map(|part| max.share(*part, 1_000)).collect();
            let histogram = Histogram::of(&scores, max);
            prop_assert_eq!(histogram.bins.iter().map(|bin| bin.count).sum::<usize>(), scores.len());
            prop_assert!(histogram.bins.len() <= 11, "{}", histogram.bins.len());
            prop_assert!(histogram.bins.windows(2).all(|pair| pair[0].to == pair[1].from));
            prop_assert_eq!(histogram.bins.last().unwrap().to, max);
        }
    }
}
