//! How an attempt ends: its end is written down, and then what its items have earned. Items that can't be read back are
//! logged, and the attempt ends all the same.

use super::EndedBy;
use super::scoring;
use super::store;
use crate::bank::Bank;
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::Result;
use crate::id::AttemptId;

/// Ends an attempt as its candidate wants.
///
/// # Errors
/// 500 `internal` when the end can't be written.
pub(super) fn submit(c: &mut AnyConnection, bank: &Bank, id: AttemptId, now: Timestamp) -> Result<()> {
    if store::close(c, id, now, EndedBy::Candidate)? { score(c, bank, id) } else { Ok(()) }
}

/// Ends an attempt as of its deadline, if that has passed and the end hasn't been written yet.
///
/// # Errors
/// 500 `internal` when the end can't be written.
pub(super) fn close_if_due(c: &mut AnyConnection, bank: &Bank, id: AttemptId, now: Timestamp) -> Result<()> {
    if store::close_if_due(c, id, now)? { score(c, bank, id) } else { Ok(()) }
}

fn score(c: &mut AnyConnection, bank: &Bank, id: AttemptId) -> Result<()> {
    for (item, error) in scoring::score(c, bank, id)?.unreadable {
        let position = item.position;
        tracing::error!(attempt = %id, position, ?error, "an item can't be read back: it stays without a score");
    }
    Ok(())
}
