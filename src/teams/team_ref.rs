//! How an address names a team: by its slug or by its id.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::bank::{NameError, Slug};
use crate::id::TeamId;

/// A team as an address names it. No slug is an id, which has a `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamRef {
    /// By the short name that its maker gave it.
    Slug(Slug),
    /// By the id that it got.
    Id(TeamId),
}

impl FromStr for TeamRef {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        text.parse().map(Self::Id).or_else(|_| text.parse().map(Self::Slug))
    }
}

impl<'de> Deserialize<'de> for TeamRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for TeamRef {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
        text.pattern(Some("^(tea_[0-9a-f]{32}|[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)$")).build().into()
    }
}

impl utoipa::ToSchema for TeamRef {}
