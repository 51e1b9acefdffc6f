//! Waits after failures, which are no longer than they should be however the clock was corrected.

use super::store;
use super::{JobKind, LeasePolicy};
use crate::clock::Timestamp;
use crate::db::{Db, Result};

/// Makes the waits of failed jobs as long as they should be that would last for longer: the clock was ahead when they failed, and has
/// been corrected. Says how many there were.
///
/// # Errors
/// The database's error when it can't be used.
pub async fn shorten_waits(db: &Db, kind: JobKind, now: Timestamp, policy: LeasePolicy) -> Result<usize> {
    let long = db.read(move |c| store::long_waits(c, kind, now, policy)).await?;
    if long.is_empty() {
        return Ok(0);
    }
    db.write(move |c| store::shorten(c, &long)).await
}
