//! What of a team's material sets can ask.

use serde::Serialize;

use super::{Kind, store};
use crate::bank::{Prompt, Question, QuestionId, Slug};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::id::TeamId;

/// A team's material that is in force, with the number of each version.
#[derive(Default)]
pub(crate) struct InForce {
    /// Its questions, with their keys.
    pub(crate) questions: Vec<Question>,
    /// Its prompts, with their notes for reviewers.
    pub(crate) prompts: Vec<Prompt>,
    /// The version of each of them.
    pub(crate) versions: Vec<Pinned>,
}

/// A version of a question or a prompt, as a published set keeps it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pinned {
    /// Whether it's a question or a prompt.
    pub(crate) kind: Kind,
    /// The name, with the team's slug before the `/`.
    pub(crate) id: QuestionId,
    /// The number of the version.
    pub(crate) number: i32,
}

/// All material of a team that is in force. What can't be read back is an error.
///
/// # Errors
/// 500 `internal` when the database fails or something can't be read back.
pub(crate) fn in_force(c: &mut AnyConnection, team: TeamId) -> Result<InForce> {
    let name = store::team_slug(c, team)?;
    let mut found = InForce::default();
    for row in store::in_force(c, team)? {
        let slug: Slug = row.slug.parse().map_err(|error| Error::corrupt("an item of a team", error))?;
        let id = QuestionId::new(name.clone(), slug);
        found.versions.push(Pinned { kind: row.kind, id: id.clone(), number: row.number });
        let unreadable = |mistakes: Vec<crate::bank::Mistake>| {
            let said: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            Error::corrupt("an item of a team", said.join("; "))
        };
        match row.kind {
            Kind::Question => found.questions.push(Question::from_stored(id, &row.source).map_err(unreadable)?),
            Kind::Prompt => found.prompts.push(Prompt::from_stored(id, &row.source).map_err(unreadable)?),
        }
    }
    Ok(found)
}
