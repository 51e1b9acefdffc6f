//! How a personal token is written: `qrt_`, 256 random bits and 32 check bits, both in hexadecimal.
//!
//! Scanners that look for secrets in repositories find it by its prefix and its length. The check bits tell a typing error
//! from a token that was revoked, also where there is no database.

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::hex::hex;

/// What every personal token begins with.
const PREFIX: &str = "qrt_";
/// Random bytes of a token.
const RANDOM_BYTES: usize = 32;
/// Bytes of a token that check the others.
const CHECK_BYTES: usize = 4;
/// Characters of a token.
const LENGTH: usize = PREFIX.len() + 2 * (RANDOM_BYTES + CHECK_BYTES);

/// A personal token that is written as it should be; whether it's somebody's, only the database can tell. It has no `Debug`,
/// so that no log can hold it.
#[derive(Clone)]
pub(crate) struct Secret(String);

/// Why a text is no personal token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretError {
    /// It doesn't begin as one.
    #[error("a personal token begins with qrt_")]
    Prefix,
    /// A character is wrong, missing or too many.
    #[error("this personal token has a typing error, or isn't whole: copy it again")]
    Mistyped,
}

impl Secret {
    /// A new token.
    ///
    /// # Errors
    /// 500 `internal` when the machine has no randomness.
    pub(super) fn new() -> Result<Self, Error> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| Error::internal("make a token", error))?;
        let text = format!("{PREFIX}{}", hex(bytes));
        let check = check_digits(&text);
        Ok(Self(text + &check))
    }

    /// Reads a token, and checks its check digits.
    pub(crate) fn parse(text: &str) -> Result<Self, SecretError> {
        if !text.starts_with(PREFIX) {
            return Err(SecretError::Prefix);
        }
        let (body, check) = text.split_at_checked(LENGTH - 2 * CHECK_BYTES).ok_or(SecretError::Mistyped)?;
        if text.len() == LENGTH && check_digits(body) == check {
            Ok(Self(text.to_owned()))
        } else {
            Err(SecretError::Mistyped)
        }
    }

    /// The token, for the person it was made for and for the server that it's sent to.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The token's place in the database. No salt is wanted: a token has all the randomness there is.
    pub(super) fn hash(&self) -> String {
        hex(Sha256::digest(self.0.as_bytes()))
    }
}

fn check_digits(body: &str) -> String {
    hex(Sha256::digest(body.as_bytes()).into_iter().take(CHECK_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_made_is_read_again() {
        let secret = Secret::new().unwrap();
        assert_eq!(secret.as_str().len(), 76);
        assert_eq!(Secret::parse(secret.as_str()).unwrap().hash(), secret.hash());
    }

    #[test]
    fn every_wrong_character_is_noticed() {
        let right = Secret::new().unwrap().as_str().to_owned();
        for place in 4..right.len() {
            let mut wrong = right.clone().into_bytes();
            wrong[place] = if wrong[place] == b'0' { b'1' } else { b'0' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert_eq!(Secret::parse(&wrong).err(), Some(SecretError::Mistyped), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_token_is_told_from_what_is_mistyped() {
        let right = Secret::new().unwrap().as_str().to_owned();
        let error = |text: &str| Secret::parse(text).err();
        for other in ["", "eyJhbGciOiJFZERTQSJ9.e30.", "ghp_0"] {
            assert_eq!(error(other), Some(SecretError::Prefix), "{other}");
        }
        for mistyped in [
            &right[..75],
            &format!("{right}0"),
            &right.replace("qrt_", "qrt_ж"),
            &right.to_uppercase().replace("QRT", "qrt"),
        ] {
            assert_eq!(error(mistyped), Some(SecretError::Mistyped), "{mistyped}");
        }
    }
}
