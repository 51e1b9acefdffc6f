//! How an attempt ends: its end is written down, and then what its items have earned.
//!
//! An item that can't be read back is a fault of ours. It is logged, its score stays unknown, and the attempt ends all the
//! same: it must keep neither the other items nor other attempts from being scored.

use super::load;
use super::store::{self, ItemRow};
use super::{EndedBy, Response};
use crate::bank::{Bank, Points};
use crate::clock::Timestamp;
use crate::db::AnyConnection;
use crate::error::{Error, Result};
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
    let Some(items) = or_logged(store::items(c, id).map_err(Error::from), id)? else { return Ok(()) };
    for row in items {
        let position = row.position;
        if let Some(Some(score)) = or_logged(earned(c, bank, row), id)? {
            store::set_score(c, id, position, score)?;
        }
    }
    Ok(())
}

fn earned(c: &mut AnyConnection, bank: &Bank, row: ItemRow) -> Result<Option<Points>> {
    let response: Option<Response> = store::saved(c, row.attempt_id, row.position)?;
    load::item(c, bank, row, response)?.earned()
}

/// What was read of an attempt; nothing, with a line in the log, where it can't be read back.
///
/// # Errors
/// Every other error, as it came.
pub(super) fn or_logged<T>(read: Result<T>, attempt: AttemptId) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_corrupt() => {
            tracing::error!(%attempt, ?error, "a part of an attempt can't be read back: its score stays unknown");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
