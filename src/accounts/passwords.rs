//! Hashing passwords with argon2id (RFC 9106), a few at a time: each takes 19 MiB while it lasts.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Hashes at once, so that a flood of sign-ins takes neither all memory nor all cores.
const AT_ONCE: usize = 2;

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
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
        Ok(Self { places: Arc::new(Semaphore::new(AT_ONCE)), nobody: nobody.into() })
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || hash(&password)).await
    }

    /// Whether this is the password; with no hash to compare with, as slowly as with one, no.
    ///
    /// # Errors
    /// When what was stored is no hash.
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
        let place = Arc::clone(&self.places).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await
        .map_err(|error| Error::internal("hash a password", error))?
    }
}

fn hash(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::internal("hash a password", error))
}
