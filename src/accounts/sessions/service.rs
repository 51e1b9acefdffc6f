//! Signing in and out, and what keeps somebody signed in.
//!
//! A session begins for somebody who has just shown the right password. That was checked outside the transaction, so the
//! transaction looks once more whether the password is still in force: a change of the password that came in between wins.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::refresh::{self, Use, use_of};
use super::store::{self, NewSession};
use super::{SESSION_IDLE, SessionKind, SessionSummary};
use crate::accounts::service::{Accounts, wrong_credentials};
use crate::accounts::store as people;
use crate::accounts::tokens::ACCESS_LIFETIME;
use crate::accounts::{Authenticated, User};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{SessionId, UserId};
use crate::opaque_token;

/// How long a refresh token is good for. Each use gives another one, which is good for as long again.
const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a browser stays signed in at most.
const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How exactly it's known when a session was last used. Noting it is a write, so it isn't done with each request.
const USED_WITHIN: Duration = Duration::from_secs(5 * 60);
/// Most sign-ins of one kind that a person has; another one ends the one that was used longest ago.
const SESSIONS_MAX: i64 = 50;
/// Longest name of a browser or a client that is kept, in characters.
const AGENT_MAX_CHARS: usize = 200;

/// What a REST client gets for its credentials (the fields of RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// The account of the person who signed in.
    pub user: User,
    /// A JWT for `Authorization: Bearer`.
    pub access_token: String,
    /// Opaque; good once, for the next pair. Shown again within ten seconds it gives the same refresh token.
    pub refresh_token: String,
    /// How the access token is sent: always `Bearer`.
    pub token_type: &'static str,
    /// How long the access token is good for, in seconds.
    pub expires_in: u64,
}

/// A browser's new session.
pub struct OpenSession {
    /// What the cookie holds.
    pub token: String,
    /// How long it is good for.
    pub lifetime: Duration,
}

/// Signing in by a page.
impl Accounts {
    /// Opens a session of a browser that calls itself `agent`.
    ///
    /// # Errors
    /// 401 `wrong_credentials` when the password was changed since it was shown; 500 `internal` when the database fails.
    pub async fn open_session(&self, person: Authenticated, agent: &str) -> Result<OpenSession> {
        let (token, token_hash) = opaque_token::new()?;
        self.begin(SessionId::new(), person, SessionKind::Browser, token_hash, agent).await?;
        Ok(OpenSession { token, lifetime: SESSION_LIFETIME })
    }

    /// Whose session a cookie names, and which it is. Its use is noted in the background.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn session_user(&self, token: &str) -> Result<Option<(SessionId, User)>> {
        let now = self.clock.now();
        let Some(open) = self.open(token, now).await? else { return Ok(None) };
        if now.since(open.used_at) >= USED_WITHIN {
            let (db, id) = (self.db.clone(), open.id);
            tokio::spawn(async move {
                if let Err(error) = db.write(move |c| store::touch(c, id, now)).await {
                    tracing::warn!(%error, "the use of a session could not be noted");
                }
            });
        }
        Ok(Some((open.id, open.user)))
    }

    /// Ends the session that a cookie names, if there is one. A made-up cookie costs no write.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn close_session(&self, token: &str) -> Result<()> {
        let Some(open) = self.open(token, self.clock.now()).await? else { return Ok(()) };
        self.db.write(move |c| store::delete(c, open.user.id, open.id)).await?;
        Ok(())
    }

    async fn open(&self, token: &str, now: Timestamp) -> Result<Option<store::Open>> {
        let shown = opaque_token::hash(token);
        Ok(self.db.read(move |c| store::open(c, &shown, now, now - SESSION_IDLE)).await?)
    }
}

/// Signing in by the API.
impl Accounts {
    /// A first pair of tokens for a person whose client calls itself `agent`.
    ///
    /// # Errors
    /// 401 `wrong_credentials` when the password was changed since it was shown; 500 `internal` when the database fails.
    pub async fn issue(&self, person: Authenticated, agent: &str) -> Result<Tokens> {
        let (id, (secret, _)) = (SessionId::new(), opaque_token::new()?);
        let (user, token) = (person.user.clone(), refresh::token(&self.keys, id, &secret));
        self.begin(id, person, SessionKind::Client, opaque_token::hash(&token), agent).await?;
        self.tokens(user, id, token, self.clock.now())
    }

    fn tokens(&self, user: User, session: SessionId, refresh_token: String, now: Timestamp) -> Result<Tokens> {
        let access_token = self.keys.sign(user.id, session, now)?;
        Ok(Tokens { user, access_token, refresh_token, token_type: "Bearer", expires_in: ACCESS_LIFETIME.as_secs() })
    }

    /// The next pair for a refresh token, which is used up.
    ///
    /// The successor of a token is computed from it, so that the same token gives the same one: an honest client may show a
    /// token twice at nearly the same time. Later it means that two have the token, and ends the sign-in (RFC 9700, section
    /// 4.14.2). A made-up token costs no write.
    ///
    /// # Errors
    /// 401 `invalid_refresh_token` when the token is unknown, too old or used before; 500 `internal` when the database fails.
    pub async fn refresh(&self, token: &str) -> Result<Tokens> {
        let (now, shown, id) = (self.clock.now(), opaque_token::hash(token), refresh::session_of(&self.keys, token));
        if self.client(shown.clone(), id).await?.is_none() {
            return Err(invalid_refresh_token().into());
        }
        let (keys, secret) = (Arc::clone(&self.keys), refresh::next_secret(&self.keys, token));
        let next = self
            .db
            .write(move |c| {
                let Some(client) = store::client(c, &shown, id)? else { return Ok::<_, Error>(None) };
                let token = refresh::token(&keys, client.id, &secret);
                match use_of(&client, &shown, &opaque_token::hash(&token), now) {
                    Use::First => store::rotate(c, &client, &opaque_token::hash(&token), now, now + REFRESH_LIFETIME)?,
                    Use::Again => {}
                    Use::TooOld => return Ok(None),
                    Use::Stolen => {
                        store::delete(c, client.user, client.id)?;
                        return Ok(None);
                    }
                }
                Ok(people::user(c, client.user)?.map(|user| (user, client.id, token)))
            })
            .await?;
        let (user, session, token) = next.ok_or_else(invalid_refresh_token)?;
        self.tokens(user, session, token, now)
    }

    /// Ends the sign-in that a refresh token came from, be it the latest or not. A made-up token ends nothing and costs no write.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn log_out(&self, refresh_token: &str) -> Result<()> {
        let (shown, id) = (opaque_token::hash(refresh_token), refresh::session_of(&self.keys, refresh_token));
        let Some(client) = self.client(shown, id).await? else { return Ok(()) };
        self.db.write(move |c| store::delete(c, client.user, client.id)).await?;
        Ok(())
    }

    /// The sign-in of a client that a refresh token came from.
    async fn client(&self, shown: String, id: Option<SessionId>) -> Result<Option<store::Client>> {
        Ok(self.db.read(move |c| store::client(c, &shown, id)).await?)
    }
}

/// Looking at one's sign-ins, and ending them.
impl Accounts {
    /// A person's sign-ins, the newest first. `current` is the one that asks.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn sessions(&self, user: UserId, current: Option<SessionId>) -> Result<Vec<SessionSummary>> {
        let now = self.clock.now();
        let list = move |c: &mut _| store::list(c, user, now, now - SESSION_IDLE, current);
        self.db.read(list).await.map_err(Error::from)
    }

    /// Ends one sign-in of a person. Its access token, if it has one, is good for the rest of its quarter of an hour.
    ///
    /// # Errors
    /// 404 `not_found` when the person has no such sign-in; 500 `internal` when the database fails.
    pub async fn end_session(&self, user: UserId, id: SessionId) -> Result<()> {
        let ended = self.db.write(move |c| store::delete(c, user, id)).await?;
        if ended { Ok(()) } else { Err(Refusal::not_found("session").into()) }
    }

    async fn begin(
        &self,
        id: SessionId,
        person: Authenticated,
        kind: SessionKind,
        token_hash: String,
        agent: &str,
    ) -> Result<()> {
        let now = self.clock.now();
        let lifetime = match kind {
            SessionKind::Browser => SESSION_LIFETIME,
            SessionKind::Client => REFRESH_LIFETIME,
        };
        let agent = agent.chars().filter(|c| !c.is_control()).take(AGENT_MAX_CHARS).collect();
        let Authenticated { user, password_hash } = person;
        let new = NewSession { id, user: user.id, kind, token_hash, agent, now, expires_at: now + lifetime };
        self.db
            .write(move |c| {
                if people::password_hash(c, new.user)?.as_ref() != Some(&password_hash) {
                    return Err(wrong_credentials().into());
                }
                store::insert(c, &new, SESSIONS_MAX).map_err(Error::from)
            })
            .await
    }
}

fn invalid_refresh_token() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "invalid_refresh_token", "this refresh token is not good: sign in again")
}
