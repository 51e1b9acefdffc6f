//! The names of things in the bank.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name in a path: lower-case letters, digits and hyphens, at most 64 bytes, a letter or digit at both ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Box<str>);

/// Why a text is neither a slug nor the id of a question, in a sentence that says what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text can't be a [`Slug`]: a character, its length or an end is wrong.
    #[error("must be 1 to 64 lower-case letters, digits and hyphens, with no hyphen at either end")]
    Slug,
    /// The text can't be a [`QuestionId`]: it isn't two slugs with one `/` between them.
    #[error("must be `topic/slug`, each of lower-case letters, digits and hyphens")]
    QuestionId,
}

impl Slug {
    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let ends = !text.starts_with('-') && !text.ends_with('-');
        if letters && ends && (1..=64).contains(&text.len()) { Ok(Self(text.into())) } else { Err(NameError::Slug) }
    }
}

/// The id of a question or a prompt, `topic/slug`, which never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId {
    topic: Slug,
    slug: Slug,
}

impl QuestionId {
    /// The question `slug` of `topic`.
    pub const fn new(topic: Slug, slug: Slug) -> Self {
        Self { topic, slug }
    }

    /// The slug of the topic that the question or prompt belongs to.
    pub const fn topic(&self) -> &Slug {
        &self.topic
    }

    /// The name within the topic.
    pub const fn slug(&self) -> &Slug {
        &self.slug
    }
}

impl FromStr for QuestionId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (topic, slug) = text.split_once('/').ok_or(NameError::QuestionId)?;
        let part = |text: &str| text.parse().map_err(|_| NameError::QuestionId);
        Ok(Self { topic: part(topic)?, slug: part(slug)? })
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.slug)
    }
}

/// Both are plain strings in JSON and in OpenAPI.
macro_rules! text_form {
    ($name:ty, $pattern:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
                text.pattern(Some($pattern)).build().into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

text_form!(Slug, "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$");
text_form!(QuestionId, "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?/[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$");

/// Words that are written in capitals when a slug becomes a title.
const CAPITALS: [&str; 7] = ["abd", "cap", "crdt", "ntp", "pacelc", "pnuts", "ttl"];

/// A slug as a title: `pick-two` becomes `Pick two`, and `pacelc-classes` `PACELC classes`.
#[must_use]
pub fn title_from_slug(slug: &str) -> String {
    let words: Vec<_> = slug.split('-').enumerate().map(|(index, word)| title_word(word, index == 0)).collect();
    words.join(" ")
}

fn title_word(word: &str, first: bool) -> String {
    let mut letters = word.chars();
    match letters.next() {
        _ if CAPITALS.contains(&word) => word.to_uppercase(),
        Some(letter) if first => letter.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_narrow() {
        for good in ["a", "cap", "read-your-writes", "2pc"] {
            assert_eq!(good.parse::<Slug>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a/b", "..", "é", &"a".repeat(65)] {
            assert_eq!(bad.parse::<Slug>(), Err(NameError::Slug), "{bad}");
        }
        assert_eq!("cap/partition".parse::<QuestionId>().unwrap().to_string(), "cap/partition");
        for bad in ["cap", "cap/", "/x", "cap/x/y", "../x"] {
            assert_eq!(bad.parse::<QuestionId>(), Err(NameError::QuestionId), "{bad}");
        }
    }

    #[test]
    fn slugs_become_titles() {
        assert_eq!(
            ["pick-two", "pacelc-classes", "write-all"].map(title_from_slug),
            ["Pick two", "PACELC classes", "Write all"]
        );
    }
}
