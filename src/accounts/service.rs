//! Registering, signing in and out: what the REST handlers, the pages and the command line share.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::store::{self, RefreshToken, Shown};
use super::tokens::ACCESS_LIFETIME;
use super::{Credentials, Email, Keys, NewAccount, Passwords, Registration, User, check_password};
use crate::clock::{Clock, Timestamp};
use crate::db::Db;
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{FamilyId, SessionId, UserId};

const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Longest opaque token that is looked at, in bytes.
const TOKEN_MAX_BYTES: usize = 128;

/// Everything about signing in. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    clock: Clock,
    passwords: Passwords,
    keys: Arc<Keys>,
}

/// What a REST client gets for its credentials (the fields of RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// Who signed in.
    pub user: User,
    /// A JWT for `Authorization: Bearer`.
    pub access_token: String,
    /// Opaque; good once, for the next pair.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds that the access token is good for.
    pub expires_in: u64,
}

/// A browser's new session.
pub struct OpenSession {
    /// Who signed in.
    pub user: User,
    /// What the cookie holds.
    pub token: String,
    /// How long it is good for.
    pub lifetime: Duration,
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
    /// When the form is wrong or the address has an account.
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
    /// When they are nobody's.
    pub async fn check(&self, credentials: Credentials) -> Result<User> {
        let found = match Email::parse(&credentials.email) {
            Ok(email) => self.db.read(move |c| store::user_by_email(c, &email)).await?,
            Err(_) => None,
        };
        let (user, hash) = found.unzip();
        // A password that no account can have is not worth a hash of unbounded cost.
        let password = if credentials.password.len() > 1024 { String::new() } else { credentials.password };
        let right = self.passwords.verify(password, hash).await?;
        user.filter(|_| right).ok_or_else(|| wrong_credentials().into())
    }

    /// A first pair of tokens for a person.
    ///
    /// # Errors
    /// Only ours.
    pub async fn issue(&self, user: User) -> Result<Tokens> {
        self.issue_in(FamilyId::new(), user).await
    }

    async fn issue_in(&self, family: FamilyId, user: User) -> Result<Tokens> {
        let now = self.clock.now();
        let (refresh_token, token_hash) = new_token()?;
        let kept =
            RefreshToken { token_hash, family, user: user.id, created_at: now, expires_at: now + REFRESH_LIFETIME };
        self.db.write(move |c| store::insert_refresh_token(c, &kept)).await?;
        self.tokens(user, refresh_token, now)
    }

    fn tokens(&self, user: User, refresh_token: String, now: Timestamp) -> Result<Tokens> {
        let access_token = self.keys.sign(user.id, now)?;
        Ok(Tokens { user, access_token, refresh_token, token_type: "Bearer", expires_in: ACCESS_LIFETIME.as_secs() })
    }

    /// The next pair for a refresh token, which is used up. One that was used before ends its family, since two have it
    /// (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// When the token is unknown, old or used.
    pub async fn refresh(&self, token: &str) -> Result<Tokens> {
        let now = self.clock.now();
        let shown = hash(token);
        let (refresh_token, token_hash) = new_token()?;
        let next = self
            .db
            .write(move |c| {
                let Shown::Fresh(family, user) = store::use_refresh_token(c, &shown, now)? else {
                    return Ok::<_, Error>(None);
                };
                let Some(user) = store::user(c, user)? else { return Ok(None) };
                let next = RefreshToken {
                    token_hash: token_hash.clone(),
                    family,
                    user: user.id,
                    created_at: now,
                    expires_at: now + REFRESH_LIFETIME,
                };
                store::insert_refresh_token(c, &next)?;
                Ok(Some(user))
            })
            .await?;
        let user = next.ok_or_else(|| {
            Refusal::new(
                Kind::Unauthenticated,
                "invalid_refresh_token",
                "this refresh token is not good: sign in again",
            )
        })?;
        self.tokens(user, refresh_token, now)
    }

    /// Ends the family of a refresh token; nothing happens to one that is not known.
    ///
    /// # Errors
    /// Only ours.
    pub async fn log_out(&self, refresh_token: &str) -> Result<()> {
        let shown = hash(refresh_token);
        self.db.write(move |c| store::delete_family_of(c, &shown)).await.map_err(Error::from)
    }

    /// Opens a browser's session.
    ///
    /// # Errors
    /// Only ours.
    pub async fn open_session(&self, user: User) -> Result<OpenSession> {
        let now = self.clock.now();
        let (token, token_hash) = new_token()?;
        let id = user.id;
        self.db
            .write(move |c| store::insert_session(c, SessionId::new(), id, &token_hash, now, now + SESSION_LIFETIME))
            .await?;
        Ok(OpenSession { user, token, lifetime: SESSION_LIFETIME })
    }

    /// Whose session a cookie names.
    ///
    /// # Errors
    /// Only ours.
    pub async fn session_user(&self, token: &str) -> Result<Option<User>> {
        let (shown, now) = (hash(token), self.clock.now());
        self.db.read(move |c| store::session_user(c, &shown, now)).await.map_err(Error::from)
    }

    /// Ends a browser's session.
    ///
    /// # Errors
    /// Only ours.
    pub async fn close_session(&self, token: &str) -> Result<()> {
        let shown = hash(token);
        self.db.write(move |c| store::delete_session(c, &shown)).await.map_err(Error::from)
    }

    /// Removes sessions and refresh tokens that have expired, and says how many there were.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn remove_expired(&self) -> Result<usize> {
        let now = self.clock.now();
        self.db.write(move |c| store::delete_expired(c, now)).await.map_err(Error::from)
    }

    /// The person behind an access token, if it is good.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Option<UserId> {
        self.keys.verify(token, self.clock.now())
    }

    /// An account by id.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn user(&self, id: UserId) -> Result<User> {
        let user = self.db.read(move |c| store::user(c, id)).await?;
        user.ok_or_else(|| Refusal::new(Kind::Unauthenticated, "unauthenticated", "this account is gone").into())
    }

    /// An account by address: an operator's tool, which says whether there is one.
    ///
    /// # Errors
    /// When there is none.
    pub async fn by_email(&self, email: &str) -> Result<User> {
        let email = Email::parse(email).map_err(|detail| Refusal::invalid_field("/email", detail))?;
        let found = self.db.read(move |c| store::user_by_email(c, &email)).await?;
        found.map(|(user, _)| user).ok_or_else(|| Refusal::not_found("account").into())
    }

    /// Sets another password and ends all sessions and tokens of the account: an operator's tool.
    ///
    /// # Errors
    /// When the password is not good enough or the address has no account.
    pub async fn reset_password(&self, email: &str, password: String) -> Result<()> {
        let email = Email::parse(email).map_err(|detail| Refusal::invalid_field("/email", detail))?;
        check_password(&password).map_err(|detail| Refusal::invalid_field("/password", detail))?;
        let password_hash = self.passwords.hash(password).await?;
        let found = self.db.write(move |c| store::set_password(c, &email, &password_hash)).await?;
        if found { Ok(()) } else { Err(Refusal::not_found("account").into()) }
    }
}

fn wrong_credentials() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "wrong_credentials", "the address or the password is wrong")
}

/// 256 random bits and their hash.
fn new_token() -> Result<(String, String)> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal("make a token", error))?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&token);
    Ok((token, hash))
}

/// A token's place in the database. No salt is wanted: a token has all the randomness there is.
fn hash(token: &str) -> String {
    let token = if token.len() > TOKEN_MAX_BYTES { "" } else { token };
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
