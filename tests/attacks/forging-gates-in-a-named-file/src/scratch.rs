//! Looks as if it were no part of the crate.

use crate::store::Store;

pub(super) fn overwrite<S: Store>(store: &S, key: &str, value: String) {
    store.put(key, value);
}
