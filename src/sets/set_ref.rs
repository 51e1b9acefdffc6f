//! How an address names a set: a built-in one by its slug, a team's by its id.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::bank::{NameError, Slug};
use crate::id::SetId;

/// A set as an address names it. No slug is an id, which has a `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SetRef {
    /// A built-in set, by its slug.
    BuiltIn(Slug),
    /// A set of a team, by its id.
    Team(SetId),
}

impl FromStr for SetRef {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        text.parse().map(Self::Team).or_else(|_| text.parse().map(Self::BuiltIn))
    }
}

impl<'de> Deserialize<'de> for SetRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for SetRef {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
        text.pattern(Some("^(set_[0-9a-f]{32}|[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)$")).build().into()
    }
}

impl utoipa::ToSchema for SetRef {}
