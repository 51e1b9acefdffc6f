//! Accounts: made, recognised, changed and erased. What keeps somebody signed in is in [`sessions`](super::sessions).

use std::sync::Arc;
use std::time::Duration;

use super::personal_tokens::store as personal_tokens;
use super::sessions::store as sessions;
use super::{
    Authenticated, Credentials, Email, Keys, NewAccount, NewPassword, PASSWORD_MAX_BYTES, Passwords, User,
    check_password, store,
};
use crate::clock::{Clock, Timestamp};
use crate::db::{self, AnyConnection, Db};
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{SessionId, UserId};
use crate::jobs::{JobKind, store as jobs};
use crate::opaque_token;
use crate::outbox;

/// How long a browser is known to an account after somebody signed in there.
pub const DEVICE_LIFETIME: Duration = Duration::from_secs(180 * 24 * 3600);
/// What the codes of known devices are made for.
const DEVICE: &str = "known device";
/// What the code of a password's hash is made for, by which a device's token names the password without telling its hash.
const PASSWORD: &str = "password of a known device";
/// What the codes of a person's pages are made for.
const PAGE: &str = "page of a person";
/// How soon the same form has to come again to be taken for a second click on the same button.
const SECOND_CLICK: Duration = Duration::from_secs(60);

/// The codes of one person's pages.
pub(crate) struct PageCodes {
    /// Made with the key that is in use.
    pub(crate) current: String,
    /// Made with each of the older keys.
    pub(crate) older: Vec<String>,
}

/// People's accounts. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) passwords: Passwords,
    pub(super) keys: Arc<Keys>,
}

impl Accounts {
    /// Over a database, with the keys that sign.
    ///
    /// # Errors
    /// 500 `internal` when the machine has no randomness.
    pub fn new(db: Db, clock: Clock, keys: Arc<Keys>) -> Result<Self> {
        Ok(Self { db, clock, passwords: Passwords::new()?, keys })
    }

    /// The keys that sign access tokens.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// What only this service can compute for a person, by which that person's pages are known.
    pub(crate) fn page_codes(&self, user: UserId) -> PageCodes {
        let id = user.to_string();
        PageCodes { current: self.keys.code(PAGE, &id), older: self.keys.older_codes(PAGE, &id) }
    }

    /// Makes an account for a person who is new.
    ///
    /// # Errors
    /// 409 `email_taken` when the address has an account, 503 `overloaded` when too many passwords wait to be hashed; 500
    /// `internal` when the database fails.
    pub async fn register(&self, account: NewAccount) -> Result<Authenticated> {
        let NewAccount { email, password, display_name } = account;
        let password_hash = self.passwords.hash(password).await?;
        let created_at = self.clock.now();
        let user = User { id: UserId::new(), email: email.as_str().to_owned(), display_name, created_at };
        let person = Authenticated { user, password_hash };
        let stored = person.clone();
        let fresh = self.db.write(move |c| store::insert_user(c, &stored.user, &stored.password_hash)).await?;
        if fresh {
            Ok(person)
        } else {
            Err(Refusal::conflict("email_taken", "there is an account with this address: sign in instead").into())
        }
    }

    /// The account that the same form made less than a minute ago, when somebody clicks twice on its button. An older account
    /// is none of this form's making: its owner signs in.
    ///
    /// # Errors
    /// 503 `overloaded` when too many passwords wait to be compared; 500 `internal` when the database fails or what it holds is
    /// no hash.
    pub async fn just_registered(&self, credentials: Credentials) -> Result<Option<Authenticated>> {
        let since = self.clock.now() - SECOND_CLICK;
        match self.find(&credentials.email).await?.filter(|person| person.user.created_at > since) {
            Some(person) => self.verified(Some(person), credentials.password).await,
            None => Ok(None),
        }
    }

    /// Whose credentials these are. An unknown address and a wrong password get the same answer in the same time.
    ///
    /// # Errors
    /// 401 `wrong_credentials` when they are nobody's, 503 `overloaded` when too many passwords wait to be compared; 500
    /// `internal` when the database fails or what it holds is no hash.
    pub async fn check(&self, credentials: Credentials) -> Result<Authenticated> {
        let found = self.find(&credentials.email).await?;
        self.verified(found, credentials.password).await?.ok_or_else(|| wrong_credentials().into())
    }

    /// The account with an address, and the hash of its password, which nobody has shown yet.
    async fn find(&self, email: &str) -> Result<Option<Authenticated>> {
        let Ok(email) = Email::parse(email) else { return Ok(None) };
        let found = self.db.read(move |c| store::user_by_email(c, &email)).await?;
        Ok(found.map(|(user, password_hash)| Authenticated { user, password_hash }))
    }

    /// The same account, if this is its password. It takes as long where there is no account.
    async fn verified(&self, found: Option<Authenticated>, password: String) -> Result<Option<Authenticated>> {
        let hash = found.as_ref().map(|person| person.password_hash.clone());
        let right = self.passwords.verify(bounded(password), hash).await?;
        Ok(found.filter(|_| right))
    }

    /// The account with this id.
    ///
    /// # Errors
    /// 401 `unauthenticated` when it is gone; 500 `internal` when the database fails.
    pub async fn user(&self, id: UserId) -> Result<User> {
        let user = self.db.read(move |c| store::user(c, id)).await?;
        user.ok_or_else(|| gone().into())
    }

    /// An account by address: an operator's tool, which says whether there is one.
    ///
    /// # Errors
    /// 422 `invalid` when the text is no address, 404 `not_found` when there is none; 500 `internal` when the database fails.
    pub async fn by_email(&self, email: &str) -> Result<User> {
        let email = Email::parse(email).map_err(|detail| Refusal::invalid_field("/email", detail))?;
        let found = self.db.read(move |c| store::user_by_email(c, &email)).await?;
        found.map(|(user, _)| user).ok_or_else(|| Refusal::not_found("account").into())
    }

    /// Sets another password, ends all sign-ins of the account and revokes its personal tokens: an operator's tool.
    ///
    /// # Errors
    /// 422 `invalid` when the password is not good enough, 404 `not_found` when the address has no account; 500 `internal` when
    /// the database fails.
    pub async fn reset_password(&self, email: &str, password: String) -> Result<()> {
        let user = self.by_email(email).await?;
        let password_hash = self.new_hash(&user, password, "/password").await?;
        let reset = move |c: &mut _| set_password(c, user.id, &password_hash, None);
        self.db.write(reset).await.map_err(Error::from)
    }

    /// Changes one's own password, ends all sign-ins of the account but `current`, and revokes its personal tokens: who changes a
    /// password may do so because somebody else knew it. Of two changes at once, the one that is stored first wins. From then on
    /// the person signs in with the new password.
    ///
    /// # Errors
    /// 403 `wrong_password` when the old password is not right, 422 `invalid` when the new one is not good enough, 503
    /// `overloaded` when too many passwords wait to be hashed; 500 `internal` when the database fails.
    pub async fn change_password(
        &self,
        id: UserId,
        current: Option<SessionId>,
        form: NewPassword,
    ) -> Result<Authenticated> {
        let old_hash = self.confirm(id, form.password).await?;
        let user = self.user(id).await?;
        let password_hash = self.new_hash(&user, form.new_password, "/new_password").await?;
        let new_hash = password_hash.clone();
        self.db
            .write(move |c| {
                check_still_in_force(c, id, &old_hash)?;
                set_password(c, id, &new_hash, current).map_err(Error::from)
            })
            .await?;
        Ok(Authenticated { user, password_hash })
    }

    async fn new_hash(&self, user: &User, password: String, pointer: &str) -> Result<String> {
        check_password(&password, &[&user.display_name, &user.email])
            .map_err(|detail| Refusal::invalid_field(pointer, detail))?;
        self.passwords.hash(password).await
    }

    /// Erases an account with everything that belongs to it: sign-ins, answers, responses, attempts, submissions. What features above
    /// this one have to do first, in the same transaction, is `before`.
    ///
    /// # Errors
    /// 403 `wrong_password` when the password is not right, 503 `overloaded` when too many passwords wait to be compared; those of
    /// `before`; 500 `internal` when the database fails.
    pub async fn erase(
        &self,
        id: UserId,
        password: String,
        before: fn(&mut AnyConnection, UserId, Timestamp) -> Result<()>,
    ) -> Result<()> {
        let hash = self.confirm(id, password).await?;
        let now = self.clock.now();
        self.db
            .write(move |c| {
                check_still_in_force(c, id, &hash)?;
                before(c, id, now)?;
                // The owner of a delivery is the key of its message, which may be another thing's name.
                jobs::remove_of_owner(c, JobKind::Grading, id.as_str())?;
                outbox::remove_of(c, id, now)?;
                store::delete_user(c, id).map_err(Error::from)
            })
            .await
    }

    /// Checks that somebody who is signed in knows the password too, and returns the hash that it was compared with.
    async fn confirm(&self, id: UserId, password: String) -> Result<String> {
        let hash = self.db.read(move |c| store::password_hash(c, id)).await?.ok_or_else(gone)?;
        let right = self.passwords.verify(bounded(password), Some(hash.clone())).await?;
        if right { Ok(hash) } else { Err(wrong_password().into()) }
    }

    /// What a browser keeps to show later that this person signed in there before. It opens nothing: it only keeps somebody who
    /// guesses elsewhere from locking the person out. It's good for 180 days, or until the password changes.
    ///
    /// # Errors
    /// 500 `internal` when the machine has no randomness.
    pub fn device_token(&self, person: &Authenticated) -> Result<String> {
        let (device, _) = opaque_token::new()?;
        let (password, until) = (self.keys.code(PASSWORD, &person.password_hash), self.clock.now() + DEVICE_LIFETIME);
        let text = format!("{}.{device}.{password}.{}", person.user.id, until.as_seconds());
        let code = self.keys.code(DEVICE, &text);
        Ok(format!("{text}.{code}"))
    }

    /// The id of the device that a token was made for, if that was for the account with this address under the password that is
    /// still in force.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn known_device(&self, email: &str, token: &str) -> Result<Option<String>> {
        let Some((id, device, password)) = self.read_device(token) else { return Ok(None) };
        let Some(person) = self.find(email).await?.filter(|person| person.user.id == id) else { return Ok(None) };
        let in_force = self.keys.is_code(password, PASSWORD, &person.password_hash);
        Ok(in_force.then(|| device.to_owned()))
    }

    /// Whether a device's token is one that this service made, for whichever account, and not too old.
    #[must_use]
    pub fn made_device(&self, token: &str) -> bool {
        self.read_device(token).is_some()
    }

    /// The account, the device and the code of the password that a token of ours was made for, if it's not too old.
    fn read_device<'t>(&self, token: &'t str) -> Option<(UserId, &'t str, &'t str)> {
        let (text, code) = token.rsplit_once('.').filter(|_| token.len() <= opaque_token::MAX_BYTES)?;
        let (text, until) = text.rsplit_once('.').filter(|_| self.keys.is_code(code, DEVICE, text))?;
        let is_good = until.parse::<i64>().is_ok_and(|until| self.clock.now().as_seconds() < until);
        let (id, rest) = text.split_once('.').filter(|_| is_good)?;
        let (device, password) = rest.split_once('.')?;
        Some((id.parse().ok()?, device, password))
    }
}

/// Refuses what a password was confirmed for that is no longer in force.
fn check_still_in_force(c: &mut AnyConnection, id: UserId, hash: &str) -> Result<()> {
    if store::password_hash(c, id)?.as_deref() == Some(hash) { Ok(()) } else { Err(wrong_password().into()) }
}

fn set_password(c: &mut AnyConnection, id: UserId, hash: &str, current: Option<SessionId>) -> db::Result<()> {
    store::set_password(c, id, hash)?;
    personal_tokens::delete_all(c, id)?;
    sessions::delete_all_but(c, id, current)
}

/// A password, or an empty one in place of one that is too long for any account: it takes as long to refuse as any other.
fn bounded(password: String) -> String {
    if password.len() > PASSWORD_MAX_BYTES { String::new() } else { password }
}

pub(super) fn wrong_credentials() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "wrong_credentials", "the address or the password is wrong")
}

pub(super) fn gone() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "unauthenticated", "this account is gone")
}

fn wrong_password() -> Refusal {
    Refusal::new(Kind::Forbidden, "wrong_password", "this is not the password of your account")
}
