//! What the items of an attempt that is over have earned, as far as that can be said at once: a question's mark, and nothing
//! for what wasn't answered. Submissions are graded later, and prompts are reviewed.
//!
//! An item that can't be read back has no score, which is not a score of zero. It keeps neither the other items nor other
//! attempts from being scored, and it is scored when it can be read again.

use super::AttemptItem;
use super::load;
use super::store::{self, ItemRow};
use super::unreadable::or_caught;
use crate::bank::{Bank, Points};
use crate::db::AnyConnection;
use crate::error::{Error, Result};
use crate::id::AttemptId;

/// What scoring the items of attempts came to.
#[derive(Debug, Default)]
pub struct Scored {
    /// How many items have a score now that had none.
    pub items: usize,
    /// The items that can't be read back, each with the reason.
    pub unreadable: Vec<(AttemptItem, Error)>,
    /// The attempts of which nothing could be scored, each with the reason.
    pub failed: Vec<(AttemptId, Error)>,
}

impl Scored {
    /// Takes in what scoring another attempt came to.
    pub(super) fn add(&mut self, other: Self) {
        self.items += other.items;
        self.unreadable.extend(other.unreadable);
        self.failed.extend(other.failed);
    }
}

/// Scores the items of an attempt that is over and that have no score. A score that is known is left as it is.
///
/// # Errors
/// 500 `internal` when the database fails.
pub(super) fn score(c: &mut AnyConnection, bank: &Bank, attempt: AttemptId) -> Result<Scored> {
    let mut scored = Scored::default();
    for row in store::items(c, attempt)?.iter().filter(|row| row.score.is_none()) {
        match earned(c, bank, row) {
            Ok(None) => {}
            Ok(Some(score)) => {
                store::set_score(c, attempt, row.position, score)?;
                scored.items += 1;
            }
            Err(error) if error.is_corrupt() => {
                scored.unreadable.push((AttemptItem { attempt, position: row.position }, error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(scored)
}

fn earned(c: &mut AnyConnection, bank: &Bank, row: &ItemRow) -> Result<Option<Points>> {
    let response = store::saved(c, row.attempt_id, row.position)?;
    or_caught(|| load::content(c, bank, row, response)?.earned(row))
}
