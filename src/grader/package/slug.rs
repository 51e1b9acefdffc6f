//! The name of a package.

use std::fmt;

/// A package's name in addresses and on the command line: lower case letters, digits, and hyphens between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// The slug, if `text` is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits =
            (1..=64).contains(&text.len()) && text.chars().all(plain) && !text.starts_with('-') && !text.ends_with('-');
        fits.then(|| Self(text.to_owned()))
    }

    /// Stands in where a package has none: such a package has a mistake and is never used.
    pub(super) const fn none() -> Self {
        Self(String::new())
    }

    /// The slug as it stands in addresses.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_begins_and_ends_with_a_letter_or_digit() {
        for good in ["a", "a-b", "2pc", &"a".repeat(64)] {
            assert!(Slug::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a b", "ä", &"a".repeat(65)] {
            assert!(Slug::parse(bad).is_none(), "{bad}");
        }
    }
}
