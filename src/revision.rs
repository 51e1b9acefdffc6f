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

fn changed_meanwhile() -> Refusal {
    let detail = "somebody has changed this since you opened it: look at how it is now, and make your change again";
    Refusal::new(Kind::PreconditionFailed, "changed_meanwhile", detail)
}
