//! What to do with a part of an attempt that can't be read back: a fault of ours, which must hide no other part.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

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

/// What was read of an item, or made of it. An item at which our own code panics can't be read back: that is an error like any
/// other, so it doesn't end the task that reads the other items.
///
/// # Errors
/// Those of `read`, and 500 `internal` when it panics.
pub(super) fn or_caught<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    // Nothing is seen again that a panic left half done: what reads an item changes only what it makes itself.
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|panic| Err(Error::corrupt("an item of an attempt", text_of(panic.as_ref()))))
}

/// What a panic said, as far as it said it in words.
fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_item_that_can_not_be_read() {
        let name = "q";
        for panicked in
            [or_caught::<()>(|| panic!("no such choice")), or_caught::<()>(|| panic!("no choice in {name}"))]
        {
            let error = panicked.unwrap_err();
            assert!(error.is_corrupt() && error.to_string().contains("no "), "{error}");
        }
        assert_eq!(or_caught(|| Ok(1)).unwrap(), 1);
    }
}
