//! Teams: who belongs to them.

use super::{Membership, Role, Slug, store};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::id::UserId;

/// Hiring teams and their members. Cheap to clone.
#[derive(Clone)]
pub struct Teams {
    db: Db,
    clock: Clock,
}

impl Teams {
    /// Teams in a database.
    #[must_use]
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// Makes a person a member of a team, in place of the role that the person had; makes the team where there is none.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn join(&self, team: Slug, user: UserId, role: Role) -> Result<()> {
        let now = self.clock.now();
        self.db.write(move |c| store::join(c, &team, user, role, now)).await.map_err(Error::from)?;
        Ok(())
    }

    /// Whether any team has an owner.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn have_an_owner(&self) -> Result<bool> {
        Ok(self.db.read(store::have_an_owner).await?)
    }

    /// The teams that a person belongs to, by slug.
    ///
    /// # Errors
    /// 500 `internal` when the database fails.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        Ok(self.db.read(move |c| store::memberships(c, user)).await?)
    }
}
