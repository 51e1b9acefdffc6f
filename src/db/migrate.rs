//! The migrations, in pairs with the same names, embedded in the binary.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{AnyConnection, Error};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Taken while migrating, so that of several processes that start at once one migrates and the others wait.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_lock(8317451)";
const ADVISORY_UNLOCK: &str = "SELECT pg_advisory_unlock(8317451)";

pub(super) fn run(connection: &mut AnyConnection) -> Result<(), Error> {
    use diesel::connection::SimpleConnection;
    match connection {
        // A second process waits here for the first, then finds nothing left to do.
        AnyConnection::Sqlite(c) => {
            c.immediate_transaction(|c| c.run_pending_migrations(SQLITE).map(drop).map_err(Error::Migration))
        }
        AnyConnection::Postgres(c) => {
            c.batch_execute(ADVISORY_LOCK)?;
            let outcome = c.run_pending_migrations(POSTGRES).map(drop).map_err(Error::Migration);
            c.batch_execute(ADVISORY_UNLOCK)?;
            outcome
        }
    }
}

pub(super) fn revert_all(connection: &mut AnyConnection) -> Result<(), Error> {
    let reverted = match connection {
        AnyConnection::Sqlite(c) => c.revert_all_migrations(SQLITE).map(drop),
        AnyConnection::Postgres(c) => c.revert_all_migrations(POSTGRES).map(drop),
    };
    reverted.map_err(Error::Migration)
}
