//! Revisions of what several people may edit: a number that every change counts up. Whoever changes something says which revision
//! they have seen, so that nobody overwrites what they don't know of.

use crate::error::{Kind, Refusal, Result};

/// What a caller says to have seen of a thing that they change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// They change it whatever it is by now.
    Whatever,
    /// They have seen this revision. One that doesn't exist was never seen.
    Revision(Option<i64>),
}

impl Seen {
    /// Refuses a change by somebody who has not seen the revision that is stored.
    ///
    /// # Errors
    /// 412 `changed_meanwhile` for such a change.
    pub(crate) fn check(self, stored: i64) -> Result<()> {
        match self {
            Self::Whatever => Ok(()),
            Self::Revision(Some(seen)) if seen == stored => Ok(()),
            Self::Revision(_) => Err(changed_meanwhile().into()),
        }
    }
}

/// Refuses a write by somebody who has not seen what is stored, or who expects something where there is nothing. Whoever says nothing
/// makes something new.
///
/// # Errors
/// 412 `changed_meanwhile`, 428 `if_match_missing`.
pub(crate) fn check_write(seen: Option<Seen>, stored: Option<i64>) -> Result<()> {
    match (seen, stored) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(missing().into()),
        (Some(_), None) => Err(changed_meanwhile().into()),
        (Some(seen), Some(stored)) => seen.check(stored),
    }
}

/// The refusal of a change that doesn't say which state it is of (RFC 6585, section 3).
pub(crate) fn missing() -> Refusal {
    let detail = "say in If-Match which state you change: the ETag that came with it, or * for any";
    Refusal::new(Kind::PreconditionRequired, "if_match_missing", detail)
}

fn changed_meanwhile() -> Refusal {
    let detail = "somebody has changed this since you opened it: look at how it is now, and make your change again";
    Refusal::new(Kind::PreconditionFailed, "changed_meanwhile", detail)
}
