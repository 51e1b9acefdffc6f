//! Fields of JSON that can be left out, and can't be null.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there; for `#[serde(default, deserialize_with = "…")]`, by which one that is left out is `None`.
///
/// # Errors
/// The deserializer's, for null as for any other value that is no `T`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
