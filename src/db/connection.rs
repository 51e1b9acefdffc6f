//! The connection, in a file of its own: the derive writes a good many items beside it.

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// The embedded database, one file.
    Sqlite(diesel::SqliteConnection),
    /// The database for more than one machine.
    Postgres(diesel::PgConnection),
}
