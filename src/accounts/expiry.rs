//! What of accounts ends by itself, and is removed then.

use super::personal_tokens::store as personal_tokens;
use super::service::Accounts;
use super::sessions::{SESSION_IDLE, store as sessions};
use crate::error::{Error, Result};

impl Accounts {
    /// Removes sign-ins and personal tokens that are over, and says how many there were.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn remove_expired(&self) -> Result<usize> {
        let now = self.clock.now();
        self.db
            .write(move |c| {
                let tokens = personal_tokens::delete_expired(c, now)?;
                sessions::delete_expired(c, now, now - SESSION_IDLE).map(|sessions| sessions + tokens)
            })
            .await
            .map_err(Error::from)
    }
}
