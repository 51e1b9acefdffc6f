//! What was chosen, by all and by the strongest and the weakest candidates.
//!
//! It says which options are right: it is for members of the team that the set belongs to, and for nobody else.

use serde::Serialize;

use super::cohort::{ItemOption, Observation};
use super::figure::Withheld;
use super::groups::Groups;

/// What those who had an item chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionTable {
    /// How many chose nothing.
    pub unanswered: usize,
    /// How large the groups are that are compared, or why they aren't.
    #[serde(flatten)]
    pub groups: GroupSizes,
    /// A line for each option, in the order of the item.
    pub options: Vec<OptionLine>,
}

/// The sizes of the two groups, or why candidates couldn't be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupSizes {
    /// The strongest and the weakest 27 %, by the share of the rest of their points.
    Groups(ByGroup),
    /// Why there are no groups.
    GroupsWithheld(Withheld),
}

/// A number of candidates in each group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ByGroup {
    /// Among the strongest candidates.
    pub upper: usize,
    /// Among the weakest candidates.
    pub lower: usize,
}

/// How often an option was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionLine {
    /// The name of the option.
    pub option: String,
    /// Whether the key has it.
    pub is_right: bool,
    /// How many chose it.
    pub chosen: usize,
    /// How many of each group chose it; none when there are no groups.
    pub chosen_by: Option<ByGroup>,
}

impl OptionTable {
    pub(super) fn of(options: &[ItemOption], observations: &[Observation<'_>]) -> Self {
        let split = Groups::of(observations);
        let line = |option: &ItemOption| {
            let chose = |one: &&Observation<'_>| one.response.chosen.contains(&option.id);
            OptionLine {
                option: option.id.clone(),
                is_right: option.is_right,
                chosen: observations.iter().filter(chose).count(),
                chosen_by: split.ok().map(|split| ByGroup::of(split, observations.iter().filter(chose))),
            }
        };
        Self {
            unanswered: observations.iter().filter(|one| one.response.chosen.is_empty()).count(),
            groups: match split {
                Ok(split) => GroupSizes::Groups(ByGroup::of(split, observations.iter())),
                Err(why) => GroupSizes::GroupsWithheld(why),
            },
            options: options.iter().map(line).collect(),
        }
    }
}

impl ByGroup {
    fn of<'o, 'r: 'o>(split: Groups, observations: impl Iterator<Item = &'o Observation<'r>>) -> Self {
        observations.fold(Self { upper: 0, lower: 0 }, |so_far, one| Self {
            upper: so_far.upper + usize::from(split.is_upper(one)),
            lower: so_far.lower + usize::from(split.is_lower(one)),
        })
    }
}
