//! Hashing passwords with argon2id (RFC 9106), a few at a time: each takes 19 MiB while it lasts. The number that may wait is a
//! lecture hall's that signs in at once; the last of them gets an answer in some seconds. More are refused.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::error::{Error, Kind, Refusal, Result};

/// Hashes at once, so that a flood of sign-ins takes neither all memory nor all cores.
const AT_ONCE: usize = 2;
/// The most hashes that wait for their turn.
const WAITING_MAX: usize = 300;
/// When somebody should come again who was refused because so many wait.
const RETRY: Duration = Duration::from_secs(5);

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    /// One for each hash that is made or waits.
    room: Arc<Semaphore>,
    /// One for each hash that is made.
    places: Arc<Semaphore>,
    /// A hash that nobody has, verified where there is no account, so that both answers take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// Makes the hash that stands in for missing accounts.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn new() -> Result<Self> {
        let nobody = hash("")?;
        let room = Arc::new(Semaphore::new(AT_ONCE + WAITING_MAX));
        Ok(Self { room, places: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// 503 `overloaded` when too many hashes wait; 500 `internal` when the machine has no randomness.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || hash(&password)).await
    }

    /// Whether this is the password; with no hash to compare with, as slowly as with one, no.
    ///
    /// # Errors
    /// 503 `overloaded` when too many hashes wait; 500 `internal` when what was stored is no hash.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool> {
        let nobody = Arc::clone(&self.nobody);
        self.run(move || {
            let known = stored.is_some();
            let stored = stored.as_deref().unwrap_or(&nobody);
            let stored = PasswordHash::new(stored).map_err(|error| Error::internal("read a password hash", error))?;
            let right = Argon2::default().verify_password(password.as_bytes(), &stored).is_ok();
            Ok(known && right)
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let room = Arc::clone(&self.room).try_acquire_owned().map_err(|_| overloaded())?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            let _held = (room, place);
            work()
        })
        .await
        .map_err(|error| Error::internal("hash a password", error))?
    }
}

fn overloaded() -> Refusal {
    let detail = "too many people sign in at this moment: try again in a few seconds";
    Refusal::new(Kind::Unavailable, "overloaded", detail).retry_after(RETRY)
}

fn hash(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::internal("hash a password", error))
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn so_many_wait_and_no_more() {
        let passwords = Passwords::new().unwrap();
        // A thread polls them one after the other, so the first ones find room.
        let outcomes = join_all((0..AT_ONCE + WAITING_MAX + 3).map(|_| passwords.verify(String::new(), None))).await;
        let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(refused, 3);
        let Err(Error::Refused(refusal)) = &outcomes[AT_ONCE + WAITING_MAX] else { panic!("the last are refused") };
        assert_eq!((refusal.code, refusal.retry_after), ("overloaded", Some(RETRY)));
        assert!(!passwords.verify(String::new(), None).await.unwrap(), "there is room again");
    }
}
