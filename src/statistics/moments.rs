//! Means, spreads, correlations and quantiles of numbers. Sums are taken of deviations from the mean, which loses no digits.

use crate::bank::Points;

/// A count as a number to compute with.
pub(super) fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

/// Points as a number to compute with.
pub(super) fn points(points: Points) -> f64 {
    f64::from(points.thousandths()) / 1_000.0
}

/// How much `score` is of `max_score`, from 0 to 1. Equal shares give equal numbers, since a division is rounded once.
pub(super) fn share(score: Points, max_score: Points) -> f64 {
    f64::from(score.thousandths()) / f64::from(max_score.thousandths().max(1))
}

/// The mean of numbers, or 0 if there are none.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len().max(1))
}

/// Whether all numbers are equal. It's asked instead of whether a variance is zero, because rounding can hide a zero.
pub(super) fn are_equal(values: &[f64]) -> bool {
    values.windows(2).all(|pair| matches!(pair, [one, other] if one == other))
}

/// The variance of a sample, with n − 1 in the denominator; 0 for fewer than two numbers.
pub(super) fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / count(values.len().saturating_sub(1).max(1))
}

/// Pearson's correlation of pairs, or nothing when either side doesn't vary.
pub(super) fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (ones, others): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
    if are_equal(&ones) || are_equal(&others) {
        return None;
    }
    let (mean_one, mean_other) = (mean(&ones), mean(&others));
    let products: f64 = pairs.iter().map(|(one, other)| (one - mean_one) * (other - mean_other)).sum();
    let squares = |values: &[f64], mean: f64| values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let spread = squares(&ones, mean_one).sqrt() * squares(&others, mean_other).sqrt();
    // Rounding may lead a hair past the limits.
    Some((products / spread).clamp(-1.0, 1.0))
}

/// The quantile at `part` of `parts`, between the two nearest numbers: definition 7 of Hyndman and Fan, *Sample Quantiles in
/// Statistical Packages*, The American Statistician 50, 1996. Nothing if there are no numbers.
pub(super) fn quantile(ascending: &[f64], part: usize, parts: usize) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let (whole, rest) = (last * part / parts, last * part % parts);
    let low = *ascending.get(whole)?;
    let high = ascending.get(whole + 1).copied().unwrap_or(low);
    Some(low + (high - low) * count(rest) / count(parts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_lie_between_the_nearest_numbers() {
        let numbers = [1.0, 2.0, 4.0, 8.0];
        let quartiles = [1, 2, 3].map(|part| quantile(&numbers, part, 4).unwrap());
        assert_eq!(quartiles, [1.75, 3.0, 5.0]);
        assert_eq!((quantile(&[7.0], 3, 4), quantile(&[], 1, 2)), (Some(7.0), None));
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        // The mean of these isn't 0.1 when rounded, so the computed variance isn't zero.
        let same = [0.1; 30];
        assert!(variance(&same) > 0.0 && are_equal(&same));
        let pairs: Vec<_> = same.into_iter().zip([1.0, 2.0].into_iter().cycle()).collect();
        assert_eq!(correlation(&pairs), None);
    }

    proptest! {
        #[test]
        fn a_correlation_ignores_scale_and_origin(
            pairs in proptest::collection::vec((0..100_u8, 0..100_u8), 2..60), scale in 1..50_u8, origin in 0..50_u8,
        ) {
            let pairs: Vec<_> = pairs.iter().map(|(one, other)| (f64::from(*one), f64::from(*other))).collect();
            let moved = |factor: f64| -> Vec<_> {
                pairs.iter().map(|(one, other)| (factor * one + f64::from(origin), *other)).collect()
            };
            let Some(expected) = correlation(&pairs) else { return Ok(()) };
            prop_assert!((-1.0..=1.0).contains(&expected));
            let same = correlation(&moved(f64::from(scale))).unwrap();
            let reversed = correlation(&moved(-f64::from(scale))).unwrap();
            prop_assert!((same - expected).abs() < 1e-12 && (reversed + expected).abs() < 1e-12);
        }
    }
}
