//! A figure, or why there is none.

use serde::Serialize;

/// Fewest observations that a figure about a set, an item or reviewers is given for. Below it, chance moves such figures more than
/// anything that a team could want to know from them.
pub const FIGURE_MIN_N: usize = 30;
/// Fewest attempts that one of them is compared with: a percentile, or a distribution.
pub const COHORT_MIN_N: usize = 10;

/// A figure with the number of observations that it was computed from, or why there is none.
///
/// In JSON it is `{"value": 0.82, "n": 143}`, or `{"value": null, "n": 12, "withheld": "too_few"}`. A value is never NaN or infinite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure<T> {
    value: Option<T>,
    n: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
}

/// Why there is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// There are fewer observations than [`FIGURE_MIN_N`], or for a comparison [`COHORT_MIN_N`].
    TooFew,
    /// All observations are equal, so what the figure compares doesn't vary.
    NoVariance,
    /// The attempts ask for one item only, so there is nothing to compare it with.
    OneItem,
    /// The attempts are out of different maxima, so their points can't be compared.
    DifferentMaxima,
    /// The reliability is below zero, so the share of chance in the scores can't be said.
    NegativeReliability,
}

impl<T> Figure<T> {
    /// The outcome of a computation from `n` observations, or too few when there are fewer than `least`.
    pub(super) fn of(n: usize, least: usize, compute: impl FnOnce() -> Result<T, Withheld>) -> Self {
        let outcome = if n < least { Err(Withheld::TooFew) } else { compute() };
        match outcome {
            Ok(value) => Self { value: Some(value), n, withheld: None },
            Err(why) => Self { value: None, n, withheld: Some(why) },
        }
    }

    /// The value, or why there is none.
    ///
    /// # Errors
    /// When the figure is withheld, with the reason.
    pub fn get(&self) -> Result<&T, Withheld> {
        self.value.as_ref().ok_or(self.withheld.unwrap_or(Withheld::TooFew))
    }

    /// The number of observations.
    #[must_use]
    pub const fn n(&self) -> usize {
        self.n
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_says_why_there_is_no_figure() {
        let shown = |figure: Figure<f64>| serde_json::to_value(figure).unwrap();
        assert_eq!(shown(Figure::of(30, 30, || Ok(0.5))), json!({"value": 0.5, "n": 30}));
        let too_few = json!({"value": null, "n": 29, "withheld": "too_few"});
        assert_eq!(shown(Figure::of(29, 30, || Ok(0.5))), too_few);
        let no_variance = json!({"value": null, "n": 30, "withheld": "no_variance"});
        assert_eq!(shown(Figure::of(30, 30, || Err(Withheld::NoVariance))), no_variance);
    }
}
