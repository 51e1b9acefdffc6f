//! Making, listing and revoking personal tokens, and whose one is.

use std::time::Duration;

use super::store::{self, Good};
use super::{IssuedToken, NewToken, PersonalToken, Secret, TokenScope};
use crate::accounts::service::Accounts;
use crate::accounts::sessions::store as sign_ins;
use crate::error::{Error, Kind, Refusal, Result};
use crate::id::{SessionId, TokenId, UserId};

/// Most personal tokens that a person has at a time.
const TOKENS_MAX: i64 = 20;
/// How exactly it's known when a token was last used. Noting it is a write, so it isn't done with each request.
const USED_WITHIN: Duration = Duration::from_secs(5 * 60);

impl Accounts {
    /// Makes a personal token. It's good until it expires or is revoked, or the password is changed. The sign-in that asks for it
    /// must still go on: an access token outlives its sign-in by some minutes, and whoever has one then must not get a token
    /// that is good for months. It gets the id that the caller has drawn: a form that is sent again makes no other token.
    ///
    /// # Errors
    /// 401 `unauthenticated` when the sign-in has ended, 409 `made_already` when there is a token of this id, 409 `too_many_tokens`
    /// when the person has 20 that are good; 500 `internal` when the database fails or the machine has no randomness.
    pub async fn make_token(
        &self,
        user: UserId,
        sign_in: SessionId,
        id: TokenId,
        new: NewToken,
    ) -> Result<IssuedToken> {
        let (secret, now) = (Secret::new()?, self.clock.now());
        let NewToken { name, scope, lifetime } = new;
        let listed = PersonalToken { id, name, scope, created_at: now, used_at: None, expires_at: now + lifetime };
        let (kept, hash) = (listed.clone(), secret.hash());
        self.db
            .write(move |c| {
                if !sign_ins::goes_on(c, user, sign_in, now)? {
                    return Err(Error::from(ended()));
                }
                if store::exists(c, id)? {
                    return Err(Refusal::made_already("token").into());
                }
                if store::count(c, user, now)? >= TOKENS_MAX {
                    return Err(too_many().into());
                }
                store::insert(c, user, &kept, &hash).map_err(Error::from)
            })
            .await?;
        Ok(IssuedToken { token: secret.as_str().to_owned(), listed })
    }

    /// A person's tokens that are good, the newest first.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn tokens_of(&self, user: UserId) -> Result<Vec<PersonalToken>> {
        let now = self.clock.now();
        self.db.read(move |c| store::list(c, user, now)).await.map_err(Error::from)
    }

    /// Revokes a token of a person. The next request with it is refused.
    ///
    /// # Errors
    /// 404 `not_found` when the person has no such token; 500 `internal` when the database fails.
    pub async fn revoke_token(&self, user: UserId, id: TokenId) -> Result<()> {
        let revoked = self.db.write(move |c| store::delete(c, user, id)).await?;
        if revoked { Ok(()) } else { Err(Refusal::not_found("token").into()) }
    }

    /// For whom a personal token speaks, and its scope, if it's good. Its use is noted in the background.
    pub(in crate::accounts) async fn personal(&self, secret: &Secret) -> Result<Option<(UserId, TokenScope)>> {
        let (now, hash) = (self.clock.now(), secret.hash());
        let found = self.db.read(move |c| store::good(c, &hash, now)).await?;
        let Some(Good { id, user, scope, used_at }) = found else { return Ok(None) };
        if used_at.is_none_or(|used_at| now.since(used_at) >= USED_WITHIN) {
            let db = self.db.clone();
            tokio::spawn(async move {
                if let Err(error) = db.write(move |c| store::touch(c, id, now)).await {
                    tracing::warn!(%error, "the use of a personal token could not be noted");
                }
            });
        }
        Ok(Some((user, scope)))
    }
}

fn ended() -> Refusal {
    Refusal::new(Kind::Unauthenticated, "unauthenticated", "this sign-in has ended: sign in again")
}

fn too_many() -> Refusal {
    Refusal::conflict("too_many_tokens", "you have 20 personal tokens, the most there can be: revoke one first")
}
