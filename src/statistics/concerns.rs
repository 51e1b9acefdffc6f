//! Items that a team should look at, each with the reason.

use serde::Serialize;

use super::figure::Figure;
use super::items::ItemStatistics;
use super::moments::count;
use super::options::{ByGroup, GroupSizes, OptionLine, OptionTable};

/// The largest discrimination that is written as a number below zero.
const NEGATIVE_MOST: f64 = -0.005;
/// How many standard errors tell a correlation from chance: one that is zero goes beyond it in 5 of 100 cases.
const CORRELATION_ERRORS: f64 = 1.96;
/// How many standard errors one group must be ahead of the other: without a difference, it is so in 5 of 100 cases.
const GROUP_ERRORS: f64 = 1.645;

/// An item to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Concern {
    /// The name of the item.
    pub item: String,
    /// The kind of reason.
    pub reason: Reason,
    /// The option that it's about, if it's about one.
    pub option: Option<String>,
    /// What was found and what to do about it, as sentences for the team.
    pub sentence: String,
}

/// Why an item should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Those who are better at the rest are worse at this item.
    NegativeDiscrimination,
    /// An option that nobody of at least 30 candidates chose.
    NobodyChooses,
    /// A wrong option that attracts the strong rather than the weak.
    StrongChooseWrong,
}

impl Concern {
    /// What there is to look at, in the order of the items.
    pub(super) fn of_all(items: &[ItemStatistics]) -> Vec<Self> {
        items.iter().flat_map(|item| negative(item).into_iter().chain(of_options(item))).collect()
    }
}

fn negative(item: &ItemStatistics) -> Option<Concern> {
    let value = *item.discrimination.get().ok()?;
    let n = item.discrimination.n();
    // The standard error of the correlation of things that have nothing to do with each other.
    let by_chance = CORRELATION_ERRORS / count(n.saturating_sub(1)).sqrt();
    let chance = if -value > by_chance { "chance doesn't explain that" } else { "that can still be chance" };
    (value <= NEGATIVE_MOST).then(|| Concern {
        item: item.item.clone(),
        reason: Reason::NegativeDiscrimination,
        option: None,
        sentence: format!(
            "Candidates who do better on the rest of the set do worse on this item: the correlation is {} over {n} attempts, \
             and {chance}. Check the key and the wording.",
            format!("{value:.2}").replace('-', "\u{2212}")
        ),
    })
}

fn of_options(item: &ItemStatistics) -> Vec<Concern> {
    let Some(Ok(table)) = item.options.as_ref().map(Figure::get) else { return Vec::new() };
    let concern = |option: &OptionLine, (reason, sentence): (Reason, String)| Concern {
        item: item.item.clone(),
        reason,
        option: Some(option.option.clone()),
        sentence,
    };
    let of_option = |option: &OptionLine| {
        let found = unchosen(option, item.attempts).or_else(|| chosen_by_the_strong(option, table));
        found.map(|found| concern(option, found))
    };
    table.options.iter().filter_map(of_option).collect()
}

fn unchosen(option: &OptionLine, attempts: usize) -> Option<(Reason, String)> {
    let name = &option.option;
    let sentence = if option.is_right {
        format!("None of {attempts} candidates chose `{name}`, which is right. Check the key and the wording.")
    } else {
        format!("None of {attempts} candidates chose `{name}`. Replace it by a mistake that people make, or remove it.")
    };
    (option.chosen == 0).then_some((Reason::NobodyChooses, sentence))
}

fn chosen_by_the_strong(option: &OptionLine, table: &OptionTable) -> Option<(Reason, String)> {
    let GroupSizes::Groups(sizes) = table.groups else { return None };
    let chosen = option.chosen_by.filter(|_| !option.is_right)?;
    let right = table.options.iter().filter(|other| other.is_right).filter_map(|other| other.chosen_by);
    let most_right = right.map(|by| by.upper).max().unwrap_or(0);
    let (name, strong) = (&option.option, format!("{} of {}", chosen.upper, sizes.upper));
    if chosen.upper > most_right {
        let sentence = format!(
            "Of the strongest candidates, {strong} chose `{name}`, which is wrong, and {most_right} the right option. \
             Check the key."
        );
        return Some((Reason::StrongChooseWrong, sentence));
    }
    let sentence = format!(
        "Of the strongest candidates, {strong} chose `{name}`, which is wrong, and of the weakest {} of {}. \
         Check whether it can be taken for right.",
        chosen.lower, sizes.lower
    );
    is_ahead(chosen, sizes).then_some((Reason::StrongChooseWrong, sentence))
}

/// Whether more of the strongest than of the weakest chose something, and chance hardly explains the difference: a test of two
/// proportions with their common variance.
fn is_ahead(chosen: ByGroup, sizes: ByGroup) -> bool {
    let [upper, lower, of_upper, of_lower] = [chosen.upper, chosen.lower, sizes.upper, sizes.lower].map(count);
    let common = (upper + lower) / (of_upper + of_lower);
    let error = (common * (1.0 - common) * (1.0 / of_upper + 1.0 / of_lower)).sqrt();
    upper / of_upper - lower / of_lower > GROUP_ERRORS * error
}
