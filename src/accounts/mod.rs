//! Who someone is: registration, sign-in, tokens and page sessions.
//!
//! A password leaves this module only as an argon2id hash, a token only to the person it was made for; the database
//! keeps hashes of both.

mod agents;
pub(crate) mod api;
mod bearer;
mod expiry;
mod guessable;
pub(crate) mod pages;
mod passwords;
mod personal_tokens;
mod service;
mod sessions;
mod store;
mod tokens;
mod viewer;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use bearer::Bearer;
pub use passwords::Passwords;
pub(crate) use personal_tokens::Secret as PersonalSecret;
pub use personal_tokens::{IssuedToken, NewToken, PersonalToken, TokenRequest, TokenScope};
pub(crate) use service::PageCodes;
pub use service::{Accounts, DEVICE_LIFETIME};
pub use sessions::{OpenSession, SessionKind, SessionSummary, Tokens};
pub use tokens::{KeyError, Keys, SignedIn};
pub use viewer::Viewer;

use crate::clock::Timestamp;
use crate::error::{Field, Refusal};
use crate::id::UserId;
use crate::one_line::{is_invisible, one_line};

/// Shortest password, in characters (NIST SP 800-63B-4, section 3.1.1.2, for a password with nothing beside it).
const PASSWORD_MIN_CHARS: usize = 15;
/// Longest password, in bytes: hashing has a cost.
const PASSWORD_MAX_BYTES: usize = 256;
/// Longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const EMAIL_MAX_BYTES: usize = 254;
/// Longest display name, in characters.
const NAME_MAX_CHARS: usize = 80;
/// Longest name or address that a password is compared with, in bytes.
const NAME_MAX_BYTES: usize = 4 * NAME_MAX_CHARS;

/// A person with an account, as that person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// The id of the account, prefixed `usr_`.
    pub id: UserId,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The name that others see.
    pub display_name: String,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// A person who has just shown the right password, with the hash that the password was compared with.
///
/// Only [`Accounts::check`] and [`Accounts::register`] make one, and only for one does a session begin. Where a change of the
/// password came in between, the hash is no longer the account's, and no session begins.
#[derive(Clone)]
pub struct Authenticated {
    /// The account of this person.
    pub user: User,
    /// The hash that was the account's when the password was shown. It never leaves this module.
    password_hash: String,
}

/// What a new account needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// An address of at most 254 bytes.
    #[schema(format = "email", max_length = 254, example = "ada@example.org")]
    pub email: String,
    /// 15 characters or more, at most 256 bytes, and not made of common words, runs or the person's own name alone.
    #[schema(min_length = 15, max_length = 256, example = "lantern otter vellum 73")]
    pub password: String,
    /// 1 to 80 characters on one line, none of them invisible.
    #[schema(
        min_length = 1,
        max_length = 80,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$",
        example = "Ada"
    )]
    pub display_name: String,
}

/// What signing in needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The e-mail address, as registered; case does not count.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// The password in force, as it was set.
    #[schema(example = "lantern otter vellum 73")]
    pub password: String,
}

/// What changing one's password needs.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password that is in force.
    pub password: String,
    /// The password to set, of which the same is asked as for a new account.
    pub new_password: String,
}

/// A registration whose address, password and name are as they should be.
#[derive(Clone)]
pub struct NewAccount {
    email: Email,
    password: String,
    display_name: String,
}

impl NewAccount {
    /// The address of the account.
    #[must_use]
    pub fn email(&self) -> &str {
        self.email.as_str()
    }
}

/// An e-mail address in the one form under which it is kept: trimmed, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// An address as somebody types it. Looks only for what no address lacks; whether it is somebody's, only a message to it could tell.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or("an e-mail address has an @")?;
        if text.len() > EMAIL_MAX_BYTES {
            return Err("an e-mail address has at most 254 bytes");
        }
        if local.is_empty() || domain.is_empty() || text.chars().any(|c| c.is_whitespace() || is_invisible(c)) {
            return Err("an e-mail address has something on both sides of the @, and no spaces");
        }
        Ok(Self(text))
    }

    /// The address as it is kept.
    pub(crate) fn as_str(&self) -> &str {
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
        if let Err(detail) = check_password(&form.password, &[&form.display_name, &form.email]) {
            wrong.push(field("password", detail));
        }
        let display_name = one_line(&form.display_name, NAME_MAX_CHARS);
        if display_name.is_none() {
            wrong.push(field("display_name", "a name has 1 to 80 characters on one line, and none that can't be seen"));
        }
        match (email, display_name) {
            (Some(email), Some(display_name)) if wrong.is_empty() => {
                Ok(Self { email, password: form.password, display_name })
            }
            _ => Err(Refusal::invalid(wrong)),
        }
    }
}

/// Refuses a password that is too short, too long or too easy to guess for somebody of these names.
fn check_password(password: &str, names: &[&str]) -> Result<(), &'static str> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(
            "a password has 15 characters or more: four or five words that don't belong together are easy to keep",
        );
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err("a password has at most 256 bytes");
    }
    // A name that is too long is refused as such. To search it would be work without end.
    let names: Vec<_> = names.iter().copied().filter(|name| name.len() <= NAME_MAX_BYTES).collect();
    if guessable::is_guessable(password, &names) {
        return Err("this password is easy to guess: leave out common words, rows of keys, and what you are called");
    }
    Ok(())
}

fn field(name: &str, detail: &str) -> Field {
    Field::new(format!("/{name}"), detail)
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
    fn a_name_that_is_too_long_is_not_searched() {
        let password = "lantern otter vellum";
        assert!(check_password(password, &["Lantern Otter Vellum"]).is_err());
        assert!(check_password(password, &[&"Lantern Otter Vellum ".repeat(10_000)]).is_ok());
    }

    #[test]
    fn an_address_is_kept_in_one_form() {
        assert_eq!(Email::parse(" Ada@Example.ORG ").unwrap().as_str(), "ada@example.org");
        for wrong in ["", "@", "a@", "@b", "a b@c", "a\u{200b}@b"] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
