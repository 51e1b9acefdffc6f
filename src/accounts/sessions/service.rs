//! Signing in and out, and what keeps somebody signed in.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Client, NewSession};
use super::{SessionKind, SessionSummary};
use crate::accounts::User;
use crate::accounts::service::{Accounts, hash, new_token};
use crate::accounts::store as people;
use crate::accounts::tokens::{ACCESS_LIFETIME, Bearer};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{SessionId, UserId};

/// How long a refresh token is good for. Each use gives another one, which is good for as long again.
const REFRESH_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a browser stays signed in at the most.
const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a browser stays signed in that is not used.
const SESSION_IDLE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How exactly it's known when a session was last used. Noting it is a write, so it isn't done with each request.
const USED_WITHIN: Duration = Duration::from_secs(5 * 60);
/// How long a refresh token may be shown again, by a client whose answer was lost or whose tabs refresh at once.
const REFRESH_GRACE: Duration = Duration::from_secs(10);
/// Most sign-ins of one kind that a person has; another one ends the one that was used longest ago.
const SESSIONS_MAX: i64 = 50;
/// Longest name of a browser or a client that is kept, in characters.
const AGENT_MAX_CHARS: usize = 200;

/// What a REST client gets for its credentials (the fields of RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// Who signed in.
    pub user: User,
    /// A JWT for `Authorization: Bearer`.
    pub access_token: String,
    /// Opaque; good once, for the next pair. Shown again within ten seconds it gives the same refresh token.
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

/// Signing in by a page.
impl Accounts {
    /// Opens a session of a browser that calls itself `agent`.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn open_session(&self, user: User, agent: &str) -> Result<OpenSession> {
        let (token, token_hash) = new_token()?;
        self.begin(SessionId::new(), user.id, SessionKind::Browser, token_hash, agent).await?;
        Ok(OpenSession { user, token, lifetime: SESSION_LIFETIME })
    }

    /// Whose session a cookie names, and which it is. Nobody waits for its use to be noted.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn session_user(&self, token: &str) -> Result<Option<(SessionId, User)>> {
        let (shown, now) = (hash(token), self.clock.now());
        let found = self.db.read(move |c| store::open(c, &shown, now, now - SESSION_IDLE)).await?;
        let Some(open) = found else { return Ok(None) };
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

    /// Ends the session that a cookie names, if there is one.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn close_session(&self, token: &str) -> Result<()> {
        let shown = hash(token);
        let close = move |c: &mut _| store::delete_by_token(c, &shown, SessionKind::Browser);
        self.db.write(close).await.map_err(Error::from)
    }
}

/// Signing in by the API.
impl Accounts {
    /// A first pair of tokens for a person whose client calls itself `agent`.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn issue(&self, user: User, agent: &str) -> Result<Tokens> {
        let (id, (secret, _)) = (SessionId::new(), new_token()?);
        let token = format!("{id}.{secret}");
        self.begin(id, user.id, SessionKind::Client, hash(&token), agent).await?;
        self.tokens(user, id, token, self.clock.now())
    }

    fn tokens(&self, user: User, session: SessionId, refresh_token: String, now: Timestamp) -> Result<Tokens> {
        let access_token = self.keys.sign(user.id, session, now)?;
        Ok(Tokens { user, access_token, refresh_token, token_type: "Bearer", expires_in: ACCESS_LIFETIME.as_secs() })
    }

    /// The next pair for a refresh token, which is used up.
    ///
    /// The successor of a token is computed from it, so that the same token gives the same one: an honest client that shows a
    /// token twice at nearly the same time gets on. Later it means that two have it, and ends the sign-in (RFC 9700, section
    /// 4.14.2).
    ///
    /// # Errors
    /// 401 `invalid_refresh_token` when the token is unknown, too old or used before.
    pub async fn refresh(&self, token: &str) -> Result<Tokens> {
        let (now, shown, id) = (self.clock.now(), hash(token), session_in(token));
        let code = self.keys.code("refresh token", token);
        let next = self
            .db
            .write(move |c| {
                let Some(client) = store::client(c, &shown, id)? else { return Ok::<_, Error>(None) };
                let token = format!("{}.{code}", client.id);
                match use_of(&client, &shown, &hash(&token), now) {
                    Use::First => store::rotate(c, &client, &hash(&token), now, now + REFRESH_LIFETIME)?,
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
        let (user, session, token) = next.ok_or_else(|| {
            let detail = "this refresh token is not good: sign in again";
            Refusal::new(Kind::Unauthenticated, "invalid_refresh_token", detail)
        })?;
        self.tokens(user, session, token, now)
    }

    /// Ends the sign-in that a refresh token came from, be it the latest or not; nothing happens to one that is not known.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn log_out(&self, refresh_token: &str) -> Result<()> {
        let (shown, id) = (hash(refresh_token), session_in(refresh_token));
        self.db
            .write(move |c| {
                if let Some(client) = store::client(c, &shown, id)? {
                    store::delete(c, client.user, client.id)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    /// For whom an access token speaks, if it is good.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Option<Bearer> {
        self.keys.verify(token, self.clock.now())
    }
}

/// Looking at one's sign-ins, and ending them.
impl Accounts {
    /// A person's sign-ins, the newest first. `current` is the one that asks.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn sessions(&self, user: UserId, current: Option<SessionId>) -> Result<Vec<SessionSummary>> {
        let now = self.clock.now();
        let list = move |c: &mut _| store::list(c, user, now, now - SESSION_IDLE, current);
        self.db.read(list).await.map_err(Error::from)
    }

    /// Ends one sign-in of a person. Its access token, if it has one, is good for the rest of its quarter of an hour.
    ///
    /// # Errors
    /// 404 `not_found` when the person has no such sign-in.
    pub async fn end_session(&self, user: UserId, id: SessionId) -> Result<()> {
        let ended = self.db.write(move |c| store::delete(c, user, id)).await?;
        if ended { Ok(()) } else { Err(Refusal::not_found("session").into()) }
    }

    /// Removes sign-ins that are over, and says how many there were.
    ///
    /// # Errors
    /// Ours, when the database fails.
    pub async fn remove_expired(&self) -> Result<usize> {
        let now = self.clock.now();
        self.db.write(move |c| store::delete_expired(c, now, now - SESSION_IDLE)).await.map_err(Error::from)
    }

    async fn begin(
        &self,
        id: SessionId,
        user: UserId,
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
        let new = NewSession { id, user, kind, token_hash, agent, now, expires_at: now + lifetime };
        self.db.write(move |c| store::insert(c, &new, SESSIONS_MAX)).await.map_err(Error::from)
    }
}

/// What it means that a client shows a refresh token.
enum Use {
    /// It is the latest, and used up by this.
    First,
    /// It was used a moment ago, and its successor is the latest.
    Again,
    /// It is past its end.
    TooOld,
    /// It was used before: somebody has a copy.
    Stolen,
}

fn use_of(client: &Client, shown: &str, next: &str, now: Timestamp) -> Use {
    if client.expires_at <= now {
        return Use::TooOld;
    }
    if client.token_hash == shown {
        return Use::First;
    }
    let was_latest = client.previous_hash.as_deref() == Some(shown) && client.token_hash == next;
    if was_latest && now.since(client.used_at) <= REFRESH_GRACE { Use::Again } else { Use::Stolen }
}

/// The sign-in that a refresh token says it came from. Its id is known to nobody who never held one of its tokens.
fn session_in(token: &str) -> Option<SessionId> {
    token.split_once('.').and_then(|(id, _)| id.parse().ok())
}
