//! Statistics of a set and its items, and the agreement of reviewers.
//!
//! All of it is computed from plain values, without a database or a page: a [`Cohort`] of finished attempts gives [`SetStatistics`], and
//! levels that reviewers gave give their [`Agreement`]. What each figure means, by which formula and from which source, is in
//! `docs/statistics.md`. Two rules hold for all of them: a figure says how many observations it's from, and where it would
//! mislead it's withheld with the reason ([`Figure`]).

mod agreement;
mod cohort;
mod concerns;
mod figure;
mod groups;
mod histogram;
mod items;
mod moments;
mod options;
mod plots;
mod scores;

use serde::Serialize;

pub use agreement::{Agreement, PairAgreement, RaterAgreement, Rating, weighted_kappa};
pub use cohort::{Cohort, Item, ItemOption, Misfit, Response};
pub use concerns::{Concern, Reason};
pub use figure::{COHORT_MIN_N, FIGURE_MIN_N, Figure, Withheld};
pub use groups::GROUP_PER_CENT;
pub use histogram::{Bin, Histogram};
pub use items::{ItemStatistics, Time};
pub use options::{ByGroup, GroupSizes, OptionLine, OptionTable};
pub use plots::{plot_of_histogram, plot_of_options};
pub use scores::{Method, Reliability, Scores};

/// All that is known of a set from the attempts at it. It is for members of the team that the set belongs to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetStatistics {
    /// How many attempts it's from.
    pub attempts: usize,
    /// The scores of whole attempts.
    pub scores: Scores,
    /// The items, in the order of the cohort's list.
    pub items: Vec<ItemStatistics>,
    /// What there is to look at, in the same order.
    pub concerns: Vec<Concern>,
}

impl SetStatistics {
    /// Computes all figures of a cohort.
    #[must_use]
    pub fn of(cohort: &Cohort) -> Self {
        let items = ItemStatistics::of_all(cohort);
        let concerns = Concern::of_all(&items);
        Self { attempts: cohort.attempts().len(), scores: Scores::of(cohort), items, concerns }
    }
}

#[cfg(test)]
mod tests;
