//! Who someone is: registration, sign-in, tokens and page sessions.
//!
//! A password leaves this module only as an argon2id hash, a token only to the person it was made for; the database
//! keeps hashes of both.

pub(crate) mod api;
pub(crate) mod pages;
mod passwords;
mod service;
mod store;
mod tokens;
mod viewer;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use passwords::Passwords;
pub use service::{Accounts, OpenSession, Tokens};
pub use tokens::{KeyError, Keys};
pub use viewer::Viewer;

use crate::clock::Timestamp;
use crate::error::{Field, Refusal};
use crate::id::UserId;

/// Shortest password, in characters (NIST SP 800-63B-4, section 3.1.1.2, for a password with nothing beside it).
const PASSWORD_MIN_CHARS: usize = 10;
/// Longest password, in bytes: hashing has a cost.
const PASSWORD_MAX_BYTES: usize = 256;
/// Longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const EMAIL_MAX_BYTES: usize = 254;
/// Longest display name, in characters.
const NAME_MAX_CHARS: usize = 80;

/// A person with an account, as that person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Prefixed `usr_`.
    pub id: UserId,
    /// In lower case.
    pub email: String,
    /// What others see.
    pub display_name: String,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// What a new account needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// An address of at most 254 bytes.
    pub email: String,
    /// 10 characters or more, at most 256 bytes.
    pub password: String,
    /// 1 to 80 characters.
    pub display_name: String,
}

/// What signing in needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// As registered; case does not count.
    pub email: String,
    /// As registered.
    pub password: String,
}

/// A registration that holds what it should.
#[derive(Clone)]
struct NewAccount {
    email: Email,
    password: String,
    display_name: String,
}

/// An e-mail address in the one form under which it is kept: trimmed, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Looks only for what no address lacks; whether it is somebody's, only a message to it could tell.
    fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or("an e-mail address has an @")?;
        if text.len() > EMAIL_MAX_BYTES {
            return Err("an e-mail address has at most 254 bytes");
        }
        if local.is_empty() || domain.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("an e-mail address has something on both sides of the @, and no spaces");
        }
        Ok(Self(text))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<Registration> for NewAccount {
    type Error = Refusal;

    fn try_from(form: Registration) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        let email = match Email::parse(&form.email) {
            Ok(email) => Some(email),
            Err(detail) => {
                wrong.push(field("email", detail));
                None
            }
        };
        if let Err(detail) = check_password(&form.password) {
            wrong.push(field("password", detail));
        }
        let display_name = form.display_name.trim().to_owned();
        if !(1..=NAME_MAX_CHARS).contains(&display_name.chars().count()) || display_name.chars().any(char::is_control) {
            wrong.push(field("display_name", "a name has 1 to 80 characters on one line"));
        }
        match email {
            Some(email) if wrong.is_empty() => Ok(Self { email, password: form.password, display_name }),
            _ => Err(Refusal::invalid(wrong)),
        }
    }
}

fn check_password(password: &str) -> Result<(), &'static str> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err("a password has 10 characters or more");
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err("a password has at most 256 bytes");
    }
    Ok(())
}

fn field(name: &str, detail: &str) -> Field {
    Field { pointer: format!("/{name}"), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_with_a_registration_is_said_at_once() {
        let form = Registration { email: "me".into(), password: "short".into(), display_name: " ".into() };
        let refusal = NewAccount::try_from(form).err().unwrap();
        let pointers: Vec<_> = refusal.fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(pointers, ["/email", "/password", "/display_name"]);
    }

    #[test]
    fn an_address_is_kept_in_one_form() {
        assert_eq!(Email::parse(" Ada@Example.ORG ").unwrap().as_str(), "ada@example.org");
        for wrong in ["", "@", "a@", "@b", "a b@c"] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
