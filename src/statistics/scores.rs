//! The scores of whole attempts: their spread, how far they can be relied on, and where one of them stands among the others.

use serde::Serialize;

use super::cohort::{Attempt, Cohort};
use super::figure::{COHORT_MIN_N, FIGURE_MIN_N, Figure, Withheld};
use super::histogram::Histogram;
use super::moments::{are_equal, count, mean, points, variance};
use crate::bank::Points;

/// What is known of the scores of all attempts at a set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// The mean, in points.
    pub mean: Figure<f64>,
    /// The standard deviation of a sample (n − 1 in the denominator), in points.
    pub standard_deviation: Figure<f64>,
    /// How consistently the set measures.
    pub reliability: Figure<Reliability>,
    /// The standard error of measurement, in points: the standard deviation times √(1 − reliability).
    ///
    /// Harvill, *Standard Error of Measurement*, Educational Measurement: Issues and Practice 10(2), 1991.
    pub standard_error: Figure<f64>,
    /// How many attempts have which score, of 10 attempts and more.
    pub distribution: Figure<Histogram>,
}

/// A coefficient of internal consistency: at most 1, and the larger the better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reliability {
    /// What the coefficient is called.
    pub method: Method,
    /// The coefficient, which is the same by both names.
    pub value: f64,
}

/// The name of a coefficient of internal consistency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Cronbach's alpha: *Coefficient Alpha and the Internal Structure of Tests*, Psychometrika 16, 1951.
    Alpha,
    /// Formula 20 of Kuder and Richardson, *The Theory of the Estimation of Test Reliability*, Psychometrika 2, 1937. That's what alpha
    /// is called where each answer is right or wrong and all count the same.
    Kr20,
}

impl Scores {
    pub(super) fn of(cohort: &Cohort) -> Self {
        let attempts = cohort.attempts();
        let totals: Vec<Points> = attempts.iter().map(|attempt| attempt.scores().sum()).collect();
        let in_points: Vec<f64> = totals.iter().copied().map(points).collect();
        let max_score = common(attempts, |attempt| attempt.maxima().sum::<Points>());
        let of_points =
            |compute: &dyn Fn() -> f64| Figure::of(attempts.len(), FIGURE_MIN_N, || max_score.map(|_| compute()));
        let standard_deviation = of_points(&|| variance(&in_points).sqrt());
        let reliability = Figure::of(attempts.len(), FIGURE_MIN_N, || reliability(attempts, &in_points));
        Self {
            mean: of_points(&|| mean(&in_points)),
            standard_error: standard_error(&standard_deviation, &reliability),
            standard_deviation,
            reliability,
            distribution: Figure::of(attempts.len(), COHORT_MIN_N, || max_score.map(|max| Histogram::of(&totals, max))),
        }
    }
}

/// What is the same for all attempts.
fn common<T: PartialEq>(attempts: &[Attempt], what: impl Fn(&Attempt) -> T) -> Result<T, Withheld> {
    let mut all = attempts.iter().map(what);
    let first = all.next().ok_or(Withheld::TooFew)?;
    if all.all(|other| other == first) { Ok(first) } else { Err(Withheld::DifferentMaxima) }
}

/// Alpha over the slots of the set: k ÷ (k − 1) · (1 − the sum of the slots' variances ÷ the variance of the totals).
///
/// A slot is a fixed item or one draw from a pool. What a draw makes easier or harder counts as chance there, as it is for the candidate.
/// This needs slots that have the same maximum in all attempts.
fn reliability(attempts: &[Attempt], totals: &[f64]) -> Result<Reliability, Withheld> {
    let maxima = common(attempts, |attempt| attempt.maxima().collect::<Vec<_>>())?;
    if maxima.len() < 2 {
        return Err(Withheld::OneItem);
    }
    if are_equal(totals) {
        return Err(Withheld::NoVariance);
    }
    let of_slots: f64 = (0..maxima.len()).map(|slot| variance(&scores_of_slot(attempts, slot))).sum();
    let slots = count(maxima.len());
    let value = slots / (slots - 1.0) * (1.0 - of_slots / variance(totals));
    let method = if all_right_or_wrong(attempts, &maxima) { Method::Kr20 } else { Method::Alpha };
    Ok(Reliability { method, value })
}

fn scores_of_slot(attempts: &[Attempt], slot: usize) -> Vec<f64> {
    attempts.iter().filter_map(|attempt| attempt.scores().nth(slot)).map(points).collect()
}

/// Whether each answer has nothing or everything, and all slots count the same.
fn all_right_or_wrong(attempts: &[Attempt], maxima: &[Points]) -> bool {
    let is_either = |(score, max): (Points, &Points)| score == Points::ZERO || score == *max;
    let equal = maxima.windows(2).all(|pair| matches!(pair, [one, other] if one == other));
    equal && attempts.iter().all(|attempt| attempt.scores().zip(maxima).all(is_either))
}

fn standard_error(standard_deviation: &Figure<f64>, reliability: &Figure<Reliability>) -> Figure<f64> {
    Figure::of(reliability.n(), FIGURE_MIN_N, || {
        let alpha = reliability.get()?.value;
        if alpha < 0.0 {
            return Err(Withheld::NegativeReliability);
        }
        // Rounding may lead a hair past 1.
        Ok(standard_deviation.get()? * (1.0 - alpha).max(0.0).sqrt())
    })
}

impl Cohort {
    /// The percentile rank of a result, from 0 to 100: how many per cent of the attempts have a smaller share of their points, where
    /// those with the same share count half. The attempt whose rank it is belongs to the cohort. It is withheld for fewer than 10.
    ///
    /// Crocker and Algina, *Introduction to Classical and Modern Test Theory*, 1986, chapter 19.
    #[must_use]
    pub fn percentile_rank(&self, score: Points, max_score: Points) -> Figure<f64> {
        // Shares are compared as products of whole numbers, so that equal ones are equal.
        let product = |one: Points, other: Points| u64::from(one.thousandths()) * u64::from(other.thousandths());
        let order =
            |attempt: &Attempt| product(attempt.scores().sum(), max_score).cmp(&product(score, attempt.maxima().sum()));
        let orders: Vec<_> = self.attempts().iter().map(order).collect();
        let below = orders.iter().filter(|order| order.is_lt()).count();
        let equal = orders.iter().filter(|order| order.is_eq()).count();
        Figure::of(orders.len(), COHORT_MIN_N, || Ok(100.0 * (count(below) + count(equal) / 2.0) / count(orders.len())))
    }
}
