//! What every page of a team shows around its own part.

use serde::Serialize;

use super::{Role, Team};
use crate::error::Refusal;

/// A page of a team, with the page's own data.
#[derive(Serialize)]
pub(crate) struct TeamPage<T> {
    team: Team,
    /// Counts the changes of the team: a form says which it has seen.
    revision: i64,
    /// Whether the viewer owns the team.
    owns: bool,
    /// Whether the viewer may write material and sets.
    writes: bool,
    /// Which of the team's pages this is.
    tab: &'static str,
    /// Why the page is shown again.
    wrong: Option<String>,
    #[serde(flatten)]
    own: T,
}

impl<T> TeamPage<T> {
    /// A page of a team; with what was wrong, if a form was refused.
    pub(crate) fn new(team: Team, tab: &'static str, refused: Option<&Refusal>, own: T) -> Self {
        let wrong = refused.map(Refusal::sentence);
        let (owns, writes) = (team.role == Role::Owner, team.role.covers(Role::Author));
        Self { revision: team.revision, owns, writes, tab, wrong, team, own }
    }

    /// The title of the page in a browser.
    pub(crate) fn title(&self) -> String {
        format!("{}, {}", self.team.name, self.tab)
    }
}
