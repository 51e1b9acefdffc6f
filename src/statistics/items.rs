//! What the attempts say of an item: how hard it is, whether it tells strong from weak candidates, what they choose, and how long it takes.
//!
//! Items may be drawn from pools. So an item's figures are of those who had it, and its score and that of the rest of the same attempt
//! are shares of what could be had: their maxima may differ from one attempt to the next.

use serde::Serialize;

use super::cohort::{Cohort, Item, Observation};
use super::figure::{FIGURE_MIN_N, Figure, Withheld};
use super::moments::{correlation, mean, quantile, share};
use super::options::OptionTable;

/// What is known of an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemStatistics {
    /// The name of the item.
    pub item: String,
    /// How many attempts had it.
    pub attempts: usize,
    /// The mean share of its points that was earned, from 0 to 1: the larger, the easier.
    ///
    /// Crocker and Algina, *Introduction to Classical and Modern Test Theory*, 1986, chapter 14.
    pub facility: Figure<f64>,
    /// The correlation, from −1 to 1, of its share with the share of all other items in the same attempt.
    ///
    /// Henrysson, *Correction of Item-Total Correlations in Item Analysis*, Psychometrika 28, 1963: an item that is part of the total
    /// would correlate with itself. Where all attempts have the same items, this is the item-rest correlation of the points.
    pub discrimination: Figure<f64>,
    /// How long it was worked on, by those for whom that is known.
    pub time: Figure<Time>,
    /// What was chosen. None for an item where nothing is chosen.
    pub options: Option<Figure<OptionTable>>,
}

/// How long an item was worked on, in seconds. Half of the attempts lie between the quartiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Time {
    /// A quarter of the attempts took less.
    pub lower_quartile: f64,
    /// Half of the attempts took less.
    pub median: f64,
    /// A quarter of the attempts took more.
    pub upper_quartile: f64,
}

impl ItemStatistics {
    /// The figures of all items, in the order of the cohort's list. One that no attempt had is in it too.
    pub(super) fn of_all(cohort: &Cohort) -> Vec<Self> {
        let mut observations = cohort.observations();
        let of = |item: &Item| Self::of(item, &observations.remove(item.id.as_str()).unwrap_or_default());
        cohort.items().iter().map(of).collect()
    }

    fn of(item: &Item, observations: &[Observation<'_>]) -> Self {
        let shares: Vec<f64> = observations.iter().map(share_of).collect();
        let n = observations.len();
        let chooses = !item.options.is_empty();
        Self {
            item: item.id.clone(),
            attempts: n,
            facility: Figure::of(n, FIGURE_MIN_N, || Ok(mean(&shares))),
            discrimination: discrimination(observations),
            time: time(observations),
            options: chooses.then(|| Figure::of(n, FIGURE_MIN_N, || Ok(OptionTable::of(&item.options, observations)))),
        }
    }
}

fn share_of(observation: &Observation<'_>) -> f64 {
    share(observation.response.score, observation.response.max_score)
}

fn discrimination(observations: &[Observation<'_>]) -> Figure<f64> {
    let pair = |observation: &Observation<'_>| observation.rest.map(|rest| (share_of(observation), rest));
    let pairs: Vec<(f64, f64)> = observations.iter().filter_map(pair).collect();
    let is_alone = pairs.is_empty() && observations.len() >= FIGURE_MIN_N;
    if is_alone {
        return Figure::of(observations.len(), FIGURE_MIN_N, || Err(Withheld::OneItem));
    }
    Figure::of(pairs.len(), FIGURE_MIN_N, || correlation(&pairs).ok_or(Withheld::NoVariance))
}

fn time(observations: &[Observation<'_>]) -> Figure<Time> {
    let seconds = observations.iter().filter_map(|observation| observation.response.seconds);
    let mut seconds: Vec<f64> = seconds.map(f64::from).collect();
    seconds.sort_by(f64::total_cmp);
    let quartile = |part| quantile(&seconds, part, 4).ok_or(Withheld::TooFew);
    Figure::of(seconds.len(), FIGURE_MIN_N, || {
        Ok(Time { lower_quartile: quartile(1)?, median: quartile(2)?, upper_quartile: quartile(3)? })
    })
}
