//! What a run through the mix came to.

use std::collections::BTreeMap;
use std::ops::Range;

/// Seconds in all, and for each case that was run, by its place in the mix.
pub struct Figures {
    /// From the first case to the end of the last.
    pub wall_s: f64,
    /// From the start of each case to its end.
    pub work_s: BTreeMap<usize, f64>,
}

impl Figures {
    /// How many of these cases, as far as they were run, a core does in a minute. Cases run mixed, so some of them have no wall time of their own: their share
    /// of it is their share of all work. All cores of the machine count, whether or not they have something to do.
    pub fn per_core_minute(&self, cases: &[usize], cores: usize) -> f64 {
        let own: Vec<f64> = cases.iter().filter_map(|index| self.work_s.get(index)).copied().collect();
        let all: f64 = self.work_s.values().sum();
        let minutes = self.wall_s * own.iter().sum::<f64>() / all / 60.0;
        own.len() as f64 / minutes / cores as f64
    }
}

/// The straight line that is nearest to values at 0, 1, 2 …
pub struct Line {
    /// The share of the values' variance that the line explains.
    pub r_squared: f64,
    /// The largest distance of a value from the line, as a share of the largest value.
    pub largest_deviation: f64,
    /// By how much it rises with each value.
    pub slope: f64,
}

impl Line {
    pub fn through(values: &[f64]) -> Self {
        let places = 0..values.len();
        let (mean_x, mean_y) = (mean(&to_f64(places.clone())), mean(values));
        let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in to_f64(places.clone()).iter().zip(values) {
            let (x, y) = (x - mean_x, y - mean_y);
            (xy, xx, yy) = (xy + x * y, xx + x * x, yy + y * y);
        }
        let slope = xy / xx;
        let off = to_f64(places).into_iter().zip(values).map(|(x, y)| (y - mean_y - slope * (x - mean_x)).abs());
        let largest = values.iter().copied().fold(0.0, f64::max);
        Self { r_squared: xy * xy / (xx * yy), largest_deviation: off.fold(0.0, f64::max) / largest, slope }
    }
}

fn to_f64(numbers: Range<usize>) -> Vec<f64> {
    numbers.map(|number| number as f64).collect()
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
