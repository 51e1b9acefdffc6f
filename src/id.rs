//! Ids: a UUIDv7 (RFC 9562) behind a newtype and a prefix, written `sub_0193f6…` everywhere, the database included.
//!
//! It is kept as that text, so that it can be lent to a database, a log or a page without being written out first.
//! The prefix makes a pasted id tell what it names, and keeps an attempt's id from being taken for a submission's.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind starts with \"{prefix}_\" and goes on with 32 hexadecimal digits")]
pub struct ParseIdError {
    prefix: &'static str,
}

const PREFIX_LENGTH: usize = 4;
const LENGTH: usize = PREFIX_LENGTH + 32;

fn make(prefix: &'static str) -> [u8; LENGTH] {
    let mut text = [b'_'; LENGTH];
    let (start, hex) = text.split_at_mut(PREFIX_LENGTH);
    for (place, byte) in start.iter_mut().zip(prefix.bytes()) {
        *place = byte;
    }
    Uuid::now_v7().simple().encode_lower(hex);
    text
}

/// How many characters of an id are its prefix, its time in milliseconds and the version of UUIDs.
const DATED: usize = PREFIX_LENGTH + 13;

fn derive(from: [u8; LENGTH], bytes: &[u8]) -> [u8; LENGTH] {
    let mut text = from;
    let digest = Sha256::digest(bytes);
    let hex =
        digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| b"0123456789abcdef".get(usize::from(digit)));
    for (place, digit) in text.iter_mut().skip(DATED).zip(hex) {
        *place = digit.copied().unwrap_or(b'0');
    }
    text
}

fn parse(prefix: &'static str, text: &str) -> Result<[u8; LENGTH], ParseIdError> {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|hex| hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        .and_then(|_| text.as_bytes().try_into().ok())
        .ok_or(ParseIdError { prefix })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; LENGTH]);

        impl $name {
            /// A new id, larger than those made before it.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "every call gives another value")]
            pub fn new() -> Self {
                Self(make($prefix))
            }

            /// An id as old as this one that follows from some bytes: the same bytes, the same id.
            #[must_use]
            pub fn derived(&self, from: &[u8]) -> Self {
                Self(derive(self.0, from))
            }

            /// The id as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse($prefix, text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
                text.pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$"))).build().into()
            }
        }

        impl utoipa::ToSchema for $name {}

        crate::db::stored_as_text!($name);
    )*};
}

ids! {
    /// A person with an account.
    UserId = "usr";
    /// One sign-in, of a browser or of a client of the API.
    SessionId = "ses";
    /// A token that a person made for a program.
    TokenId = "tok";
    /// A team that hires.
    TeamId = "tea";
    /// An invitation to become a member of a team.
    MemberInvitationId = "min";
    /// A recorded practice answer.
    AnswerId = "ans";
    /// A recorded practice response to a design prompt.
    ResponseId = "rsp";
    /// A set that a team made.
    SetId = "set";
    /// One candidate's go at a set.
    AttemptId = "att";
    /// Code that was handed in.
    SubmissionId = "sub";
    /// One worker's right to grade a submission, for a while.
    LeaseId = "lea";
    /// A message that leaves for another system.
    MessageId = "msg";
    /// One request, as logs and error bodies name it.
    RequestId = "req";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_text_and_refuses_other_kinds() {
        let id = UserId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().parse::<TeamId>().is_err());
        assert!("usr_".parse::<UserId>().is_err());
        assert!(id.to_string().to_uppercase().parse::<UserId>().is_err());
    }

    #[test]
    fn a_derived_id_is_as_old_and_follows_from_its_bytes() {
        let id = AnswerId::new();
        let derived = id.derived(b"one");
        assert_eq!(derived.to_string().parse(), Ok(derived));
        assert_eq!(derived.as_str()[..17], id.as_str()[..17]);
        assert_eq!(derived, id.derived(b"one"));
        assert_ne!(derived, id.derived(b"other"));
        assert_ne!(derived, id);
    }
}
