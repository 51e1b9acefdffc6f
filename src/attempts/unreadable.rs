//! What to do with a part of an attempt that can't be read back: a fault of ours, which must hide no other part.

use crate::error::{Error, Result};
use crate::id::AttemptId;

/// What was read of an attempt; nothing, with a line in the log, where it can't be read back.
///
/// # Errors
/// Every other error, as it came.
pub(super) fn or_logged<T, E: Into<Error>>(read: Result<T, E>, attempt: AttemptId) -> Result<Option<T>> {
    match read.map_err(Into::into) {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.is_corrupt() => {
            tracing::error!(%attempt, ?error, "a part of an attempt can't be read back, and is left out");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
