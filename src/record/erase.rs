//! Erasing an account, with what each feature has to do about it.

use super::service::Records;
use crate::error::Result;
use crate::id::UserId;
use crate::teams;

impl Records {
    /// Erases an account with everything that belongs to it: sign-ins, answers, responses, attempts, submissions, memberships, and
    /// teams that have nobody else.
    ///
    /// # Errors
    /// 403 `wrong_password` when the password is not right, 409 `last_owner` when a team with other members would have no owner, 503
    /// `overloaded` when too many passwords wait to be compared; 500 `internal` when the database fails.
    pub async fn erase(&self, user: UserId, password: String) -> Result<()> {
        self.accounts.erase(user, password, teams::leave_all).await
    }
}
