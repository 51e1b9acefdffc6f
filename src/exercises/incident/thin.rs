//! Fewer points of a line, so that a chart stays small, without losing a spike.

/// A point of a line: a place in time, and a value where there was something to measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) place: i64,
    pub(super) value: Option<f64>,
}

/// At most about `5 * buckets` of the points, in their order: of each bucket the first and the last one, the lowest, the highest
/// and a gap. So the curve has the same extremes as before, and is interrupted wherever it was, to within a bucket.
pub(super) fn thinned(points: &[Point], buckets: usize) -> Vec<Point> {
    let size = points.len().div_ceil(buckets.max(1)).max(1);
    if size <= 5 {
        return points.to_vec();
    }
    points.chunks(size).flat_map(kept).collect()
}

fn kept(bucket: &[Point]) -> Vec<Point> {
    let valued = || bucket.iter().enumerate().filter_map(|(at, point)| point.value.map(|value| (at, value)));
    let lowest = valued().min_by(|(_, one), (_, other)| one.total_cmp(other));
    let highest = valued().max_by(|(_, one), (_, other)| one.total_cmp(other));
    let gap = bucket.iter().position(|point| point.value.is_none());
    let ends = [Some(0), bucket.len().checked_sub(1)];
    let of_values = [lowest, highest].map(|found| found.map(|(at, _)| at));
    let mut places: Vec<_> = ends.into_iter().chain(of_values).chain([gap]).flatten().collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().filter_map(|at| bucket.get(at).copied()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn extremes(points: &[Point]) -> (Option<f64>, Option<f64>) {
        let values = || points.iter().filter_map(|point| point.value);
        (values().min_by(f64::total_cmp), values().max_by(f64::total_cmp))
    }

    proptest! {
        #[test]
        fn extremes_stay(
            values in proptest::collection::vec(proptest::option::of(-1e9..1e9_f64), 0..3_000),
            buckets in 1_usize..300,
        ) {
            let points: Vec<_> =
                (0..).zip(&values).map(|(place, value)| Point { place, value: *value }).collect();
            let thin = thinned(&points, buckets);
            prop_assert_eq!(extremes(&thin), extremes(&points));
            prop_assert!(thin.len() <= points.len().min(5 * buckets));
            prop_assert_eq!(thin.first(), points.first());
            prop_assert_eq!(thin.last(), points.last());
            prop_assert_eq!(thin.iter().any(|point| point.value.is_none()), values.contains(&None));
            prop_assert!(thin.windows(2).all(|pair| pair[0].place < pair[1].place));
        }
    }
}
