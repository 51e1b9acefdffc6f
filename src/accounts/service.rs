//! Accounts: made, recognised, changed and erased. What keeps somebody signed in is in [`sessions`](super::sessions).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::sessions::store as sessions;
use super::{Credentials, Email, Keys, NewAccount, NewPassword, Passwords, Registration, User, check_password, store};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{SessionId, UserId};

/// How long a browser is known to an account after somebody signed in there.
pub const DEVICE_LIFETIME: Duration = Duration::from_secs(180 * 24 * 3600);
/// Longest opaque token that is looked at, in bytes.
const TOKEN_MAX_BYTES: usize = 256;
/// What the codes of known devices are made for.
const DEVICE: &str = "known device";

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
    /// When the machine has no randomness.
    pub fn new(db: Db, clock: Clock, keys: Arc<Keys>) -> Result<Self> {
        Ok(Self { db, clock, passwords: Passwords::new()?, keys })
    }

    /// The keys that sign access tokens.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Makes an account.
    ///
    /// # Errors
    /// 422 `invalid` when the form is wrong, 409 `email_taken` when the address has an account.
    pub async fn register(&self, form: Registration) -> Result<User> {
        let NewAccount { email, password, display_name } = form.try_into()?;
        let password_hash = self.passwords.hash(password).await?;
        let created_at = self.clock.now();
        let user = User { id: UserId::new(), email: email.as_str().to_owned(), display_name, created_at };
        let stored = user.clone();
        let fresh = self.db.write(move |c| store::insert_user(c, &stored, &password_hash)).await?;
        if fresh {
            Ok(user)
        } else {
            Err(Refusal::conflict("email_taken", "there is an account with this address: sign in instead").into())
        }
    }

    /// Whose credentials these are. An unknown address and a wrong password get the same answer in the same time.
    ///
    /// # Errors
    /// 401 `wrong_credentials` when they are nobody's.
    pub async fn check(&self, credentials: Credentials) -> Result<User> {
        let found = match Email::parse(&credentials.email) {
            Ok(email) => self.db.read(move |c| store::user_by_email(c, &email)).await?,
            Err(_) => None,
        };
        let (user, hash) = found.unzip();
        let right = self.passwords.verify(bounded(credentials.password), hash).await?;
        user.filter(|_| right).ok_or_else(|| wrong_credentials().into())
    }

    /// An account by id.
    ///
    /// # Errors
    /// 401 `unauthenticated` when it is gone.
    pub async fn user(&self, id: UserId) -> Result<User> {
        let user = self.db.read(move |c| store::user(c, id)).await?;
        user.ok_or_else(|| Refusal::new(Kind::Unauthenticated, "unauthenticated", "this account is gone").into())
    }

    /// An account by address: an operator's tool, which says whether there is one.
    ///
    /// # Errors
    /// 404 `not_found` when there is none.
    pub async fn by_email(&self, email: &str) -> Result<User> {
        let email = Email::parse(email).map_err(|detail| Refusal::invalid_field("/email", detail))?;
        let found = self.db.read(move |c| store::user_by_email(c, &email)).await?;
        found.map(|(user, _)| user).ok_or_else(|| Refusal::not_found("account").into())
    }

    /// Sets another password and ends all sign-ins of the account: an operator's tool.
    ///
    /// # Errors
    /// 422 `invalid` when the password is not good enough, 404 `not_found` when the address has no account.
    pub async fn reset_password(&self, email: &str, password: String) -> Result<()> {
        let user = self.by_email(email).await?;
        self.set_password(user, password, "/password", None).await
    }

    /// Changes one's own password, and ends all sign-ins of the account but `current`.
    ///
    /// # Errors
    /// 403 `wrong_password` when the old password is not right, 422 `invalid` when the new one is not good enough.
    pub async fn change_password(&self, id: UserId, current: Option<SessionId>, form: NewPassword) -> Result<()> {
        self.confirm(id, form.password).await?;
        let user = self.user(id).await?;
        self.set_password(user, form.new_password, "/new_password", current).await
    }

    async fn set_password(
        &self,
        user: User,
        password: String,
        pointer: &str,
        current: Option<SessionId>,
    ) -> Result<()> {
        check_password(&password, &[&user.display_name, &user.email])
            .map_err(|detail| Refusal::invalid_field(pointer, detail))?;
        let password_hash = self.passwords.hash(password).await?;
        self.db
            .write(move |c| {
                store::set_password(c, user.id, &password_hash)?;
                sessions::delete_all_but(c, user.id, current)
            })
            .await
            .map_err(Error::from)
    }

    /// Erases an account with everything that belongs to it: sign-ins, answers, responses, attempts, submissions, memberships.
    ///
    /// # Errors
    /// 403 `wrong_password` when the password is not right.
    pub async fn erase(&self, id: UserId, password: String) -> Result<()> {
        self.confirm(id, password).await?;
        self.db.write(move |c| store::delete_user(c, id)).await.map_err(Error::from)
    }

    /// Whether somebody who is signed in knows the password too.
    async fn confirm(&self, id: UserId, password: String) -> Result<()> {
        let hash = self.db.read(move |c| store::password_hash(c, id)).await?;
        if self.passwords.verify(bounded(password), hash).await? {
            return Ok(());
        }
        Err(Refusal::new(Kind::Forbidden, "wrong_password", "this is not the password of your account").into())
    }

    /// What a browser keeps to show later that this person signed in there before. It opens nothing: it only keeps somebody who
    /// guesses elsewhere from locking the person out.
    ///
    /// # Errors
    /// Ours, when the machine has no randomness.
    pub fn device_token(&self, id: UserId) -> Result<String> {
        let (device, _) = new_token()?;
        let text = format!("{id}.{device}");
        let code = self.keys.code(DEVICE, &text);
        Ok(format!("{text}.{code}"))
    }

    /// The id of the device that a token was made for, if that was for the account with this address.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn known_device(&self, email: &str, token: &str) -> Result<Option<String>> {
        let Some((id, device)) = self.read_device(token) else { return Ok(None) };
        let user = self.db.read(move |c| store::user(c, id)).await?;
        let same = user.is_some_and(|user| Email::parse(email).is_ok_and(|email| email.as_str() == user.email));
        Ok(same.then_some(device))
    }

    /// Whether a device's token is one that this service made, for whichever account.
    #[must_use]
    pub fn made_device(&self, token: &str) -> bool {
        self.read_device(token).is_some()
    }

    fn read_device(&self, token: &str) -> Option<(UserId, String)> {
        let (text, code) = token.rsplit_once('.').filter(|_| token.len() <= TOKEN_MAX_BYTES)?;
        let right = bool::from(self.keys.code(DEVICE, text).as_bytes().ct_eq(code.as_bytes()));
        let (id, device) = text.split_once('.').filter(|_| right)?;
        Some((id.parse().ok()?, device.to_owned()))
    }
}

/// A password that no account can have is not worth a hash of unbounded cost.
fn bounded(password: String) -> String {
    if password.len() > 1024 { String::new() } else { password }
}

fn wrong_credentials() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "wrong_credentials", "the address or the password is wrong")
}

/// 256 random bits and their hash.
pub(super) fn new_token() -> Result<(String, String)> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal("make a token", error))?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&token);
    Ok((token, hash))
}

/// A token's place in the database. No salt is wanted: a token has all the randomness there is.
pub(super) fn hash(token: &str) -> String {
    let token = if token.len() > TOKEN_MAX_BYTES { "" } else { token };
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
